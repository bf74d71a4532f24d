import { type Mutant, mutantsOf } from "./mutant.ts";

const news = mutantsOf("reads-news-", "src/work/news.ts", ["test/news.test.ts"]);
const hints = mutantsOf("reads-hints-", "src/hints.ts", ["test/news.test.ts"]);
const sync = mutantsOf("reads-sync-", "src/sync.ts", ["test/news.test.ts"]);
const record = mutantsOf("reads-record-", "src/work/record.ts", ["test/calls.test.ts"]);
const apart = mutantsOf("reads-news-", "src/work/news.ts", ["test/calls.test.ts"]);
const batch = mutantsOf("reads-batch-", "src/work/batch.ts", ["test/batch.test.ts"]);
const places = mutantsOf("reads-places-", "src/work/places.ts", ["test/batch.test.ts"]);
const kind = mutantsOf("reads-kind-", "src/kind.ts", ["test/batch.test.ts"]);
const read = mutantsOf("reads-read-", "src/work/read.ts", ["test/batch.test.ts"]);
const failures = mutantsOf("reads-record-", "src/work/record.ts", ["test/batch.test.ts"]);
const probe = mutantsOf("reads-probe-", "src/work/probe.ts", ["test/batch.test.ts"]);
const audit = mutantsOf("reads-audit-", "src/sweep/audit.ts", ["test/batch.test.ts"]);
const work = mutantsOf("reads-work-", "src/work.ts", ["test/batch.test.ts"]);
const budget = mutantsOf("reads-budget-", "src/budget.ts", ["test/calls.test.ts"]);
const guard = mutantsOf("reads-guard-", "src/sweep/guard.ts", ["test/guard.test.ts"]);
const shopify = mutantsOf("reads-read-", "providers/shopify/read.ts", ["test/providers/shopify.read.test.ts"]);

/** Guards of cheap reads. */
export const reads: readonly Mutant[] = [
  news(
    "strict",
    "two states may share a coarse version",
    `if (version === row.version) return rules.versions === "strict";`,
    `if (version === row.version) return true;`,
  ),
  news(
    "present",
    "what is gone has no version to compare with",
    ` || !row.present || row.version === null ||`,
    ` || row.version === null ||`,
  ),
  news(
    "resend",
    "an event that is sent again is looked at",
    `  if (row.causes.some(({ id }) => id === event?.id)) return false;\n`,
    "",
  ),
  news(
    "epoch",
    "where the provider went back no version is told",
    `row.epoch !== null || row.regressions > 0 ||`,
    `row.regressions > 0 ||`,
  ),
  news("regressions", "nor where it seems to", `row.regressions > 0 || `, ""),
  news("incarnation", "nor where ids are used again", ` || row.incarnation !== null) return false;`, `) return false;`),
  news(
    "grain",
    "versions within the grain order nothing",
    `if (compareVersions(row.version, version, rules) <= 0)`,
    `if (row.version <= version)`,
  ),
  news(
    "late",
    "a lower version is late for a while only",
    `  return happened <= row.last;`,
    `  return happened <= row.last || true;`,
  ),
  news("used", "an event that is told is no cause of the next change", `{ ...cause, used: true }`, `cause`),
  news("app", "whoever asks waits for nothing", `via === "app" || !row.present`, `!row.present`),
  news("above", "a higher version is news", ` || version > row.version;`, `;`),
  news(
    "decided",
    "what waits is read when the grain has passed",
    `Math.max(row.first + ticks(grain), tick + lag) + 1`,
    `tick + lag + 1`,
  ),
  news(
    "lag",
    "and when a read is not behind",
    `Math.max(row.first + ticks(grain), tick + lag) + 1`,
    `row.first + ticks(grain) + 1`,
  ),
  hints("wait", "what may be told waits", `rules && mayWait() ? Math`, `rules && false ? Math`),
  sync("drain", "a drain waits for nothing", `() => loops.work !== undefined`, `() => true`),
  record(
    "apart",
    "the second read of a lag begins when it is ordered after the first",
    `row: apart(settle(step.row, { o, relation }, kind.rules, draw), kind.rules)`,
    `row: settle(step.row, { o, relation }, kind.rules, draw)`,
  ),
  apart(
    "pace",
    "where reads are behind, hints that come between them cost none",
    `return lag > 0 ? (row.last ?? 0) + lag + 1 : 0;`,
    `return 0;`,
  ),
  batch("class", "rows of other classes have batches of their own", "cls}|", "type}|"),
  batch(
    "tenths",
    "what failed is tried in smaller batches",
    `attempts === 1 ? Math.ceil(Math.sqrt(batch)) : 1`,
    `batch`,
  ),
  batch("alone", "then alone", `attempts === 1 ? Math.ceil(Math.sqrt(batch)) : 1`, `Math.ceil(Math.sqrt(batch))`),
  batch(
    "room",
    "a batch has room for so many",
    `this.#room.set(batch.key, room - 1)`,
    `this.#room.set(batch.key, room)`,
  ),
  places("room", "a place is shared by one batch", `open.room > 0 && `, ``),
  places("past", "a place that has come up is shared by nobody else", ` && open.place > now`, ``),
  kind("batch", "a batch is a whole number", `Number.isInteger(batch) && batch > 0`, `batch !== 0`),
  read(
    "place",
    "an error in a place is of that row alone",
    `    if (state instanceof Error) failures.push({ row, error: state });\n    else readings`,
    `    if (state instanceof Error) throw state;\n    else readings`,
  ),
  read("proven", "a good probe stands before the fetch", `    if (!proven) {`, `    if (false) {`),
  failures(
    "each",
    "the rows that failed are settled",
    `await Promise.all(answer.failures.map(`,
    `await Promise.all(answer.failures.slice(1).map(`,
  ),
  failures(
    "together",
    "a batch that failed stays together",
    `  const draw = engine.time.random();\n  const step = (row: Row, tick: Tick) => {\n    if (error`,
    `  const step = (row: Row, tick: Tick) => {\n    const draw = engine.time.random();\n    if (error`,
  ),
  probe("lately", "a probe of long ago proves nothing", ` && age <= LATELY`, ``),
  probe("failed", "nor does one before another that failed", `    good.delete(key);\n`, ``),
  audit(
    "batch",
    "an audit asks for so many at once",
    `const { batch = BATCH } = kind.resource;`,
    `const batch = BATCH;`,
  ),
  audit("rows", "what was read is of the rows that could be", `answer.rows[i]?.id`, `some[i]?.id`),
  work(
    "takes",
    "a row that a batch takes needs no place of its own",
    `      if (batches.takes(batch)) return { row: lease(row, tick + LEASE) };\n`,
    ``,
  ),
  work(
    "width",
    "so many rows are looked at as one call reads",
    `NOTHING : await claim(Math.max(limit, width), limit, 0`,
    `NOTHING : await claim(limit, limit, 0`,
  ),
  budget(
    "share",
    "rows that have to wait share the place of one call",
    `return this.#waiting.of(batch, now,`,
    `return this.#waiting.of(undefined, now,`,
  ),
  guard(
    "few",
    "few are believed without a look at how much is live",
    `  if (await isFew(engine, type, scope, absent)) return false;\n`,
    ``,
  ),
  shopify(
    "hidden",
    "one that is hidden keeps no other from being read",
    `    return new Hidden(`,
    `    throw new Hidden(`,
  ),
  shopify("taken", "what a shop takes at once is remembered", `    taken.set(context.scope, half);\n`, ``),
];
