import { type Mutant, mutantsKilledBy } from "./mutant.ts";

const order = mutantsKilledBy("story-", ["test/stories/order.test.ts"]);
const lag = mutantsKilledBy("story-", ["test/stories/lag.test.ts"]);
const deletion = mutantsKilledBy("story-", ["test/stories/deletion.test.ts"]);
const crash = mutantsKilledBy("story-", ["test/stories/crash.test.ts"]);
const intake = mutantsKilledBy("story-", ["test/stories/intake.test.ts"]);
const feed = mutantsKilledBy("story-", ["test/stories/feed.test.ts"]);
const limit = mutantsKilledBy("story-", ["test/stories/limit.test.ts"]);
const repair = mutantsKilledBy("story-", ["test/stories/repair.test.ts"]);
/** Worlds of hours take seconds: one of each will do. */
const outage = mutantsKilledBy("story-", ["test/outages.test.ts"], { SEEDS: "1" });

const suspects = [
  "src/sweep.ts",
  "const { rows } = await engine.store.update(select, step);",
  "const { rows } = await engine.store.update(select, () => undefined);",
] as const;
const unfinished = [
  "const page = await call(engine, spot, ask, { fresh: true, permit });",
  "const page = await call(engine, spot, ask, { fresh: true, permit }).catch(() => ({ items: [], next: null }));",
] as const;

/** A wrong engine of each story: what others were, made of ours by one change. */
export const stories: readonly Mutant[] = [
  order(
    "slow-refetch",
    "src/row.ts",
    "the read that ends last is not the newest",
    `return certainlyAfter(o, row.first) ? "newer" : "unordered";`,
    `return "newer";`,
  ),
  order(
    "snapshot",
    "src/work/observe.ts",
    "a page is not as new as the moment at which it is recorded",
    "const base = { start, from: start - lag, to, certain };",
    "const base = { start, from: certain ? start - lag : to, to, certain };",
  ),
  order(
    "same-second",
    "src/row.ts",
    "what is not of a later second may be newer",
    `if (order < 0) return back;`,
    `if (order <= 0 && o.version !== null && row.version !== null) return back;`,
  ),
  deletion(
    "late-answer",
    "src/row.ts",
    "a version says nothing across a deletion",
    `const order = row.present ? compareVersions(o.version, row.version, rules) : 0;`,
    `const order = compareVersions(o.version, row.version, rules);`,
  ),
  deletion("lost-deletion", suspects[0], "a sweep asks for what it did not see", suspects[1], suspects[2]),
  deletion(
    "short-list",
    "src/work/observe.ts",
    "what a sweep did not see may be there",
    "if (state === null || finger === null) {",
    `if (state === null || finger === null || row.class === "suspect") {`,
  ),
  deletion("failed-page", "src/sweep.ts", "a page that failed is not the last one", ...unfinished),
  crash(
    "acknowledged",
    "src/receive.ts",
    "what is acknowledged is saved before",
    `await saveHints(engine, ours, { class: "live", via: "webhook" });`,
    `void saveHints(engine, ours, { class: "live", via: "webhook" });`,
  ),
  crash(
    "dedupe",
    "src/row.ts",
    "what was seen before, and not read, is still to be read",
    `return { ...row, lease: null, error: failed, attempts: row.attempts + 1, due: Math.round(backoff(at)) };`,
    `return clean(row);`,
  ),
  crash(
    "credit",
    "src/deliver/push.ts",
    "what a handler did, and how far it came, are one",
    "const done = await store.transaction?.(work, move);",
    `const done = await store.transaction?.(work, { name: "other", step: (at) => ({ ...at, value: "" }) });\n        await store.checkpoint(move);`,
  ),
  intake(
    "unknown-event",
    "src/receive.ts",
    "an event of no use is acknowledged",
    `if (ours.length === 0) return { reply: ACCEPTED, outcome: "ignored" };`,
    `if (ours.length === 0) return { reply: reply(422, "unknown"), outcome: "ignored" };`,
  ),
  intake(
    "raw-bytes",
    "src/receive.ts",
    "what was signed are the bytes",
    `const body = await read(provider.bodyLimit ?? BODY_LIMIT);`,
    `const body = Buffer.from(JSON.stringify(JSON.parse(Buffer.from(await read(provider.bodyLimit ?? BODY_LIMIT)).toString())));`,
  ),
  intake(
    "certificate",
    "providers/paypal/webhook.ts",
    "a certificate is had from PayPal alone",
    "isPayPal(url) && /^",
    "/^",
  ),
  intake(
    "other-version",
    "providers/stripe/event.ts",
    "a payload may have any shape",
    "const snapshotEvent = z.object({",
    "const snapshotEvent = z.strictObject({",
  ),
  intake(
    "at-once",
    "src/store/rows.ts",
    "what one reads no other reads",
    "and (lease is null or lease <= :tick)",
    "and (lease is null or lease <= :tick or 1)",
  ),
  intake(
    "one-cursor",
    "src/checkpoint.ts",
    "a cursor is held by one at a time",
    "at.holder === null || at.holder === holder || at.until <= tick;",
    "at.holder !== undefined || tick > 0;",
  ),
  lag(
    "behind",
    "src/work/observe.ts",
    "a read may be behind by what its provider declares",
    "const base = { start, from: start - lag, to, certain };",
    "const base = { start, from: start, to, certain };",
  ),
  lag(
    "index",
    "src/sweep/page.ts",
    "a list may be further behind than a fetch",
    "const read = { start, lag: kind.listLag, certain: false, via };",
    "const read = { start, lag: 0, certain: false, via };",
  ),
  lag(
    "trigger",
    "src/hints.ts",
    "what a webhook names is looked at, not what a feed shows yet",
    "if (hint.id === undefined) {",
    `if (hint.id === undefined || via === "webhook") {`,
  ),
  lag("behind-cursor", suspects[0], "what no feed tells is found by a sweep", suspects[1], suspects[2]),
  lag(
    "settle",
    "providers/stripe/feed.ts",
    "a feed reads again what was late",
    "const OVERLAP = 600;",
    "const OVERLAP = 0;",
  ),
  feed(
    "cutover",
    "src/reconcile.ts",
    "a feed begins before the backfill, not after it",
    `const polls = kind === "sweep" ? lineOf({ kind: "poll", provider })?.lane(scope) : undefined;`,
    `const polls = kind === "poll" ? lineOf({ kind: "sweep", provider })?.lane(scope) : undefined;`,
  ),
  feed(
    "instant",
    "providers/rest/updates.ts",
    "a feed reads all of its pages",
    "const pass = updates.ascending ? passOf(source, times, from, next) : { from, place: textOf(next) };",
    "const pass = null as { from: number; place: string | null } | null;",
  ),
  feed(
    "border",
    "src/row.ts",
    "what a feed repeats is not read again",
    `if (event && repeated(row, event.id, tick, via)) return row;`,
    "",
  ),
  feed(
    "dead",
    "src/loss/verdict.ts",
    "what no webhook brought is counted",
    `{ kind: mayBeJudged(row, event) ? "named" : "unsure" };`,
    `{ kind: "unsure" };`,
  ),
  limit(
    "live",
    "src/budget.ts",
    "what is live comes first",
    "if (favoured === undefined || favoured === classes[0]) return classes;",
    "return classes.toReversed();",
  ),
  limit("complete", "src/sweep.ts", "what failed is not complete", ...unfinished),
  repair(
    "wedged",
    "src/row.ts",
    "a version that nobody serves is given up",
    "regressions >= 3 && o.to - regressedAt >= PATIENCE",
    "false",
  ),
  repair("hidden", "providers/stripe/types.ts", "lists are asked for all", `status: "all"`, `limit: "100"`),
  repair(
    "child",
    "src/sweep.ts",
    "all parents are asked for their children",
    "else if (kind.resource.within) await hintParents(engine, held, kind, scope, state, room);",
    "else if (kind.resource.within) await save(engine, held, (at) => afterPage(at, null));",
  ),
  repair(
    "validator",
    "src/work/read.ts",
    "what is read again is asked for in full",
    "fresh: rows.some(({ attempts }) => attempts > 0)",
    "fresh: false",
  ),
  repair(
    "twice",
    "src/row.ts",
    "what is the same is no change",
    "if (row.present === o.present && row.print === o.print && (",
    "if (row.present === o.present && row.print === o.print && !o.present && (",
  ),
  outage(
    "page",
    "src/work/read.ts",
    "what is not the resource is no answer",
    "if (resource.id(state) === id) return;",
    "return;",
  ),
  outage(
    "rests",
    "src/work/call.ts",
    "who is told to wait leaves the whole scope alone",
    "else admitted.refused(error.ms);",
    "",
  ),
  outage("sweeps", suspects[0], "sweeps find what was deleted", suspects[1], suspects[2]),
];
