import { type Mutant, mutantsOf } from "./mutant.ts";

const client = mutantsOf("stripe-client-", "providers/stripe/client.ts", ["test/providers/stripe.read.test.ts"]);
const lost = mutantsOf("stripe-client-", "providers/stripe/client.ts", ["test/providers/stripe.connect.test.ts"]);
const read = mutantsOf("stripe-read-", "providers/stripe/read.ts", ["test/providers/stripe.read.test.ts"]);
const list = mutantsOf("stripe-list-", "providers/stripe/list.ts", ["test/providers/stripe.read.test.ts"]);
const wait = mutantsOf("stripe-client-", "providers/stripe/client.ts", ["test/providers/stripe.contract.test.ts"]);
const nameless = mutantsOf("stripe-event-", "providers/stripe/event.ts", ["test/providers/stripe.contract.test.ts"]);
const feed = mutantsOf("stripe-feed-", "providers/stripe/feed.ts", ["test/providers/stripe.feed.test.ts"]);
const apart = mutantsOf("stripe-feed-", "providers/stripe/feed.ts", ["test/providers/stripe.connect.test.ts"]);
const webhook = mutantsOf("stripe-webhook-", "providers/stripe/webhook.ts", ["test/providers/stripe.webhook.test.ts"]);
const event = mutantsOf("stripe-event-", "providers/stripe/event.ts", ["test/providers/stripe.webhook.test.ts"]);
const receiver = mutantsOf("stripe-index-", "providers/stripe/index.ts", ["test/providers/stripe.webhook.test.ts"]);
const index = mutantsOf("stripe-index-", "providers/stripe/index.ts", ["test/providers/stripe.test.ts"]);
const connect = mutantsOf("stripe-index-", "providers/stripe/index.ts", ["test/providers/stripe.connect.test.ts"]);
const accounts = mutantsOf("stripe-accounts-", "providers/stripe/accounts.ts", [
  "test/providers/stripe.connect.test.ts",
]);
const owner = mutantsOf("stripe-accounts-", "providers/stripe/accounts.ts", ["test/providers/stripe.read.test.ts"]);
const options = mutantsOf("stripe-options-", "providers/stripe/options.ts", ["test/providers/stripe.test.ts"]);
const connectOptions = mutantsOf("stripe-options-", "providers/stripe/options.ts", [
  "test/providers/stripe.connect.test.ts",
]);
const types = mutantsOf("stripe-types-", "providers/stripe/types.ts", ["test/providers/stripe.read.test.ts"]);
const points = mutantsOf("stripe-points-", "providers/stripe/points.ts", ["test/providers/stripe.test.ts"]);
const children = mutantsOf("stripe-points-", "providers/stripe/points.ts", ["test/providers/stripe.webhook.test.ts"]);

/** Guards of the Stripe provider. */
export const stripe: readonly Mutant[] = [
  client("status", "an answer of no success is none", `if (statusCode < 300) return answer;`, `return answer;`),
  client("retries", "the client does not repeat by itself", `maxNetworkRetries: 0, timeout`, `timeout`),
  client("again", "a broken connection is tried once more", `retries: 1`, `retries: 0`),
  client(
    "broken",
    "only a broken connection is tried again",
    `shouldRetry: ({ error }) => broke(error)`,
    `shouldRetry: () => true`,
  ),
  client("slow", "a request that was too slow is not repeated", ` && detail?.code !== "ETIMEDOUT"`, ``),
  client("signal", "nobody waits any longer", `minTimeout: 100, signal, shouldRetry`, `minTimeout: 100, shouldRetry`),
  client("limited", "429 makes the scope rest", `statusCode === 429 || code === "rate_limit"`, `code === "rate_limit"`),
  wait("asked", "a limit rests as long as it asks", `const ms = asked ?? `, `const ms = `),
  nameless("nameless", "an empty id of an event is none", `id !== "" && {`, `{`),
  client("limited-400", "so does its code alone", `statusCode === 429 || code === "rate_limit"`, `statusCode === 429`),
  client("lock", "a lock is waited for shortly", `busy ? LOCK_PAUSE : PAUSE`, `reason === undefined ? PAUSE : PAUSE`),
  client("401", "a key that is refused is lost access", `if (statusCode === 401)`, `if (statusCode === 499)`),
  client("403", "a type that is refused is lost access", `if (statusCode === 403)`, `if (statusCode === 499)`),
  lost("account", "a connected account is read as itself", `...(scope !== "" && { stripeAccount: scope })`, ``),
  lost("revoked", "an account that left says so", `if (code === "account_invalid")`, `if (code === "x")`),

  read(
    "identity",
    "what came back is what was asked for",
    `answer["object"] !== type) throw isAnother();`,
    `answer["object"] !== type) return answer as object;`,
  ),
  read("own", "the answer has the id", `|| answer["id"] !== own ||`, `||`),
  read("object", "the answer is of the type", ` || answer["object"] !== type) throw`, `) throw`),
  read("deleted", "what says that it is deleted is gone", `if (isDeleted(answer)) return gone;`, ``),
  read(
    "missing",
    "only resource_missing is an absence",
    `if (statusCode !== 404 || code !== "resource_missing") throw error;`,
    `if (statusCode !== 404) throw error;`,
  ),
  read(
    "missing-404",
    "only with a 404",
    `if (statusCode !== 404 || code !== "resource_missing") throw error;`,
    `if (code !== "resource_missing") throw error;`,
  ),
  read(
    "mode",
    "an object of the other mode is not gone",
    `if (!/exists in (test|live) mode/.test(message)) return null;`,
    `return null;`,
  ),
  read("path", "an id is one part of a path", "encodeURIComponent(own)", "own"),
  read(
    "belongs",
    "an item is of the subscription that was asked for",
    `if (idOf(source, answer) !== id) throw isAnother();`,
    ``,
  ),
  list("page", "pages of a hundred", `const LIMIT = "100";`, `const LIMIT = "10";`),
  list("kind", "a list holds its type alone", `if (object !== source.type) throw`, `if (object === "") throw`),
  list("listed", "an object without an id is none", `typeof id === "string" && typeof object`, `typeof object`),
  list("since", "from a date on", `(object.created ?? Infinity) >= (since ?? 0)`, `true`),
  list(
    "since-asked",
    "a list is asked from the date on",
    `since === undefined || undated ? {}`,
    `undated || since !== 0 ? {}`,
  ),
  list("listed-deleted", "a list's deleted objects are none", `!isDeleted(object) && `, ``),
  list("passes", "every pass is read", `{ ...BEGIN, pass: at.pass + 1 }`, `{ ...BEGIN, pass: at.pass + 9 }`),
  list(
    "cursor",
    "only the cursor's own absence is one",
    `if (code !== "resource_missing" || param !== "starting_after") throw error;`,
    `if (code !== "resource_missing") throw error;`,
  ),
  list(
    "vanished",
    "a list goes on where its cursor vanished",
    `if (created !== null && !undated)`,
    `if (created === 0)`,
  ),
  list(
    "second",
    "the boundary second is read again",
    `{ "created[lte]": String(created) }`,
    `{ "created[lte]": String(created - 1) }`,
  ),
  list("restarts", "a list begins anew a few times only", `if (restarts >= RESTARTS) throw error;`, ``),
  list(
    "parentless",
    "what is within nothing is nothing",
    `if (code === "resource_missing" && param === name) return`,
    `if (code === "x") return`,
  ),
  list(
    "parentless-only",
    "another absence is an error",
    `code === "resource_missing" && param === name`,
    `code === "resource_missing"`,
  ),
  list(
    "probe",
    "a list that is not there is lost access",
    `if (failureOf(cause).statusCode !== 404) throw cause;`,
    `throw cause;`,
  ),
  list("probe-other", "another failure is none", `if (failureOf(cause).statusCode !== 404) throw cause;`, ``),
  list(
    "probe-within",
    "the items themselves are asked for",
    `if (parent) await first(definition, { [within]: parent.id });`,
    ``,
  ),
  types("canceled", "canceled subscriptions are listed", `passes: [{ status: "all" }]`, `passes: [{}]`),
  types("inactive", "inactive prices are listed", `{ active: "true" }, { active: "false" }`, `{ active: "true" }`),

  feed("settle", "only what has settled is read", `const SETTLE = 60;`, `const SETTLE = 0;`),
  feed("overlap", "some is read again", `const OVERLAP = 600;`, `const OVERLAP = 0;`),
  feed("least", "a short window waits", `const LEAST = 60;`, `const LEAST = 0;`),
  feed("window", "a window keeps its end", `const upTo = window?.upTo ?? settled;`, `const upTo = settled;`),
  feed(
    "whole",
    "a window is read to its end",
    `read.after === undefined ? { created: upTo }`,
    `true ? { created: upTo }`,
  ),
  feed(
    "forgotten",
    "an event that was forgotten is no end",
    `if (after !== undefined && param === "starting_after") return`,
    `if (after === "") return`,
  ),
  feed("none", "a server without events has no feed", `if (statusCode === 404) return undefined;`, ``),
  feed("named", "as many events as are remembered", `return before < NAMED;`, `return true;`),
  feed("order", "the oldest first", `return kept.reverse();`, `return kept;`),
  feed("others", "another account's events are its own", `account === "" || account === scope`, `true`),
  apart("its-own", "an account's events may name it", `account === "" || account === scope`, `account === ""`),
  apart(
    "account",
    "an account's feed is asked",
    `window?.after, { scope, signal, now })`,
    `window?.after, { scope: "", signal, now })`,
  ),

  webhook("time", "a signature is of this time", `Math.abs(now / 1_000 - Number(time)) > TOLERANCE`, `false`),
  webhook(
    "future",
    "nor of the future",
    `Math.abs(now / 1_000 - Number(time)) > TOLERANCE`,
    `now / 1_000 - Number(time) > TOLERANCE`,
  ),
  webhook("holds", "a signature holds", `if (!holds.includes(true))`, `if (holds.length === 0)`),
  webhook(
    "scheme",
    "only v1 counts",
    `signatures: valuesOf("v1")`,
    `signatures: [...valuesOf("v1"), ...valuesOf("v0")]`,
  ),
  webhook("twice", "there is one time", ` || another !== undefined`, ``),
  webhook("digits", "a time is digits", ` || !/^\\d{1,12}$/.test(time)`, ``),
  receiver(
    "own",
    "the Connect secret is not believed for the own account",
    `account === "" ? !byOwn : !byConnected`,
    `account === "" ? false : !byConnected`,
  ),
  receiver(
    "connected",
    "the own secret is not believed for connected accounts",
    `account === "" ? !byOwn : !byConnected`,
    `account === "" ? !byOwn : false`,
  ),
  receiver("scope", "a hint is of its account", `hints.map((hint) => ({ ...hint, scope: account }))`, `hints`),
  receiver(
    "single",
    "without accounts another account's events are of no use",
    `return account === "" ? hints : [];`,
    `return hints;`,
  ),
  receiver(
    "empty",
    "an empty Connect secret is refused",
    `connectSecret !== undefined ? currentSecrets`,
    `connectSecret ? currentSecrets`,
  ),
  event("selected", "only selected types", `isOneOf(types, ref.type));`, `ref.type !== ""&& types.size > 0);`),
  event("joined", "thin and snapshot are one", `id: event.snapshot_event ?? event.id`, `id: event.id`),
  event("context", "a thin event names its account", `, account: context }`, `, account: "" }`),
  event(
    "distinct",
    "each resource is named once",
    `return { account: said.account ?? "", hints: [...distinct.values()] };`,
    `return { account: said.account ?? "", hints: selected.map(({ type, id }) => ({ type, id, ...event })) };`,
  ),
  children(
    "items",
    "an event of a subscription leads to its items",
    `if (within) children.set(`,
    `if (within && type === "customer") children.set(`,
  ),
  points("list", "each of a list", `Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : []`, `[]`),
  points("names", "names from the outside are only names", `Object.hasOwn(definitions, name)`, `name in definitions`),

  index("related", "only what is selected is related", `.filter((ref) => selected.has(ref.type))`, ``),
  index(
    "lag",
    "a list may be behind",
    `const READ_LAG = { fetch: 0, list: 5_000 };`,
    `const READ_LAG = { fetch: 0, list: 0 };`,
  ),
  index("unlisted", "without a backfill nothing is listed", `!within && backfill !== "none" &&`, `!within &&`),
  connect("probe", "the key is of the account that was named", `      await checkOwn(client, account, context);\n`, ``),
  connect("platform", "the own account may be left out", `scopesOf(accounts, platform)`, `scopesOf(accounts, true)`),
  owner("other", "another account is lost access", `if (id !== account) throw`, `if (id === "") throw`),
  owner("kind", "what answers is an account", `object: z.literal("account"), `, ``),
  owner("connected", "a connected account is not asked whose it is", ` || access.scope !== ""`, ``),
  accounts("id", "what a function gives are accounts", `    if (!isAccount(id)) throw new TypeError(MESSAGE);\n`, ``),
  accounts("list", "what is listed are accounts", ` || !accounts.every(isAccount)`, ``),
  options("client", "a client is one", `typeof client?.rawRequest !== "function"`, `client === undefined`),
  options("types", "a type is one", `if (!isType(type)) throw`, `if (type === undefined) throw`),
  options("empty", "at least one type", ` || types.length === 0`, ``),
  options(
    "backfill",
    "a backfill is one",
    `if (backfill !== "all" && backfill !== "none" && !isDate)`,
    `if (backfill === undefined)`,
  ),
  connectOptions(
    "within",
    "an item without its subscription",
    `if (within !== undefined && !types.includes(within))`,
    `if (within === "customer")`,
  ),
  connectOptions(
    "alone",
    "a Connect secret without accounts",
    `else if (connectSecret !== undefined || platform !== undefined)`,
    `else if (platform === null)`,
  ),
  connectOptions(
    "account",
    "an account's id is one",
    `account !== undefined && !/^acct_\\w+$/.test(account)`,
    `account === ""`,
  ),
  connectOptions(
    "every",
    "a period is one",
    `if (!(Number.isFinite(pollEvery) && pollEvery > 0))`,
    `if (pollEvery < 0)`,
  ),
];
