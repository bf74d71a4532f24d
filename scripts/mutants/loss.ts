import { type Mutant, mutantsOf } from "./mutant.ts";

const row = mutantsOf("loss-row-", "src/row.ts", ["test/tally.test.ts"]);
const verdict = mutantsOf("loss-verdict-", "src/loss/verdict.ts", ["test/tally.test.ts"]);
const hour = mutantsOf("loss-hour-", "src/loss/hour.ts", ["test/tally.test.ts"]);
const rates = mutantsOf("loss-rates-", "src/loss/rates.ts", ["test/tally.test.ts"]);
const tally = mutantsOf("loss-tally-", "src/loss/tally.ts", ["test/tally.test.ts"]);
const texts = mutantsOf("loss-notes-", "src/store/notes.ts", ["test/tally.test.ts"]);
const causes = mutantsOf("loss-schema-", "src/store/schema.ts", ["test/tally.test.ts"]);
const losses = mutantsOf("loss-losses-", "src/loss/losses.ts", ["test/losses.test.ts"]);
const hints = mutantsOf("loss-hints-", "src/hints.ts", ["test/losses.test.ts"]);
const poll = mutantsOf("loss-poll-", "src/poll.ts", ["test/losses.test.ts"]);
const plan = mutantsOf("loss-plan-", "src/reconcile/plan.ts", ["test/losses.test.ts"]);
const lag = mutantsOf("loss-observe-", "src/work/observe.ts", ["test/losses.test.ts"]);
const sync = mutantsOf("loss-sync-", "src/sync.ts", ["test/losses.test.ts"]);

/** Guards of the loss ledger. */
export const loss: readonly Mutant[] = [
  row(
    "arrived",
    "an event whose webhook came is awaited no more",
    `  if (via === "webhook") return arrived(hinted, event.id);\n`,
    "",
  ),
  row("repeat", "what a feed repeats is not awaited anew", `via === "poll" && hinted !== row`, `via === "poll"`),
  row(
    "full",
    "a full row may have forgotten an event",
    `causes.length < CAUSES || (at !== null && ticks(at) > oldest.tick)`,
    "true",
  ),
  row(
    "after",
    "what happened after all that a full row remembers is not forgotten",
    ` || (at !== null && ticks(at) > oldest.tick)`,
    "",
  ),
  verdict(
    "known",
    "what a webhook brought before the feed is not named",
    `return known ? undefined : { kind:`,
    `return { kind:`,
  ),
  verdict("late", "a webhook of an event that a feed named is late", `if (known.awaited) return`, `if (false) return`),
  verdict("twice", "one request that names a resource twice is no repeat", `known.tick === tick ? undefined : `, ""),
  verdict(
    "feed",
    "only feeds that name what webhooks bring are judged",
    ` || (via !== "webhook" && !event.judged)`,
    "",
  ),
  verdict(
    "judged",
    "only what can be lost is forgotten",
    `if (oldest?.awaited !== "judged") return undefined;`,
    `if (!oldest) return undefined;`,
  ),
  hour("again", "a batch counts once", `if (last >= number) return undefined;`, ""),
  hour("writers", "the last writers alone are remembered", `.slice(-WRITERS)`, ""),
  hour("scopes", "few scopes have counts of their own", `.slice(0, SCOPES)`, ""),
  hour(
    "close",
    "an hour that is one slot stays as it is",
    `  if (slots.every((slot) => slot === last)) return undefined;\n`,
    "",
  ),
  losses("close", "hours that are over are closed", `return hour && { ...at,`, `return undefined && { ...at,`),
  hour("lost", "those that lost most have", `lost(b) - lost(a) || `, ""),
  rates("grace", "what may still come is not lost", `(slot + 1) * SLOT + GRACE <= now`, "true"),
  rates("named", "without a feed of webhooks' events there is no rate", `named && events > 0`, `events > 0`),
  rates("window", "what is older than the window is not in it", `(slot + 1) * SLOT > now - ms`, "true"),
  rates("negative", "no scope lost less than nothing", `Math.max(0, named - mended)`, `named - mended`),
  tally("below", "what is shorter than a millisecond is in the first bucket", `ms < 1 ? 0 : `, ""),
  tally(
    "last",
    "what is longer than a month is in the last bucket",
    `Math.min(LAST, 1 + Math.floor(PER_DOUBLING * Math.log2(ms)))`,
    `1 + Math.floor(PER_DOUBLING * Math.log2(ms))`,
  ),
  tally(
    "sorted",
    "buckets are in the order of their numbers",
    `.sort(([a], [b]) => Number(a) - Number(b))`,
    `.sort(([a], [b]) => (a < b ? 1 : -1))`,
  ),
  texts("judged", "a note keeps that its event is judged", `...(event.judged ? [1] : [])`, ""),
  causes(
    "awaited",
    "a row keeps that an event is awaited",
    `(awaited === undefined ? 0 : awaited === "judged" ? JUDGED : NAMED)`,
    "0",
  ),
  losses("mended", "what came late is lost no more", `      if (verdict.judged) count(counts, "mended");\n`, ""),
  losses("unnamed", "what was not counted as named is not mended", `if (verdict.judged) count(`, `count(`),
  losses("slot", "what came late is counted where it was named", `tally(verdict.named)`, `tally(tick)`),
  losses("dropped", "an awaited event that is forgotten is unsure", `    count(counts, "named", -1);\n`, ""),
  losses(
    "over",
    "what is lost already stays lost",
    `if (!cause || tick - cause.tick >= ticks(GRACE)) return;`,
    `if (!cause) return;`,
  ),
  losses("waiting", "what is not saved yet is in the report", `of waiting) {`, `of [] as Bound[]) {`),
  losses(
    "kept",
    "a part that was saved takes no other with it",
    `      bound = bound.slice(1);\n`,
    `      bound = [];\n`,
  ),
  losses(
    "clean",
    "hours are forgotten",
    `        for (const { name } of old) await`,
    `        for (const { name } of [] as typeof old) await`,
  ),
  losses("pages", "all of those that are too old", `some = old.length === PAGE;`, `some = false;`),
  hints("since", "what happened before the first poll is not judged", ` || ticks(at.getTime()) >= since`, ` || true`),
  poll(
    "webhooks",
    "a provider without webhooks has nothing to judge",
    `feed.webhooks && engine.providers[provider]?.webhook ?`,
    `feed.webhooks ?`,
  ),
  poll(
    "feed",
    "a feed says that it names what webhooks bring",
    `feed.webhooks && engine.providers[provider]?.webhook ?`,
    `engine.providers[provider]?.webhook ?`,
  ),
  plan("begun", "the first poll is remembered", `begun: begun ?? start`, `begun: start`),
  lag(
    "answered",
    "what an earlier read answered is not part of the lag",
    `cause.at !== null && isNews(row, cause)`,
    `cause.at !== null`,
  ),
  sync(
    "stop",
    "a stop saves what was counted",
    `    await losses.flush().catch(`,
    `    await Promise.resolve().catch(`,
  ),
];
