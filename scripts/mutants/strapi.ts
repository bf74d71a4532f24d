import { type Mutant, mutantsOf } from "./mutant.ts";

const api = mutantsOf("strapi-api-", "providers/strapi/api.ts", ["test/providers/strapi.read.test.ts"]);
const read = mutantsOf("strapi-read-", "providers/strapi/read.ts", ["test/providers/strapi.read.test.ts"]);
const list = mutantsOf("strapi-list-", "providers/strapi/list.ts", ["test/providers/strapi.read.test.ts"]);
const ids = mutantsOf("strapi-id-", "providers/strapi/id.ts", ["test/providers/strapi.read.test.ts"]);
const hidden = mutantsOf("strapi-id-", "providers/strapi/id.ts", ["test/providers/strapi.webhook.test.ts"]);
const feed = mutantsOf("strapi-feed-", "providers/strapi/feed.ts", ["test/providers/strapi.feed.test.ts"]);
const marks = mutantsOf("strapi-id-", "providers/strapi/id.ts", ["test/providers/strapi.feed.test.ts"]);
const webhook = mutantsOf("strapi-webhook-", "providers/strapi/webhook.ts", ["test/providers/strapi.webhook.test.ts"]);
const receiver = mutantsOf("strapi-index-", "providers/strapi/index.ts", ["test/providers/strapi.webhook.test.ts"]);
const options = mutantsOf("strapi-options-", "providers/strapi/options.ts", ["test/providers/strapi.options.test.ts"]);
const types = mutantsOf("strapi-types-", "providers/strapi/types.ts", ["test/providers/strapi.options.test.ts"]);
const index = mutantsOf("strapi-index-", "providers/strapi/index.ts", ["test/providers/strapi.options.test.ts"]);
const placed = mutantsOf("strapi-feed-", "providers/strapi/feed.ts", ["test/providers/strapi.read.test.ts"]);

/** Guards of the Strapi provider. */
export const strapi: readonly Mutant[] = [
  api(
    "foreign",
    "only Strapi's own 404 is an absence",
    `failure.safeParse(body).data?.error.name === "NotFoundError"`,
    `body !== null`,
  ),
  api("missing", "a list that is not found is lost access", `if (answer.status === 404) throw notFound(type);`, ""),
  api("probe", "a single type that is not found is lost access", `  if (status === 404) throw notFound(type);\n}`, `}`),
  api("shape", "what has no number is no entry", `  row.parse(state);\n`, ""),
  api("rows", "what is no list is none", `  rows.parse(data);\n`, ""),
  api("cap", "Strapi's own limit cuts a page", `Math.min(limit, given?.limit ?? 1)`, `limit`),
  api("files", "the list of files has no pagination in its answer", `given?.limit ?? 1`, `given?.limit ?? limit + 1`),
  api("locales", "all locales are listed", `locale: locale ?? "*"`, `locale: locale ?? "en"`),
  api("populate", "relations are in a list's items, too", `...(whole && populated(type)), `, ""),
  read(
    "place",
    "an id that cannot be is not asked for",
    `if (place === undefined) return gone;`,
    `if (!place) return null;`,
  ),
  read("status", "another version is not believed", `  checkStatus(source, place, state);\n`, ""),
  read(
    "other",
    "another entry is not believed",
    `if (idOf(source.type, state) === id) return state;`,
    `if (id) return state;`,
  ),
  read("single", "a single type's entry is another one", `if (source.type.kind === "single") return null;`, ""),
  read(
    "alone",
    "what a list leaves out is asked for by itself",
    `found.get(id) ?? (await fetchOne(source, id, context))`,
    `found.get(id) ?? null`,
  ),
  read("url", "a URL stays short", `batch.length < TOGETHER`, `batch.length < 1_000`),
  read(
    "version",
    "those of one version are read together",
    `\`\${place.locale} \${place.status}\``,
    `\`\${place.locale}\``,
  ),
  list(
    "order",
    "a list goes by the numbers of rows",
    `"sort[0]": "id:asc", "filters[id][$gt]": String(after)`,
    `"filters[id][$gt]": String(after)`,
  ),
  list(
    "on",
    "a list that does not go on is an error",
    `rows.some(({ id }) => Number(id) <= after)`,
    `rows.length > 1_000`,
  ),
  list("statuses", "each status is listed", `at + 1 < statuses.length ? \`\${at + 1}:0\` : null`, `null`),
  ids("parts", "an id has no more parts than its type", `parts.length > 0 || `, ""),
  ids("word", "what is in a path is a word", `!isWord(key) || (localized`, `key === undefined || (localized`),
  ids(
    "locale",
    "a locale in a path is a word",
    `(localized && !isWord(locale))) return undefined`,
    `(localized && locale === undefined)) return undefined`,
  ),
  ids("file", "a file's id is a number", `if (kind === "media" && !/^\\d+$/.test(key)) return undefined;`, ""),
  ids(
    "known",
    "a status in an id is one of the type's",
    `if (!(statuses as readonly (string | undefined)[]).includes(status)) return undefined;`,
    "",
  ),
  ids("told", "a state says what it is", `if (!told) throw`, `if (told === null) throw`),
  hidden(
    "hidden",
    "a hidden time is of either version",
    `typeof publishedAt === "string" ? "published" : undefined`,
    `"published"`,
  ),
  marks(
    "mark",
    "a row's number is in its mark",
    `[id, row, updatedAt, publishedAt].join(" ")`,
    `[id, updatedAt, publishedAt].join(" ")`,
  ),
  feed(
    "published",
    "a publication moves its own time alone",
    `[updated, { status, field: "publishedAt" }]`,
    `[updated]`,
  ),
  feed("updated", "a draft has one time", `status === "draft" || `, `status !== undefined || `),
  feed("overlap", "a minute is read again", `Date.parse(from.at) - OVERLAP`, `Date.parse(from.at)`),
  feed(
    "future",
    "a time in the future hides nothing",
    `Math.min(Math.max(Date.parse(from.at), Date.parse(at)), context.now())`,
    `Math.max(Date.parse(from.at), Date.parse(at))`,
  ),
  feed("begin", "nor at the first poll", `Math.min(timeIn(rows[0], field), context.now())`, `timeIn(rows[0], field)`),
  feed(
    "empty",
    "what was empty is read from the beginning",
    ` : 0;\n  return { rows: []`,
    ` : context.now();\n  return { rows: []`,
  ),
  feed("same", "many have one time", `"filters[$or][1][id][$gt]": id`, `"filters[$or][1][id][$gt]": "9999999"`),
  feed("digits", "a walk does not stay at one page", `shown === at && row === id ?`, `shown === row ?`),
  placed(
    "placed",
    "an entry that cannot be asked for is no hint",
    `rows.filter((row) => isPlaced(source.type, row))`,
    `rows`,
  ),
  list("placed", "nor is it listed", `rows.filter((row) => isPlaced(source.type, row))`, `rows`),
  feed(
    "ended",
    "a walk of several polls is followed by none at once",
    `from.id !== undefined && rows.length > 0`,
    `false`,
  ),
  feed("pages", "a poll ends", `page <= MOST_PAGES`, `page <= 9 * MOST_PAGES`),
  feed("way", "a walk goes on where it was", `return { rows, to: { at, id } };`, `return { rows, to: { at } };`),
  feed(
    "time",
    "a hidden time is an error",
    `if (!Number.isNaN(time)) return time;`,
    `return Number.isNaN(time) ? 0 : time;`,
  ),
  feed("gone", "a single type's entry that went away is told", `...gone.map((id) => ({ type: source.name, id }))`, ""),
  feed("first", "the first poll of a single type tells nothing", `known && !known.includes`, `!known?.includes`),
  webhook(
    "token",
    "the header holds the secret",
    `!verifyToken(expected, headers.get(header))`,
    `!headers.get(header)`,
  ),
  webhook("bearer", "a bearer's secret is one", `header === "authorization" ? "Bearer " : ""`, `""`),
  webhook(
    "hmac",
    "the signature holds",
    `!verifyHmac(secrets, [body], header.slice("sha256=".length))`,
    `secrets.length === 0`,
  ),
  webhook(
    "algorithm",
    "the algorithm is named",
    `!header.startsWith("sha256=") || !verifyHmac(secrets, [body], header.slice("sha256=".length))`,
    `!verifyHmac(secrets, [body], header.replace("sha256=", ""))`,
  ),
  webhook(
    "uid",
    "a webhook is of one type",
    `given.uid === type.uid ? entriesIn(type, given) : []`,
    `entriesIn(type, given)`,
  ),
  webhook("media", "files have events of their own", `"media" in given ? [fileIn(given)] : []`, `[fileIn(given)]`),
  webhook(
    "release",
    "a release has all types asked",
    `if (given.event.startsWith("releases.")) return [undefined];`,
    "",
  ),
  webhook(
    "null",
    "a webhook without an entry has the type asked",
    `if (!entry || !isWord(key) || (localized && !isWord(locale))) return [undefined];`,
    `if (!entry || !isWord(key) || (localized && !isWord(locale))) return [];`,
  ),
  webhook(
    "key",
    "what is no id reaches no path",
    `!isWord(key) || (localized && !isWord(locale))) return`,
    `(localized && !isWord(locale))) return`,
  ),
  webhook(
    "locale",
    "nor does what is no locale",
    ` || (localized && !isWord(locale))) return [undefined]`,
    `) return [undefined]`,
  ),
  webhook("file", "nor what is no number", `/^\\d+$/.test(id) ? id : undefined`, `id`),
  webhook("status", "only the version that changed is looked at", ` || one === status)`, ` || one !== null)`),
  webhook(
    "unsaid",
    "a row that does not say is looked at in both",
    `status === undefined || one === status`,
    `one === status`,
  ),
  webhook("cause", "a cause is of one body", `createHash("sha256").update(body)`, `createHash("sha256").update(event)`),
  webhook(
    "time",
    "what does not say when it was sent is no repeat",
    `if (Number.isNaN(at.getTime())) return undefined;`,
    "",
  ),
  receiver("secret", "the secret is asked for", `if (secrets) verifySecret(`, `if (secrets && !keys) verifySecret(`),
  receiver(
    "signature",
    "the signature is asked for",
    `if (keys) verifySignature(`,
    `if (keys && !secrets) verifySignature(`,
  ),
  options(
    "token",
    "a token is one",
    `typeof token !== "string" || !/^[!-~]+$/.test(token)`,
    `typeof token !== "string"`,
  ),
  options(
    "secrets",
    "there is a secret",
    `webhookSecret === undefined && signingSecret === undefined`,
    `webhookSecret === null`,
  ),
  options("header", "a header has a name", `!/^[\\w-]+$/.test(webhookHeader)`, `webhookHeader === ""`),
  options("types", "there is a type", `all.length === 0 || `, ""),
  options("made", "a type is one that was made", ` || !all.every((type) => Array.isArray(type?.statuses))`, ""),
  options("poll", "a poll has a period", `Number.isFinite(pollEvery) && pollEvery > 0`, `Number.isFinite(pollEvery)`),
  options("lag", "a lag is finite", `Number.isFinite(readLag) && readLag >= 0`, `readLag >= 0`),
  types(
    "uid",
    "a uid is one",
    `typeof uid !== "string" || !/^[\\w-]+::[\\w-]+\\.[\\w-]+$/.test(uid)`,
    `typeof uid !== "string"`,
  ),
  types(
    "path",
    "a path leads nowhere else",
    `typeof path !== "string" || !/^[\\w-]+(\\/[\\w-]+)*$/.test(path)`,
    `typeof path !== "string"`,
  ),
  types("statuses", "statuses are known", `!known || statuses.length === 0`, `statuses.length === 0`),
  index(
    "since",
    "a backfill has a date",
    `const since = backfill instanceof Date ? backfill : undefined;`,
    `const since = undefined;`,
  ),
  index(
    "none",
    "with nothing to backfill nothing is listed",
    `backfill !== "none" && {`,
    `backfill !== undefined && {`,
  ),
  index(
    "many",
    "only entries of collections are read together",
    `kind === "collection" && {`,
    `kind !== undefined && {`,
  ),
];
