import { type Mutant, mutantsOf } from "./mutant.ts";

const tests = ["test/providers/standard-webhooks.event.test.ts"];
const index = mutantsOf("standard-index-", "providers/standard-webhooks/index.ts", tests);
const event = mutantsOf("standard-event-", "providers/standard-webhooks/event.ts", tests);
const options = mutantsOf("standard-options-", "providers/standard-webhooks/options.ts", tests);

/** Guards of `tidemark/standard-webhooks`. What is signed, and how, is among those of `tidemark/verify`. */
export const standardWebhooks: readonly Mutant[] = [
  index(
    "verify",
    "a webhook is verified",
    `const { id } = verifyStandardWebhook(await secretsOf(request.scope), request, { tolerance });`,
    `const id = request.headers.get("webhook-id") ?? "";`,
  ),
  index("scope", "with the secret of its scope", `secretsOf(request.scope)`, `secretsOf(undefined)`),
  index("tolerance", "for as long as was asked for", `request, { tolerance }`, `request`),
  index("own", "what the provider has is kept", `    ...provider,\n`, ""),
  event("own", "names are only ever names", `Object.hasOwn(map, key) ? map[key] : undefined`, `map[key]`),
  event("name", "a name is of bounded length", `z.string().max(256)`, `z.string()`),
  event("time", "an odd time is none", `!Number.isNaN(at.getTime()) && { at }`, `{ at }`),
  event("whole", "an id is a whole number, or text", `z.int()`, `z.number()`),
  event("empty", "an empty id is none", `one !== undefined && one !== ""`, `one !== undefined`),
  event(
    "exact",
    "large numbers are not rounded",
    `const body = parseJson(bytes);`,
    `const body = JSON.parse(Buffer.from(bytes).toString());`,
  ),
  event(
    "longest",
    "the longest beginning counts",
    `let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)`,
    `let end = name.indexOf("."); end > 0; end = name.indexOf(".", end + 1)`,
  ),
  event("cause", "a hint may have an event of its own", `({ event: cause, ...hint })`, `({ ...hint, event: cause })`),
  options("resources", "there must be resources", `types.length === 0`, `false`),
  options("tolerance", "the tolerance is milliseconds", `!(Number.isFinite(tolerance) && tolerance >= 0)`, `false`),
  options(
    "events",
    "events are types by names, or a function",
    `typeof events !== "object" || events === null`,
    `false`,
  ),
  options("types", "an event is of a type that there is", `!types.includes(type)`, `false`),
];
