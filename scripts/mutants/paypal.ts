// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they stand in what is mutated
import { type Mutant, mutantsOf } from "./mutant.ts";

const hosts = mutantsOf("paypal-hosts-", "providers/paypal/hosts.ts", ["test/providers/paypal.webhook.test.ts"]);
const fields = mutantsOf("paypal-fields-", "providers/paypal/fields.ts", ["test/providers/paypal.webhook.test.ts"]);
const webhook = mutantsOf("paypal-webhook-", "providers/paypal/webhook.ts", ["test/providers/paypal.webhook.test.ts"]);
const event = mutantsOf("paypal-event-", "providers/paypal/event.ts", ["test/providers/paypal.webhook.test.ts"]);
const points = mutantsOf("paypal-points-", "providers/paypal/points.ts", ["test/providers/paypal.webhook.test.ts"]);
const index = mutantsOf("paypal-index-", "providers/paypal/index.ts", ["test/providers/paypal.webhook.test.ts"]);
const options = mutantsOf("paypal-options-", "providers/paypal/options.ts", ["test/providers/paypal.read.test.ts"]);
const webhookId = mutantsOf("paypal-options-", "providers/paypal/options.ts", [
  "test/providers/paypal.webhook.test.ts",
]);
const token = mutantsOf("paypal-token-", "providers/paypal/token.ts", ["test/providers/paypal.read.test.ts"]);
const client = mutantsOf("paypal-client-", "providers/paypal/client.ts", ["test/providers/paypal.read.test.ts"]);
const read = mutantsOf("paypal-read-", "providers/paypal/read.ts", ["test/providers/paypal.read.test.ts"]);
const pages = mutantsOf("paypal-pages-", "providers/paypal/pages.ts", ["test/providers/paypal.read.test.ts"]);
const list = mutantsOf("paypal-list-", "providers/paypal/list.ts", ["test/providers/paypal.read.test.ts"]);
const within = mutantsOf("paypal-within-", "providers/paypal/within.ts", ["test/providers/paypal.read.test.ts"]);
const types = mutantsOf("paypal-types-", "providers/paypal/types.ts", ["test/providers/paypal.read.test.ts"]);
const sources = mutantsOf("paypal-index-", "providers/paypal/index.ts", ["test/providers/paypal.read.test.ts"]);
const feed = mutantsOf("paypal-feed-", "providers/paypal/feed.ts", ["test/providers/paypal.feed.test.ts"]);
const feeds = mutantsOf("paypal-feeds-", "providers/paypal/feeds.ts", ["test/providers/paypal.feed.test.ts"]);
const places = mutantsOf("paypal-pages-", "providers/paypal/pages.ts", ["test/providers/paypal.feed.test.ts"]);

/** Guards of the PayPal provider. */
export const paypal: readonly Mutant[] = [
  hosts("https", "what is PayPal's comes by TLS", `protocol === "https:" && `, ""),
  hosts("host", "and from a host of PayPal's", `HOSTS.has(host) && `, ""),
  hosts("user", "with no user in it", ` && username === "" && password === ""`, ""),
  hosts("link", "a link leads to PayPal", `url !== null && isPayPal(url) ? url : undefined`, `url ?? undefined`),
  fields("id", "an id is no path", String.raw`/^\w[\w.-]{0,127}$/.test(value)`, `value !== ""`),

  webhook("id", "a transmission's id has no strokes", `!ID.test(id) || `, ""),
  webhook("time", "a time is RFC 3339", ` || !TIME.test(time)`, ""),
  webhook("algorithm", "the algorithm is fixed", `header("auth-algo") !== "SHA256withRSA"`, `false`),
  webhook("tolerance", "a time is near, if it must be", `!(Math.abs(now - Date.parse(time)) <= tolerance)`, `false`),
  webhook("base64", "a signature is written in one way", `signature.toString("base64") !== text`, `false`),
  webhook(
    "path",
    "a certificate is one of a webhook's",
    ` && /^\\/v1\\/notifications\\/certs\\/\\w[\\w-]{0,255}$/.test(url.pathname)`,
    "",
  ),
  webhook("host", "a certificate is PayPal's", `isPayPal(url) && `, ""),
  webhook("holds", "a signature must hold", `if (holds) return;`, `return;`),
  webhook("begun", "a certificate has begun", ` && Date.parse(certificate.validFrom) <= now`, ""),
  webhook("ended", "a certificate has not ended", ` && now <= Date.parse(certificate.validTo)`, ""),
  webhook("crc", "the body is signed, too", `|\${crc}\``, `|\${crc32("")}\``),
  webhook("all", "each webhook's id is tried", `webhookIds.some((webhook)`, `webhookIds.slice(0, 1).some((webhook)`),
  webhookId("strokes", "a webhook's id has no strokes", `!/^[\\w-]+$/.test(id)`, `false`),
  index("verified", "a webhook is verified first", `await verifySignature(`, `void (`),

  event("kind", "a refunded capture's event carries the refund", `refund: "refund" },`, `refund: "capture" },`),
  event(
    "refunded",
    "its name says so, too",
    `["PAYMENT.CAPTURE.REFUNDED", "refund"]`,
    `["PAYMENT.CAPTURE.REFUNDED", "capture"]`,
  ),
  event(
    "reversed",
    "and that of one that was reversed",
    `["PAYMENT.CAPTURE.REVERSED", "refund"]`,
    `["PAYMENT.CAPTURE.REVERSED", "capture"]`,
  ),
  event("sale", "a refunded sale is not its refund", `id: ["sale_id", "id"]`, `id: ["id"]`),
  event("approval", "a reversed approval is of an order", `id: ["order_id"]`, `id: ["id"]`),
  event("nested", "an invoice may be a field", `idsAt(resource, "invoice.id").length > 0`, `false`),
  event(
    "own",
    "a kind is one of the table",
    `Object.hasOwn(carried, kind) ? carried[kind]`,
    `carried[kind] ? carried[kind]`,
  ),
  event("link", "the resource's link tells where nothing else does", ` ?? refAt(linkOf(resource, "self"))`, ""),
  event("types", "what is not wanted is left out", `(types as ReadonlySet<string>).has(type)`, `true`),
  event("id", "an empty id is no event's", `const event = id && {`, `const event = id !== undefined && {`),
  event(
    "version",
    "a version is the least that a read must show",
    `...(version !== undefined && { version }) };`,
    `};`,
  ),
  event("within", "what is within it is looked at, too", `...collectionsOf(self), `, ""),
  points("agreement", "an agreement of the old API is no subscription", ` || !id.startsWith("I-")`, ""),
  points("dispute", "a dispute may be of a sale", `["capture", "sale"]`, `["capture"]`),
  points("up", "a refund's link names its capture", `...(up ? [up] : []), `, ""),
  points("nothing", "a link that names more is not that resource's", `found && isId(id) ?`, `found && id ?`),
  points(
    "children",
    "a child's id alone finds nothing",
    `.filter((type) => definitions[type].within === undefined)`,
    "",
  ),

  options("client", "an empty credential is none", ` && value.trim() !== ""`, ""),
  options("colon", "a colon would end the client id", `clientId.includes(":")`, `false`),
  options("types", "what is within another needs it", `within !== undefined && !types.includes(within.type)`, `false`),
  options("known", "a type is one of the table", `!isType(type)`, `false`),
  options("date", "a date is one", ` && !Number.isNaN(backfill.getTime())`, ""),
  options("tolerance", "a tolerance is a number", `!(tolerance >= 0)`, `tolerance < 0`),
  options("poll", "polls are not endless", `pollEvery >= LEAST_POLL && `, ""),

  token("margin", "a token is not used to its last second", ` - MARGIN`, ""),
  token("kept", "a token is kept", `if (kept && access.now() < kept.until) return kept.token;`, ""),
  token("until", "a token ends", ` && access.now() < kept.until`, ""),
  token("flight", "many who need a token ask once", `flight ??= {`, `flight = {`),
  token(
    "stopped",
    "who only waited is not stopped",
    `if (!signal.aborted || access.signal.aborted) throw error;`,
    `throw error;`,
  ),
  token("refused", "a token that was replaced is not thrown away", `if (kept?.token === token) kept`, `kept`),
  token("empty", "an empty token is none", `z.string().min(1)`, `z.string()`),
  client(
    "again",
    "a token that ended is exchanged",
    `first.answer.status === 401 ? await ask(path, access, asked) : first;`,
    `first;`,
  ),
  client("refuse", "and not used again", `if (first.answer.status === 401) tokens.refuse(first.token);`, ""),
  client("401", "a new token that is refused is lost access", `throw new AccessLost(`, `throw new Error(`),
  client("pause", "a limit may name no time", ` ?? PAUSE`, ` ?? 1`),
  client("404", "only PayPal says that there is nothing", `if (status !== 404) return false;`, ""),
  client(
    "name",
    "a 404 says so",
    `said.some((name) => name === "RESOURCE_NOT_FOUND" || name === "INVALID_RESOURCE_ID")`,
    `said.length > 0`,
  ),
  client("details", "or says so in its details", `, ...valuesAt(body, "details.*.issue")]`, `]`),
  read("itself", "the answer is what was asked for", ` && idIn(definition, answer.body) === id`, ""),
  read(
    "hidden",
    "one that is refused is not all",
    `if (!(cause instanceof AccessLost) || !definition.list) throw cause;`,
    `throw cause;`,
  ),
  read(
    "nobody",
    "where others cannot be listed nobody knows",
    ` || !definition.list) throw cause;\n    await readPage(source.paypal, definition.list, null, context);`,
    `) throw cause;`,
  ),
  read(
    "others",
    "it is hidden only if others can be read",
    `    await readPage(source.paypal, definition.list, null, context);\n`,
    "",
  ),
  read(
    "parent",
    "what is within another has an id of its own",
    `definition.within ? id.slice(id.indexOf("/") + 1) : id`,
    `id`,
  ),
  pages(
    "back",
    "where the total has fallen the page before is read again",
    `page > 1 && before !== undefined`,
    `false && before !== undefined`,
  ),
  pages(
    "total",
    "a total may be text",
    `Number(fieldOf(body, "total_items") ?? Number.NaN)`,
    `(fieldOf(body, "total_items") as number)`,
  ),
  pages("last", "a list may have more than it shows", `!moved && page >= pages`, `false`),
  pages("more", "a full page is not the last", ` || rows.length >= (list.size ?? 1)`, ""),
  pages("next", "nor one that names another", `link !== undefined || rows.length`, `rows.length`),
  pages(
    "list",
    "an answer that is no list is no empty one",
    `!Array.isArray(found) && !(found === undefined && says)`,
    `false`,
  ),
  pages("onward", "a link names a page of this list", "link?.pathname !== `/${path}`", `!link`),
  pages("whole", "a next page that cannot be asked for is no end", `if (!isNamed) return`, `if (!link) return`),
  pages(
    "round",
    "a list that names itself never ends",
    `if (isDeepStrictEqual(next, asked)) throw`,
    `if (false) throw`,
  ),
  pages("fallen", "as many pages as went are read again", `Math.ceil(fallen / size)`, `1`),
  pages(
    "missing",
    "a list that is not there is no empty one",
    `if (answer.status >= 400) throw`,
    `if (answer.status >= 500) throw`,
  ),
  places("ended", "a place may be no more", `at === null ? [404] : [400, 404]`, `[404]`),
  list("since", "what is older is left out", `id === undefined || isOld`, `id === undefined`),
  list("moves", "a version is told only where it moves", `list.moves && timeOf`, `timeOf`),
  list("updated", "and only where it is there", ` && timeOf(row["update_time"]) !== undefined`, ""),
  list("app", "the credentials are the app's", `await checkApp(paypal, webhookIds, context);`, ""),
  list("list", "a type that has a list can be listed", `if (list) await readPage(`, `if (false) await readPage(`),
  list(
    "parent",
    "what is within another is readable if that is",
    `list ?? (within && definitions[within.type].list)`,
    `list`,
  ),
  list("gateway", "only PayPal says that there is no webhook", `if (!isNotFound(answer))`, `if (false)`),
  within(
    "gone",
    "what is gone has nothing within it",
    `if (error instanceof Missing) return { rows: [], next: null };`,
    "",
  ),
  within("id", "what is no id is no part of a path", ` || !isId(parent)`, ""),
  within(
    "until",
    "the end of a span is required",
    `query: { ...within.query, ...until }`,
    `query: { ...within.query }`,
  ),
  within("rows", "a row without an id is left out", `.filter((item) => idIn(definition, item) !== undefined)`, ""),
  types("prefer", "a plan's row has its time only if asked", `headers: { prefer: "return=representation" },`, ""),
  types("status", "a status has a time of its own", `[...TIMES, "status_update_time"]`, `TIMES`),
  types("fields", "a batch is read without its items", `page_size: "1", fields: "batch_header"`, `page_size: "1"`),
  sources("backfill", "without a backfill nothing is listed", ` && backfill !== "none"`, ""),
  sources("related", "what is not wanted is left out", `.filter((ref) => selected.has(ref.type))`, ""),

  feed(
    "least",
    "a window that is too short waits",
    `if (cursor !== null && !window && now - since < LEAST) return { hints: [], cursor };`,
    "",
  ),
  feed(
    "ended",
    "a window of several polls is followed by none at once",
    `window !== undefined && hints.length > 0`,
    `false`,
  ),
  feed("horizon", "no time before the horizon is asked for", `at.since < now - horizon ?`, `false ?`),
  feed("known", "a page that is never given is an error", ` && at === begin && context.now() - told >= KNOWN`, ``),
  feed("overlap", "what was read is read again a while", `since - overlap`, `since`),
  feed("pages", "a poll ends", `pages < PAGES`, `true`),
  feed("on", "the next poll goes on", `next === null ? end`, `true ? end`),
  feed("end", "a window keeps its end", `window?.until ?? now`, `now`),
  feed("anew", "a place that is no more begins the window anew", `if (error instanceof Ended &&`, `if (false &&`),
  feed("newest", "sixteen are named", `return count <= NAMED;`, `return true;`),
  feed("order", "the newest ones", `timeOf(b) - timeOf(a)`, `timeOf(a) - timeOf(b)`),
  feeds(
    "odd",
    "an event that is none stops nothing",
    `  } catch {\n    return [];\n  }`,
    `  } catch (error) {\n    throw error;\n  }`,
  ),
  feeds("later", "a subscription is looked at again", `const again = isDue ?`, `const again = false ?`),
  feeds("once", "but not by each poll", `window.since < at + ms && at + ms <= window.until`, `at + ms <= window.until`),
  feeds("due", "and not before", `window.since < at + ms && at + ms <= window.until`, `window.since < at + ms`),
  feeds("only", "and nothing else is", `.filter(({ type }) => type === "subscription") : [];`, ` : [];`),
  feeds("dispute", "a dispute is named by its time", "id: `${id} ${time}`", "id: `${id}`"),
  feeds("types", "a feed is there for its types", `.filter(([, { types }]) => types.length > 0)`, ""),
  feeds(
    "both",
    "both ends of a window are given",
    `({ status_updated_after, status_updated_before })`,
    `({ status_updated_after })`,
  ),
];
