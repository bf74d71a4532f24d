import { type Mutant, mutantsOf } from "./mutant.ts";

const gid = mutantsOf("shopify-gid-", "providers/shopify/gid.ts", ["test/providers/shopify.webhook.test.ts"]);
const definition = mutantsOf("shopify-definition-", "providers/shopify/definition.ts", [
  "test/providers/shopify.webhook.test.ts",
]);
const graphql = mutantsOf("shopify-graphql-", "providers/shopify/graphql.ts", ["test/providers/shopify.read.test.ts"]);
const shops = mutantsOf("shopify-shops-", "providers/shopify/shops.ts", ["test/providers/shopify.read.test.ts"]);
const named = mutantsOf("shopify-shops-", "providers/shopify/shops.ts", ["test/providers/shopify.options.test.ts"]);
const page = mutantsOf("shopify-page-", "providers/shopify/page.ts", ["test/providers/shopify.list.test.ts"]);
const inner = mutantsOf("shopify-inner-", "providers/shopify/inner.ts", ["test/providers/shopify.list.test.ts"]);
const place = mutantsOf("shopify-place-", "providers/shopify/place.ts", ["test/providers/shopify.list.test.ts"]);
const name = mutantsOf("shopify-page-", "providers/shopify/page.ts", ["test/providers/shopify.read.test.ts"]);
const list = mutantsOf("shopify-list-", "providers/shopify/list.ts", ["test/providers/shopify.list.test.ts"]);
const feed = mutantsOf("shopify-feed-", "providers/shopify/feed.ts", ["test/providers/shopify.list.test.ts"]);
const events = mutantsOf("shopify-events-", "providers/shopify/events.ts", ["test/providers/shopify.list.test.ts"]);
const proof = mutantsOf("shopify-events-", "providers/shopify/events.ts", ["test/providers/shopify.read.test.ts"]);
const read = mutantsOf("shopify-read-", "providers/shopify/read.ts", ["test/providers/shopify.read.test.ts"]);
const query = mutantsOf("shopify-query-", "providers/shopify/query.ts", ["test/providers/shopify.query.test.ts"]);
const look = mutantsOf("shopify-look-", "providers/shopify/look.ts", ["test/providers/shopify.webhook.test.ts"]);
const webhook = mutantsOf("shopify-webhook-", "providers/shopify/webhook.ts", [
  "test/providers/shopify.webhook.test.ts",
]);
const privacy = mutantsOf("shopify-privacy-", "providers/shopify/privacy.ts", [
  "test/providers/shopify.webhook.test.ts",
]);
const topics = mutantsOf("shopify-topics-", "providers/shopify/topics.ts", ["test/providers/shopify.webhook.test.ts"]);
const index = mutantsOf("shopify-index-", "providers/shopify/index.ts", ["test/providers/shopify.webhook.test.ts"]);
const options = mutantsOf("shopify-options-", "providers/shopify/options.ts", [
  "test/providers/shopify.options.test.ts",
]);

/** Guards of the Shopify provider. */
export const shopify: readonly Mutant[] = [
  gid("safe", "a number that is no whole one is no id", `Number.isSafeInteger(value) && value >= 0`, `true`),
  gid("digits", "nor is a text with more than digits", `/^\\d{1,20}$/.test(value)`, `/^\\d/.test(value)`),
  definition(
    "object",
    "an id of another object is none of this type",
    `if (named !== undefined && named !== object && !aliases.includes(named)) return undefined;`,
    ``,
  ),

  graphql("throttled", "an empty bucket is waited for", `if (codes.includes("THROTTLED"))`, `if (codes.includes("X"))`),
  graphql("costly", "what costs too much is told apart", `codes.includes("MAX_COST_EXCEEDED")`, `codes.includes("X")`),
  graphql("denied", "a type that is refused is lost access", `codes.includes("ACCESS_DENIED")`, `codes.includes("X")`),
  graphql("whole", "a part is no state", `if (failures.length === 0 && data) return data;`, `if (data) return data;`),
  graphql("bucket", "a bucket too small is not waited for", `if (asked > maximumAvailable)`, `if (asked < 0)`),
  graphql("wait", "a wait is as long as it takes", `(asked - currentlyAvailable) / restoreRate`, `asked / 1_000`),
  graphql("least", "no wait is shorter than a second", `Math.max(LEAST, wait)`, `wait`),
  graphql("finite", "a bucket that does not fill is a second", `Number.isFinite(seconds) ? Math`, `true ? Math`),
  graphql("status", "a status that refuses is lost access", `if (why !== undefined) throw`, `if (why === "") throw`),
  graphql(
    "again",
    "a refused token is asked for anew",
    `answer.status === 401 && typeof`,
    `answer.status === 499 && typeof`,
  ),
  graphql("same", "the same token is not tried again", `if (second !== first) answer`, `answer`),
  graphql("token", "without a token nothing is asked", `typeof given === "string" && given !== ""`, `true`),
  graphql("shop", "no token leaves for what is no shop", `if (isShop(shop)) return shop;`, `return shop;`),
  shops("end", "the domain ends there", `\\.myshopify\\.com$/`, `\\.myshopify\\.com/`),
  named("given", "what the application gives is checked", `if (!isShop(shop)) throw`, `if (shop === "") throw`),

  page("window", "a list goes on beyond 25,000", `count >= WINDOW`, `count >= WINDOW * 9`),
  page("above", "above the last id", `numberOf(nodes.at(-1)?.id)`, `numberOf(nodes.at(0)?.id)`),
  page(
    "ignored",
    "a filter that was left out is noticed",
    `compareNumbers(first, above) > 0) return;`,
    `true) return;`,
  ),
  page(
    "rest",
    "what a page cut off is read",
    `if (rest.length === 0) return { found, next };`,
    `return { found, next };`,
  ),
  place(
    "reached",
    "what cannot be reached is not at its end",
    "if (endCursor && endCursor !== cursor) return endCursor;",
    "return endCursor || null;",
  ),
  place("moves", "a cursor moves", "endCursor && endCursor !== cursor", "endCursor"),
  inner("last", "nothing comes after the last rest", `all.length === 0 && at.last ? null`, `all.length === 0 ? null`),
  inner("gone", "what held the rest may be gone", `node === null ? { found: [], rest: [] } :`, ``),
  page("types", "the next type follows", `if (next !== null || !at.type?.next) return next;`, `return next;`),
  page("no-types", "there may be no types", `if (!definition) return null;`, ``),
  name("shop", "another shop is not this scope", `if (name === context.scope) return answer;`, `return answer;`),

  list("quoted", "times are quoted", "updated_at:>='", "updated_at:>="),
  list("day", "by the day is from the day before", `updated === "day" ? since - DAYS : since`, `since`),
  feed("overlap", "some is read again", `const OVERLAP = 300_000;`, `const OVERLAP = 0;`),
  feed("fresh", "a second may hold another change", `time === undefined || time > now - FRESH`, `time === undefined`),
  feed("filtered", "what did not change since is left out", `if (time !== undefined && time < from) continue;`, ``),
  feed("began", "the next pass begins where this one began", `Math.min(latest, began)`, `latest`),
  feed("began-kept", "a pass keeps its beginning", `pass.at === null ? now : pass.began`, `now`),
  feed("timeless", "a pass without times moves on, too", "time ?? began", "time ?? latest"),
  feed("place", "a pass goes on where it was", `let at = pass.at ?? BEGIN;`, `let at = BEGIN;`),
  feed(
    "told",
    "a pass that took several polls is followed by none at once",
    `pass.at !== null || isTimeless`,
    `isTimeless`,
  ),
  feed("silent", "a poll that tells nothing goes on", `MOST_PAGES : MOST_SILENT`, `MOST_PAGES : MOST_PAGES`),
  feed("told-timeless", "nor is one without times", `pass.at !== null || isTimeless`, `pass.at !== null`),

  feed("daily", "by the day is once an hour", `Math.max(every ?? 0, DAILY)`, `(every ?? EVERY)`),
  events("destroy", "only deletions are", `data?.action === "destroy" ? data`, `data ? data`),
  events("none", "no feed without such types", `if (served.length === 0) return undefined;`, ``),
  proof(
    "ids",
    "of these ids",
    `if (id !== undefined && ids.includes(id)) found.add(id);`,
    `for (const one of ids) found.add(one);`,
  ),

  read(
    "hidden",
    "an old order is not gone",
    `source.definition.ofOrder || (await`,
    `source.definition.ofOrder !== undefined || (await`,
  ),
  read("granted", "where the app sees all, nothing is hidden", `(await mayReadAll(source.ask, context))`, `false`),
  read("scope", "by the scope of that name", `handle === "read_all_orders"`, `handle !== ""`),
  read("deleted", "an event proves a deletion", `if (deleted.has(ids[i] ?? "")) return gone;`, ``),
  read("most", "at most 250 at once", `if (ids.length > most) return split(most);`, ``),
  read("halves", "what is too costly is halved", `!(error instanceof TooCostly) || ids.length < 2`, `true`),
  read(
    "one",
    "one that is too costly is an error",
    `!(error instanceof TooCostly) || ids.length < 2`,
    `!(error instanceof TooCostly)`,
  ),
  read("strange", "what is no id is not asked for", `const asked = ids.filter(isId);`, `const asked = [...ids];`),
  read("count", "as many as were asked for", `if (answer.length !== ids.length) {`, `if (answer.length < 0) {`),
  read(
    "identity",
    "what came back is what was asked for",
    `node["__typename"] === definition.object && idOf(definition, node) === id`,
    `true`,
  ),
  read("object", "and of this type", `node["__typename"] === definition.object && idOf`, `idOf`),
  query(
    "sorted",
    "only what has the key is sorted by it",
    `sorted = (connection: string): boolean => !UNSORTED.has(connection)`,
    `sorted = (_connection: string): boolean => true`,
  ),

  look(
    "first",
    "the first path with an id counts",
    `if (ids.length > 0) return ids.map`,
    `if (path === paths.at(-1)) return ids.map`,
  ),
  look("gid", "anywhere, only global ids are ids", `path === "**" ? gidOnly(value) : value`, `value`),
  look(
    "level",
    "a level's item is in its own id",
    `named ?? numberOf(body["inventory_item_id"])`,
    `numberOf(body["inventory_item_id"])`,
  ),
  topics("names", "a topic is only a name", `Object.hasOwn(topics, resource) ?`, `resource !== "" ?`),
  webhook(
    "signature",
    "only Shopify is believed",
    `if (verifyHmac(secrets, [request.body], headerOf(request, "hmac-sha256"), { encoding: "base64" })) return;`,
    `if (secrets.length > 0) return;`,
  ),
  webhook("domain", "a delivery names its shop", `if (!isShop(shop)) throw`, `if (shop === "x") throw`),
  webhook(
    "scope",
    "the shop is the one it was sent to",
    `request.scope !== undefined && request.scope !== shop`,
    `request.scope === ""`,
  ),
  webhook("body", "the body is of the shop", `if (said.toLowerCase() !== shop) throw`, `if (said === "x") throw`),
  webhook("own", "the time is the payload's own", `own && version !== undefined &&`, `version !== undefined &&`),
  webhook("unversioned", "what has no version gets none", ` && definitions[type].unversioned === undefined ?`, ` ?`),
  webhook(
    "cause",
    "a counter is no delivery's id",
    `if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return undefined;`,
    ``,
  ),
  webhook(
    "access",
    "an empty body tells nothing",
    `isOfAccess(topic) && numberOf(body["id"]) !== undefined`,
    `isOfAccess(topic)`,
  ),
  privacy(
    "redact",
    "only what asks to forget does",
    `customer, orders_to_redact: z.array(number) });`,
    `customer, orders_to_redact: z.array(number).default([]) });`,
  ),
  privacy("shop", "a customer's request is no shop's", `customer: z.undefined().optional() });`, `});`),
  index("secret", "a secret is that of the shop", `await secretsOf(shop)`, `await secretsOf(request.scope)`),
  index(
    "privacy",
    "a request that failed comes again",
    `await onPrivacy?.(privacy);`,
    `Promise.resolve(onPrivacy?.(privacy)).catch(() => {});`,
  ),
  index(
    "hints",
    "a request is no hint",
    `if (privacy === undefined) return hintsOf(delivery, types);`,
    `hintsOf(delivery, types);\n    if (privacy === undefined) return hintsOf({ ...delivery, topic: "" }, types);`,
  ),
  options(
    "one",
    "one token is of one shop",
    `typeof token !== "function" && !(one && typeof`,
    `typeof token !== "function" && !(typeof`,
  ),
  options("token", "a token has no space in it", `/^[!-~]+$/.test(token)`, `token !== ""`),
  options("version", "a version is one", `/^(\\d{4}-\\d{2}|unstable)$/.test(apiVersion)`, `true`),
  options("type", "types are known", `if (!isType(type)) throw`, `if (type === "x") throw`),
];
