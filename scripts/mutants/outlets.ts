import { type Mutant, mutantsOf } from "./mutant.ts";

const unsubscribe = mutantsOf("unsubscribe-", "src/sync.ts", ["test/unsubscribe.test.ts"]);
const closing = mutantsOf("unsubscribe-", "src/deliver.ts", ["test/unsubscribe.test.ts"]);
const newest = mutantsOf("newest-", "src/options.ts", ["test/unsubscribe.test.ts"]);
const outlet = mutantsOf("outlet-", "src/outlet.ts", ["test/outlets/webhooks.test.ts"]);
const event = mutantsOf("outlet-event-", "src/outlet/event.ts", ["test/outlets/webhooks.test.ts"]);
const address = mutantsOf("outlet-address-", "src/outlet/address.ts", ["test/outlets/webhooks.test.ts"]);
const post = mutantsOf("outlet-post-", "src/outlet/post.ts", ["test/outlets/webhooks.test.ts"]);
const sign = mutantsOf("outlet-sign-", "src/verify/sign.ts", ["test/outlets/webhooks.test.ts"]);
const webhooks = mutantsOf("webhooks-", "outlets/webhooks/index.ts", ["test/outlets/webhooks.test.ts"]);
const nats = mutantsOf("nats-", "outlets/nats/index.ts", ["test/outlets/nats.test.ts"]);
const subject = mutantsOf("nats-subject-", "outlets/nats/subject.ts", ["test/outlets/nats.test.ts"]);
const trouble = mutantsOf("nats-trouble-", "outlets/nats/trouble.ts", ["test/outlets/nats.test.ts"]);
const rudder = mutantsOf("rudderstack-", "outlets/rudderstack/index.ts", ["test/outlets/rudderstack.test.ts"]);
const batch = mutantsOf("rudderstack-batch-", "outlets/rudderstack/batch.ts", ["test/outlets/rudderstack.test.ts"]);
const zapier = mutantsOf("zapier-", "outlets/zapier/index.ts", ["test/outlets/zapier.test.ts"]);
const hooks = mutantsOf("zapier-hooks-", "outlets/zapier/hooks.ts", ["test/outlets/zapier.test.ts"]);
const answers = mutantsOf("zapier-handler-", "outlets/zapier/handler.ts", ["test/outlets/zapier.test.ts"]);
const item = mutantsOf("zapier-item-", "outlets/zapier/item.ts", ["test/outlets/zapier.test.ts"]);

/** Guards of what tells others, and of what an application needs whose subscribers come and go. */
export const outlets: readonly Mutant[] = [
  unsubscribe("forget", "nothing is remembered of it", "      await forgetSubscription(engine, name);\n", ""),
  unsubscribe("drain", "a drain delivers nothing to it", "      deliveries.delete(name);\n", ""),
  closing("page", "no later page begins", "way(() => closed || enough(), linger)", "way(enough, linger)"),
  closing("wait", "what is under way ends before it is forgotten", "    await running;\n", ""),
  newest(
    "type",
    "a type that there is not is said",
    "for (const type of options.types ?? []) checkType(engine, type);\n  if (options.id",
    "if (options.id",
  ),
  newest(
    "most",
    "no more than a thousand at once",
    "id: z.string().optional(),\n  limit: z.number().int().min(1).max(1_000).optional(),",
    "id: z.string().optional(),\n  limit: z.number().int().min(1).optional(),",
  ),

  outlet("out", "what nothing is said of is left out", "if (said !== undefined) await send", "await send"),
  outlet("types", "an outlet's options are the subscription's", "([, one]) => one !== undefined", "() => false"),
  event("dot", "an id has no full stop", `cursor.replaceAll(".", "-")`, "cursor"),
  event("deleted", "a tombstone is a deletion", `after === null ? "deleted" : `, ""),
  event("created", "what was not there is created", `before === null ? "created" : `, ""),
  event("source", "a CloudEvent has a source", ` || source === ""`, ""),
  address(
    "literal",
    "an address that is written as one is looked at",
    "isIP(address) !== 0 && !isPublic(address)",
    "false",
  ),
  address("name", "an address that a name leads to is looked at", "allowPrivate ? all : all.filter(isPublic)", "all"),
  address(
    "none",
    "a name without a public address is refused",
    "if (safe.length === 0) throw",
    "if (all.length === 0) throw",
  ),
  address("brackets", "brackets are no part of an address", `hostname.replace(/^\\[|\\]$/g, "")`, "hostname"),
  address(
    "mapped",
    "IPv4 within IPv6 is IPv4",
    "if (within !== undefined) return isPublic(within);",
    "if (within !== undefined) return true;",
  ),
  address("zone", "an address of one link is not public", ` || address.includes("%")`, ""),
  address("global", "of IPv6 only what is given out is public", `GLOBAL_V6.check(address, "ipv6") && `, ""),
  address("aside", "tunnels and documentation are not public", ` && !PRIVATE_V6.check(address, "ipv6")`, ""),
  address("metadata", "the address of a cloud's own data is not public", `  ["169.254.0.0", 16],\n`, ""),
  address(
    "one",
    "one address is answered where one is asked for",
    "if (options.all) callback(null, found);\n        else ",
    "",
  ),
  post(
    "https",
    "only https unless http is allowed",
    `target?.protocol === "https:" || (allowHttp && target?.protocol === "http:")`,
    "/^https?:$/.test(target?.protocol ?? '')",
  ),
  post("user", "no password stands in a URL", `|| target.username !== "" || target.password !== ""`, ""),
  post(
    "time",
    "an endpoint that never answers costs its time",
    "const signal = AbortSignal.timeout(timeout);",
    "const { signal } = new AbortController();",
  ),
  post("most", "an answer without end is cut off", "if (size > MOST) answer.destroy();", ""),
  post("gone", "410 ends it", "if (status === 410) throw", "if (status === 9_410) throw"),
  post(
    "refused",
    "what refuses the change parks it",
    "if (status >= 400 && status < 500 && !ENDPOINT.includes(status))",
    "if (false as boolean)",
  ),
  post("endpoint", "what refuses the endpoint stops all", " && !ENDPOINT.includes(status)", ""),
  post(
    "redirect",
    "a redirect is no success",
    "if (status >= 200 && status < 300) return;",
    "if (status >= 200 && status < 400) return;",
  ),
  post("after", "Retry-After is waited for", "throw new RetryLater(wait,", "throw new RetryLater(0,"),
  sign(
    "stop",
    "an id with a full stop is refused",
    "if (!/^[!-\\-/-~]{1,256}$/.test(id)) throw",
    "if (false as boolean) throw",
  ),
  sign(
    "all",
    "each secret gives a signature",
    "const signatures = secrets.map(",
    "const signatures = secrets.slice(0, 1).map(",
  ),
  sign("long", "a secret has 64 bytes at most", " && bytes.length <= LONGEST", ""),
  sign("short", "a secret has 24 bytes at least", "bytes.length >= SHORTEST && ", ""),
  webhooks("now", "the signature is of the attempt", "at: new Date(time.now())", "at: change.at"),
  webhooks("type", "the content type is that of the envelope", `"content-type": contentType, `, ""),
  nats("id", "a message that comes again is known", "msgID: changeId(change), ", ""),
  nats("refused", "a message that is too large is parked", "if (refusesChange(cause)) throw cause;", ""),
  nats("wait", "a server that is away is waited for", "if (refusesChange(cause)) throw cause;", "throw cause;"),
  nats("ack", "it goes on when the stream has it", "await publisher.publish(to,", "void publisher.publish(to,"),
  nats("prefix", "a prefix is a subject", `if (!/^[\\w-]+(\\.[\\w-]+)*$/.test(prefix)) {`, "if (false as boolean) {"),
  subject("dots", "a type is one part of a subject", "/[.*!'()~]/g", "/[*!'()~]/g"),
  subject("star", "a wildcard in an id is none", "/[.*!'()~]/g", "/[.!'()~]/g"),
  subject("empty", "no part of a subject is empty", `if (text === "") return "_";`, ""),
  subject("blank", "what is written for nothing is not what is called so", `if (text === "_") return "%5F";`, ""),
  subject("half", "half a character is no error", ".toWellFormed()", ""),
  trouble("large", "what the client refuses is refused", ` || name === "InvalidArgumentError"`, ""),
  rudder("user", "an event that is nobody's is left out", "if (!whose) return;", ""),
  rudder("id", "messageId is the change's", "messageId: changeId(change), ", ""),
  rudder("path", "a data plane may have a path", `base.href.endsWith("/") ? base : \`\${base.href}/\``, "base"),
  batch("event", "an event that is too large is not sent", "if (size > EVENT) {", "if (false as boolean) {"),
  batch("request", "a request is no larger than it may be", "if (room < size) {", "if (requests.length === 0) {"),
  batch(
    "one",
    "of a batch that is refused each goes by itself",
    "else for (const one of some) await deliver([one]);",
    "else for (const one of some) one.reject(cause);",
  ),
  batch(
    "down",
    "a target that is down is not asked once more for each event",
    "!(cause instanceof ServiceError) || some.length === 1",
    "some.length === 1",
  ),
  answers(
    "neither",
    "no scope is not all scopes",
    "if (grant !== true && view.scope",
    "if (grant === true && view.scope",
  ),
  zapier("look", "hooks that there are are opened", "  await hooks.look();\n", ""),
  zapier("watch", "hooks of others are seen", "  hooks.watch();\n", ""),
  hooks(
    "from",
    "a hook begins where it was turned on",
    "      await sync.rewind(subscriptionOf(hook.id), end.cursor);\n",
    "",
  ),
  hooks("kept", "a hook is kept by the application", "      await hooks.add(hook);\n", ""),
  hooks("gone", "410 ends a hook", "if (cause instanceof TargetGone) await leave(hook.id);", ""),
  hooks(
    "end",
    "nothing is left of a hook that is off",
    "    sync.unsubscribe(subscriptionOf(id)).catch(() => {});\n",
    "",
  ),
  hooks("removed", "a hook that another process removed ends", "if (!all.has(id)) end(id);", ""),
  hooks(
    "added",
    "a hook that is added meanwhile stays",
    "const before = [...open.keys()];",
    "const before = open.keys();",
  ),
  hooks("late", "a hook that ended meanwhile does not begin again", " || ended.has(hook.id)) continue;", ") continue;"),
  hooks("twice", "a hook that could not begin is not kept", "        await hooks.remove(hook.id);\n", ""),
  hooks(
    "known",
    "a hook of a type that is gone is left alone",
    `if (await isType(sync, eventOf(hook.event)?.type ?? "")) begin(hook);`,
    "begin(hook);",
  ),
  hooks("often", "the list is not read for each change", "if (time.now() < listed + LOOK) return;", ""),
  hooks("list", "a list that cannot be had is waited for", "throw new RetryLater(0,", "throw new Error("),
  answers("deny", "who may not see, may not", `if (!grant) throw new Refusal(401, "not for you");`, ""),
  answers(
    "types",
    "only what the caller may see is shown",
    "if (types && !types.includes(event.type)) throw",
    "if (false as boolean) throw",
  ),
  answers(
    "scope",
    "a poll shows the caller's scope",
    "...(view.scope !== undefined && { scope: view.scope }) };\n    const all",
    "};\n    const all",
  ),
  answers("others", "another's hook stays", "if (hook && mayEnd(hook, view)) await", "if (hook) await"),
  answers("host", "a hook leads to Zapier", " && hosts.includes(url.host)", ""),
  answers("https", "a hook is https", `url?.protocol === "https:" || (allowHttp && url?.protocol === "http:")`, "true"),
  answers("large", "a request has its size", "if (text.length > LARGEST) throw", "if (false as boolean) throw"),
  answers("most", "a poll gives no more than it may", "items.slice(0, MOST)", "items"),
  answers(
    "deep",
    "an event of one kind is looked for further back",
    "event.what === undefined ? MOST : LOOKED_AT",
    "MOST",
  ),
  answers("again", "while it cannot be saved Zapier is asked to come again", "json(503,", "json(500,"),
  item("id", "each change has an id of its own", "changeId(change)}", "1}"),
  item("what", "an event names what happened", "what === undefined ||", "true ||"),
];
