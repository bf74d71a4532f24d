import { type Mutant, mutantsOf } from "./mutant.ts";

const route = mutantsOf("page-", "inspector/src/route.ts", ["test/page/pure.page.ts"]);
const diff = mutantsOf("page-", "inspector/src/diff.ts", ["test/page/pure.page.ts"]);
const events = mutantsOf("page-", "inspector/src/events.ts", ["test/page/pure.page.ts"]);
const keys = mutantsOf("page-", "inspector/src/keys.ts", ["test/page/pure.page.ts"]);
const find = mutantsOf("page-", "inspector/src/find.ts", ["test/page/pure.page.ts"]);
const series = mutantsOf("page-", "inspector/src/series.ts", ["test/page/pure.page.ts"]);
const providers = mutantsOf("page-", "inspector/src/providers.ts", ["test/page/pure.page.ts"]);
const types = mutantsOf("page-", "inspector/src/types.ts", ["test/page/pure.page.ts"]);
const words = mutantsOf("page-", "inspector/src/words.ts", ["test/page/pure.page.ts"]);
const state = mutantsOf("page-", "inspector/src/parts/state.tsx", ["test/page/hostile.page.ts"]);
const bits = mutantsOf("page-", "inspector/src/parts/bits.tsx", ["test/page/hostile.page.ts"]);
const main = mutantsOf("page-", "inspector/src/main.tsx", ["test/page/door.page.ts"]);
const token = mutantsOf("page-", "inspector/src/token.ts", ["test/page/door.page.ts"]);
const api = mutantsOf("page-", "inspector/src/api.ts", ["test/page/door.page.ts"]);
const asked = mutantsOf("page-", "inspector/src/hooks.ts", ["test/page/door.page.ts"]);
const filter = mutantsOf("page-", "inspector/src/parts/filter.tsx", ["test/page/door.page.ts"]);
const act = mutantsOf("page-", "inspector/src/parts/act.tsx", ["test/page/acts.page.ts"]);
const follow = mutantsOf("page-", "inspector/src/follow.ts", ["test/page/stream.page.ts"]);
const ledger = mutantsOf("page-", "src/health/ledger.ts", ["test/receive.test.ts"]);

/** Guards of the inspector's page. */
export const page: readonly Mutant[] = [
  route("encode", "an id stays one part of an address", ".map(encodeURIComponent).join", ".join"),
  route("decode", "what cannot be decoded is taken as it is", "    return part;\n", `    return "";\n`),
  diff("kind", "a list is another thing than an object", "Array.isArray(before) !== Array.isArray(after) || ", ""),
  diff("empty", "a list that became empty is one difference", " || (was.size === 0) !== (is.size === 0)", ""),
  diff("most", "there is an end to differences", "found.length >= MOST || ", ""),
  diff("stamp", "what always changes is named last", ".sort((a, b) => Number(isStamp(a)) - Number(isStamp(b)))", ""),
  events("rest", "a piece that ends in an event waits for its rest", "(rest + piece)", "piece"),
  events("place", "an event without an id leaves the place", `of("id") ?? id;`, `of("id") ?? null;`),
  keys("held", "a key with a modifier is the browser's", "ctrlKey || metaKey || altKey || ", ""),
  keys("field", "what is written in a field is text", " || isField(target)", ""),
  keys("soon", "a letter long after g is a letter", "timeStamp - since < SOON ? ", "since >= 0 ? "),
  find("type", "only a type that there is can be opened", "types.includes(type) && rest", "rest"),
  series("old", "what is older is not drawn", "index < 0 || ", ""),
  series("wanted", "a provider's curve is its own", " || !wanted(hour.type)", ""),
  providers("scope", "a scope's loss is not counted twice", "scope === null && splitType", "splitType"),
  providers(
    "own",
    "a provider's types are its own",
    "splitType(type)[0] === key);\n  const losses",
    "type.startsWith(key));\n  const losses",
  ),
  providers(
    "loss-known",
    "what nobody could know is not called none",
    `known ? "none in 7 days" :`,
    `known || true ? "none in 7 days" :`,
  ),
  main("fragment", "a link that is pasted over an open page is taken", `takeToken() && location.reload()`, `{}`),
  types(
    "order",
    "an order that there is not is the usual one",
    "sort !== undefined && Object.hasOwn(orders, sort)",
    "sort !== undefined",
  ),
  words("late", "what was about nothing makes no change late", "Math.max(...times)", "Math.min(...times)"),
  state(
    "markup",
    "a state is text",
    "<bdi>{whole ? text : text.slice(0, SHOWN)}</bdi>",
    "<bdi dangerouslySetInnerHTML={{ __html: text }} />",
  ),
  bits(
    "text",
    "what others wrote is text",
    '<bdi class={code ? "code" : undefined}>{children}</bdi>',
    "<bdi dangerouslySetInnerHTML={{ __html: code ? children : children }} />",
  ),
  token(
    "leave",
    "the token leaves the address",
    `history.replaceState(null, "", location.pathname + location.search);`,
    "",
  ),
  api("ask", "a token that is not right is asked for", "refused({ token: bearer !== null });", ""),
  api(
    "sentence",
    "a refusal is no answer",
    "if (error !== undefined || body === undefined ||",
    "if (body === undefined ||",
  ),
  asked(
    "fresh",
    "an answer to an earlier question is not shown",
    "const fresh = answer.key === key;",
    "const fresh = true;",
  ),
  filter("half", "what is half written is kept", "value={text}", "value={current}"),
  act("operate", "without operate there is no button", "if (!about.operate) return null;", ""),
  act("confirm", "what does much asks first", "(confirm ? dialog.current?.showModal() : void run())", "void run()"),
  follow(
    "resume",
    "a stream goes on where it was cut off",
    "cursor = await read(answer.body, cursor ?? null, sink);",
    "await read(answer.body, cursor ?? null, sink);",
  ),
  follow("again", "a stream that was cut off is asked for again", "    await pause(wait, signal);", "    return;"),
  ledger(
    "last-webhook",
    "the last webhook is told in the scope of what it was about",
    "for (const { type, scope } of event.refs) at(type, scope).webhook = now;",
    "for (const type of event.types) at(type, event.scope).webhook = now;",
  ),
];
