import { type Mutant, mutantsOf } from "./mutant.ts";

const signature = mutantsOf("rest-signature-", "providers/rest/signature.ts", ["test/providers/rest.webhook.test.ts"]);
const webhook = mutantsOf("rest-webhook-", "providers/rest/webhook.ts", ["test/providers/rest.webhook.test.ts"]);
const values = mutantsOf("rest-values-", "providers/rest/values.ts", ["test/providers/rest.read.test.ts"]);
const paging = mutantsOf("rest-paging-", "providers/rest/paging.ts", ["test/providers/rest.read.test.ts"]);
const service = mutantsOf("rest-service-", "providers/rest/service.ts", ["test/providers/rest.read.test.ts"]);
const read = mutantsOf("rest-read-", "providers/rest/read.ts", ["test/providers/rest.read.test.ts"]);
const updates = mutantsOf("rest-updates-", "providers/rest/updates.ts", ["test/providers/rest.feed.test.ts"]);
const log = mutantsOf("rest-log-", "providers/rest/log.ts", ["test/providers/rest.feed.test.ts"]);
const check = mutantsOf("rest-check-", "providers/rest/check.ts", ["test/providers/rest.options.test.ts"]);
const schema = mutantsOf("rest-schema-", "providers/rest/schema.ts", ["test/providers/rest.options.test.ts"]);
const words = mutantsOf("rest-words-", "providers/rest/words.ts", ["test/providers/rest.options.test.ts"]);

/** Guards of the provider by description. */
export const rest: readonly Mutant[] = [
  signature("holds", "a signature must hold", `  if (!holds) throw`, `  if (claims.length === 0) throw`),
  signature("prefix", "the prefix belongs to it", `claim.startsWith(prefix) && verifyHmac(`, `verifyHmac(`),
  signature(
    "field",
    "only the entries of that name are signatures",
    `.filter(([one]) => one === name)`,
    `.filter(([one]) => one !== "" || name === undefined)`,
  ),
  signature("long", "a header has a limit", `if (value.length > LONGEST)`, `if (value.length < 0)`),
  signature("id", "a signed id has no full stop", `/^[\\w-]{1,256}$/.test(id)`, `id !== ""`),
  signature("digits", "a time is digits", `!/^\\d{1,13}$/.test(text)`, `Number.isNaN(Number(text))`),
  signature("off", "a time that is off is refused", `if (!(Math.abs(request.now - at) <= tolerance))`, `if (at < 0)`),
  signature("twice", "a time that is there twice is none", `found.length === 1 ? found[0] : ""`, `found[0]`),
  signature("key", "a secret is wholly what its key says", `bytes.length === 0 || !isWhole`, `bytes.length === 0`),
  signature("key-empty", "a secret that is no key", `bytes.length === 0 || !isWhole`, `!isWhole && bytes.length > 99`),
  webhook(
    "delivery",
    "an id that is not signed counts with the body",
    `\`\${given.slice(0, 256)} \${createHash("sha256").update(body).digest("base64url")}\``,
    "given",
  ),
  webhook(
    "nameless",
    "what has no name is no event",
    `typeof name !== "string" || name === ""`,
    `typeof name !== "string" && name === ""`,
  ),
  webhook(
    "list",
    "what is no list of events",
    `if (Array.isArray(found)) return found;`,
    `if (found !== undefined) return [found].flat();`,
  ),
  webhook("without", "an event without an id still says something", `if (ids.size === 0) return [{ type }];`, ``),
  webhook("pattern", "an event's name is matched to its end", `: name === pattern;`, `: name.startsWith(pattern);`),
  webhook("scope", "an event is of the scope that it names", `...(scope !== undefined && { scope })`, ``),
  values("own", "nothing is inherited", `return Object.hasOwn(value, key) ?`, `return key in value ?`),
  values("zone", "a time without a zone is UTC", `? \`\${date}Z\` : date`, `? date : date`),
  paging("same", "the same page again", `print !== "" && print === place.print`, `print !== print`),
  paging("circle", "pages in a circle", `(at === place.at || at === place.mark)`, `at === ""`),
  paging("brent", "a circle of more than one page", `at === place.at || at === place.mark`, `at === place.at`),
  paging("most", "too many pages", `if (page >= most)`, `if (page < 0)`),
  paging(
    "more",
    "an answer must say whether there is more",
    `if (value === undefined) throw new Error(\`it does not say`,
    `if (value === 0) throw new Error(\`it does not say`,
  ),
  paging(
    "where",
    "there is more, but not where",
    `if (next === null && paging.more !== undefined)`,
    `if (next === "")`,
  ),
  paging("object", "what leads to no page", `if (text === undefined) throw`, `if (text === "") throw`),
  service(
    "list",
    "what is no list is no empty one",
    `if (!Array.isArray(rows)) {`,
    `if (!Array.isArray(rows)) return { rows: [], next: null };\n  if (rows.length < 0) {`,
  ),
  read(
    "another",
    "another resource's answer is not believed",
    `if (idIn(resource, state) === id) return`,
    `if (state) return`,
  ),
  read(
    "nothing",
    "a 200 with nothing is no absence",
    `if (given === undefined || given === null) throw`,
    `if (given === undefined || given === null) return null;\n  if (given === "") throw`,
  ),
  read(
    "deleted",
    "what is marked as deleted is left out of a list",
    `rows.filter((row) => !isDeleted(resource, row))`,
    `rows`,
  ),
  read("no", "a text that says no is no deletion", `!NO.test(mark)`, `mark !== ""`),
  read("row", "a row has an id", `if (id !== undefined) return id;`, `return id ?? "";`),
  read("state", "a state has an id", `if (idIn(source.resource, data) === undefined) {`, `if (data === undefined) {`),
  read(
    "version",
    "a state has the version that is described",
    `if (version !== undefined && versionOf(version, data) === undefined) {`,
    `if (data === undefined) {`,
  ),
  read(
    "probe",
    "a probe that is not there is lost access",
    `if (status === 404 || status === 410) throw`,
    `if (status === 0) throw`,
  ),
  read("hidden", "a status that hides", `if (hidden.includes(status)) throw`, `if (status === 0) throw`),
  read("whole", "rows are states only if they are whole", `if (list.whole) return`, `if (list) return`),
  updates("overlap", "some time is read again", `at.since - overlap, place: null`, `at.since, place: null`),
  updates(
    "again",
    "a service that leaves out the time itself",
    `(times.at(-1) ?? from) - AGAIN`,
    `times.at(-1) ?? from`,
  ),
  updates("fresh", "what is fresh is looked at again", `now - time < FRESH ? " fresh" : ""`, `""`),
  updates(
    "ascending",
    "an ascending list is asked anew",
    `updates.ascending ? passOf`,
    `updates.format === "s" ? passOf`,
  ),
  updates(
    "order",
    "a list that is not ascending",
    `if (times.some((time, i) => time < (times[i - 1] ?? time))) {`,
    `if (times.length < 0) {`,
  ),
  updates("instant", "a second that fills a page is read by pages", `again > from ? {`, `again >= from ? {`),
  updates(
    "ended",
    "a pass of several polls is followed by none at once",
    `at.pass !== null && hints.length > 0`,
    `false`,
  ),
  updates(
    "anew",
    "a place that is known no more begins anew",
    `place === null || context.now()`,
    `true || context.now()`,
  ),
  updates("never", "but not one that was given just now", `context.now() - (told ?? 0) < KNOWN`, `false`),
  updates("refused", "nor at another error", `|| !isRefusal(error)`, ``),
  log("anew", "a last event that is kept no more begins anew", `at.after === null || !isRefusal`, `true || !isRefusal`),
  log("never", "but not one that is still there", `if (events.some(({ id }) => id === at.after)) throw refusal;`, ``),
  updates("ahead", "a time ahead of every clock", `times.filter((time) => time <= context.now() + overlap)`, `times`),
  log(
    "again",
    "a log that does not go on",
    `if (events.some(({ id }) => id === at.after)) {`,
    `if (events.length < 0) {`,
  ),
  log("newest", "a log that begins with the newest", `&& first - last > ORDER) {`, `&& first - last > 1e15) {`),
  log("named", "an event without a name holds up nothing", `named.length > 0 ? named : events`, `events`),
  log("order", "times need not be in order", `first - last > ORDER`, `first - last > 0`),
  updates(
    "timeless",
    "a place of times where there is none",
    `if (rows.length === 0 || times.some`,
    `if (rows.length >= 0 || times.some`,
  ),
  log("useless", "events of no use hold up nothing", `page === MOST_PAGES) break`, `page === 1) break`),
  log("limit", "a poll has a limit", `|| page === MOST_PAGES`, ``),
  log("id", "an event has an id", `if (id === undefined) throw new Mismatch(`, `if (id === null) throw new Mismatch(`),
  check("body", "what is signed is the body", `if (!used.includes("body")) say`, `if (used.length < 0) say`),
  check(
    "unsigned",
    "a time or an id that is not signed",
    `if (option !== undefined && !used.includes(name))`,
    `if (used.length < 0)`,
  ),
  check("order", "two reads must have an order", `if (!version && !readLag) {`, `if (type === "") {`),
  check(
    "absence",
    "an absence needs something that can be read",
    `if (!list && probe === undefined) {`,
    `if (type === "") {`,
  ),
  check("type", "an event names a type that there is", `if (Object.hasOwn(resources, type)) continue;`, `continue;`),
  check("star", "a star stands at the end", `if (/\\*./.test(name)) say`, `if (name === "") say`),
  check("header", "a log has no headers", `if (typeof envelope?.[part] !== "string")`, `if (part === undefined)`),
  schema("status", "a status that tells nothing of a resource", `![401, 408, 425, 429].includes(one)`, `one > 0`),
  words("slash", "a path that leaves the url", `if (value.startsWith("/")) addIssue`, `if (value === "/") addIssue`),
  words(
    "needed",
    "a path needs its id",
    `else if (needed !== undefined && !used.includes(needed)) addIssue`,
    `else if (needed === "") addIssue`,
  ),
  words("unknown", "an option that there is not", `z.strictObject(shape, {`, `z.looseObject(shape, {`),
];
