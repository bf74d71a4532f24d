import { type Mutant, mutantsOf } from "./mutant.ts";

const tempo = mutantsOf("tempo-tempo-", "src/reconcile/tempo.ts", ["test/tempo.test.ts"]);
const plan = mutantsOf("tempo-plan-", "src/reconcile/plan.ts", ["test/schedule.test.ts"]);
const poll = mutantsOf("tempo-poll-", "src/poll.ts", ["test/schedule.test.ts"]);
const missed = mutantsOf("tempo-missed-", "src/reconcile/missed.ts", ["test/schedule.test.ts"]);
const bounded = mutantsOf("tempo-missed-", "src/reconcile/missed.ts", ["test/trust.test.ts"]);
const trust = mutantsOf("tempo-trust-", "src/reconcile/trust.ts", ["test/trust.test.ts"]);
const schedule = mutantsOf("tempo-schedule-", "src/reconcile/schedule.ts", ["test/trust.test.ts"]);
const reconcile = mutantsOf("tempo-reconcile-", "src/reconcile.ts", ["test/schedule.test.ts"]);
const options = mutantsOf("tempo-options-", "src/options.ts", ["test/tempo.test.ts"]);

/** Guards of how quick polls and sweeps are. */
export const tempos: readonly Mutant[] = [
  tempo("bears", "no poll comes sooner than the provider bears", `Math.max(every, min)`, `min || every`),
  tempo(
    "horizon",
    "no poll comes later than the feed remembers",
    `(horizon ?? Number.POSITIVE_INFINITY) / 2`,
    `Number.POSITIVE_INFINITY`,
  ),
  tempo(
    "none",
    "a provider without webhooks is polled as often as it bears",
    `max = webhooks ? POLL.max : 0`,
    `max = POLL.max`,
  ),
  tempo(
    "doubt",
    "an interval counts only while webhooks prove themselves",
    `trusted === false ? bounds.min : clamp(`,
    `clamp(`,
  ),
  tempo("doubted", "nothing grows while they do not", `trusted === false || (`, `(`),
  tempo("busy", "without webhooks what names something is asked soon again", ` || (trusted === null && busy)`, ""),
  tempo("quarter", "where things change polls stay quicker", `BUSY * bounds.max, `, ""),
  tempo("later", "no more changes come later than may", `, slowest(bounds.min, missed))`, `)`),
  tempo(
    "bounds",
    "the bounds of now count, whatever was saved",
    `clamp(every ?? bounds.min, bounds);

/** The interval after`,
    `(every ?? bounds.min);

/** The interval after`,
  ),
  tempo("longest", "no sweep comes later than the longest interval", `Math.min(max, every ?? max)`, `every ?? max`),
  tempo(
    "spread",
    "second sweeps are spread",
    `Math.max(REST * took, bounds.max * draw)`,
    `Math.max(REST * took, bounds.max)`,
  ),
  tempo(
    "second",
    "nor does the second sweep come sooner than the first one's length allows",
    `Math.max(REST * took, bounds.max * draw)`,
    `bounds.max * draw`,
  ),
  tempo(
    "rest",
    "a sweep leaves the budget to others",
    `clamp(Math.max(REST * took, 2 * (every ?? bounds.max)), bounds)`,
    `clamp(2 * (every ?? bounds.max), bounds)`,
  ),
  tempo("soon", "a sweep that found something, too", `clamp(REST * took, bounds)`, `bounds.min`),
  tempo("covered", "what a feed covers is swept seldom", `if (covered) return`, `if (covered && false) return`),
  tempo("growth", "polls slow down at all", `const GROWTH = 1.25;`, `const GROWTH = 1;`),
  options(
    "order",
    "bounds are in order",
    `min = least, max = min }) => min <= max`,
    `min = least, max = min }) => min <= max || true`,
  ),
  plan("carry", "a sweep that begins remembers the interval", `  every: state.every,\n  took: state.took,\n`, ""),
  poll("turns", "a poll of several turns grows once", `more ? known.every : `, ""),
  poll("named", "what an earlier turn named counts", `busy ||= more`, `busy = more`),
  missed("grace", "a webhook that is under way is not lost", `const GRACE = 60_000;`, `const GRACE = 0;`),
  missed(
    "event",
    "an event whose webhook came is not lost",
    `if (event !== undefined) return causes.find`,
    `if (event !== undefined) return false && causes.find`,
  ),
  missed(
    "again",
    "a change that a webhook asked for again is not lost",
    `return again || causes.some(`,
    `return false && causes.some(`,
  ),
  missed(
    "lost",
    "what no webhook told is lost",
    `return again || causes.some((cause) =>`,
    `return true || causes.some((cause) =>`,
  ),
  missed(
    "named",
    "an event that no webhook told is lost",
    `?.awaited === undefined;`,
    `?.awaited === undefined || true;`,
  ),
  missed(
    "coalesced",
    "what is quick already is not written again",
    `state.every !== null && state.every > min`,
    `state.every !== null`,
  ),
  missed("sweep", "a type without a feed has its sweep sooner", `if (feeds.length === 0) {`, `if (feeds.length < 0) {`),
  bounded("most", "so many are awaited at most", `awaited.size >= MOST || `, ""),
  bounded(
    "mute",
    "without webhooks none was lost",
    `!schedule.isNamed(type) && schedule.mayMiss(type)`,
    `!schedule.isNamed(type)`,
  ),
  bounded("found", "what a webhook found was not lost", ` || (event.via !== "poll" && event.via !== "sweep")`, ""),
  bounded("once", "what is found lost is told once", `    for (const [key] of due) awaited.delete(key);\n`, ""),
  trust("bad", "a hook in trouble is not trusted", `state !== "bad" && (`, `(`),
  trust("good", "a hook that is right is", `state === "good" || `, ""),
  trust("heard", "webhooks prove themselves by coming", `days.get(provider)?.heard === true`, `true`),
  trust("day", "for a day", `const HOURS = 25;`, `const HOURS = 250;`),
  trust("stale", "the ledger is read once a minute", `since >= 0 && since < STALE`, `since < 0`),
  trust("moved", "an hour that was moved is counted up again", `before?.at === one.at ? before`, `before ? before`),
  trust(
    "fell",
    "polls of a scope that is doubted are looked at again",
    `filter((scope) => !before.has(scope))`,
    `filter((scope) => before.has(scope))`,
  ),
  trust("null", "without webhooks there is nothing to trust", `if (!providers[provider]?.webhook) return null;`, ""),
  trust("missed", "where webhooks get lost polls stay quick", `missed === 0 ? 0 : missed / Math.max(`, `0 * Math.max(`),
  schedule("missed", "what was missed counts", `missed: trust.missed(provider, types)`, `missed: 0 * types.length`),
  schedule("covered", "a change in a type that no feed covers may be missed", ` || !isCovered(type)`, ""),
  reconcile(
    "fell",
    "where trust ends the agenda follows",
    `for (const [provider, doubted] of fell) await`,
    `for (const [provider, doubted] of [] as typeof fell) await`,
  ),
  reconcile(
    "sooner",
    "what comes sooner stands sooner in the agenda",
    `for (const at of await missed.look()) patrol.take(at);`,
    `await missed.look();`,
  ),
];
