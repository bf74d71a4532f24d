import { type Mutant, mutantsOf } from "./mutant.ts";

const gap = mutantsOf("backfill-gap-", "src/reconcile/gap.ts", ["test/gaps.test.ts"]);
const gaps = mutantsOf("backfill-gaps-", "src/reconcile/gaps.ts", ["test/gaps.test.ts"]);
const poll = mutantsOf("backfill-poll-", "src/poll.ts", ["test/gaps.test.ts"]);
const feedPlan = mutantsOf("backfill-plan-", "src/reconcile/plan.ts", ["test/gaps.test.ts"]);
const patrol = mutantsOf("backfill-patrol-", "src/reconcile/patrol.ts", ["test/gaps.test.ts"]);
const sweepGaps = mutantsOf("backfill-sweep-", "src/sweep.ts", ["test/gaps.test.ts"]);
const sync = mutantsOf("backfill-sync-", "src/sync.ts", ["test/gaps.test.ts"]);
const progress = mutantsOf("backfill-progress-", "src/health/progress.ts", ["test/progress.test.ts"]);
const page = mutantsOf("backfill-page-", "src/sweep/page.ts", ["test/progress.test.ts"]);
const sweep = mutantsOf("backfill-sweep-", "src/sweep.ts", ["test/progress.test.ts"]);
const types = mutantsOf("backfill-types-", "src/health/types.ts", ["test/progress.test.ts"]);
const plan = mutantsOf("backfill-plan-", "src/reconcile/plan.ts", ["test/progress.test.ts"]);
const cutover = mutantsOf("backfill-sweep-", "src/sweep.ts", ["test/backfill.test.ts"]);
const github = mutantsOf("backfill-client-", "providers/github/client.ts", ["test/providers/github.read.test.ts"]);
const gitlab = mutantsOf("backfill-read-", "providers/gitlab/read.ts", ["test/providers/gitlab.read.test.ts"]);
const paypal = mutantsOf("backfill-list-", "providers/paypal/list.ts", ["test/providers/paypal.read.test.ts"]);
const strapi = mutantsOf("backfill-list-", "providers/strapi/list.ts", ["test/providers/strapi.read.test.ts"]);
const rest = mutantsOf("backfill-service-", "providers/rest/service.ts", ["test/providers/rest.read.test.ts"]);
const log = mutantsOf("backfill-log-", "providers/rest/log.ts", ["test/providers/rest.feed.test.ts"]);

/** Guards of backfills, their progress, and gaps. */
export const backfill: readonly Mutant[] = [
  gap(
    "since",
    "only a sweep that began after the gap was opened proves anything",
    `begun > since && begun - lag`,
    `begun - lag`,
  ),
  gap("lag", "a list that lags must begin later", `begun - lag > Math.min`, `begun > Math.min`),
  gap(
    "worth",
    "while a list may be behind, no sweep after another is asked for that proves nothing",
    `(begun === null || begun <= gap.since || isSeen(gap, now, lag))`,
    `true`,
  ),
  gap("goes-on", "a gap that goes on cannot be closed", `gap.to !== null && isSeen`, `isSeen`),
  gap(
    "longer",
    "what makes it longer has its types swept again",
    `isLonger(known, end) ? now : known.since`,
    `known.since`,
  ),
  gap(
    "again",
    "what was found before does not make it longer",
    `return end > to && ticks(end) > since;`,
    `return end > to;`,
  ),
  gap("from", "it never becomes shorter", `Math.min(begin, known.from)`, `begin`),
  gap("to", "its end never comes nearer", `Math.max(end, known.to)`, `end`),
  gaps(
    "want",
    "its types are swept",
    `else if (kind && sweep && isWanting`,
    `else if (false && kind && sweep && isWanting`,
  ),
  gaps(
    "once",
    "a sweep that is wanted already is not wanted again",
    `(wanted === null || wanted < (begun ?? 0))`,
    `true`,
  ),
  gaps("meanwhile", "what became longer meanwhile stays open", ` || now.since !== gap.since || now.to !== gap.to`, ``),
  gaps("unknown", "another process may know a type that this one does not", `- gap.since > FORGET`, `- gap.since > -1`),
  gaps(
    "forgotten",
    "a type that nobody knows any more does not keep it open for ever",
    `else if (!kind && now`,
    `else if (false && now`,
  ),
  gaps("left", "a scope that has left has no gap", `!engine.scopes.left(provider, scope)`, `true`),
  gaps("told", "it is told once", `if (longer && gap)`, `if (gap)`),
  gaps("last", "the last type closes it", `if (types.length > 0) return`, `if (types.length > -1) return`),
  poll(
    "first",
    "before the first poll a feed has nothing to miss",
    `if (polled === null) return undefined;`,
    `if (polled === null) return { from: dateOf(0), to: dateOf(now) };`,
  ),
  poll("horizon", "what a feed can still tell is no gap", `now - ticks(horizon ?? Number.POSITIVE_INFINITY)`, `now`),
  poll("says", "a feed may say that its cursor was lost", `answer.gap || sees`, `sees`),
  poll("sees", "what a feed did not see while it had no cursor is a gap", `answer.gap || sees`, `answer.gap`),
  poll("blind", "it is one from when the feed lost its cursor", `sees ? blind : polled`, `polled`),
  feedPlan(
    "sight",
    "a feed that still sees nothing has been blind since the first time",
    `before.polled : blind`,
    `before.polled : before.polled`,
  ),
  feedPlan(
    "never",
    "a feed that never had a cursor has lost none",
    `before.cursor !== null ? before.polled`,
    `true ? before.polled`,
  ),
  patrol(
    "tend",
    "a gap that a crash left without its sweep is not forgotten",
    `          if (at.name.startsWith(GAPS) && engine.time.random() < TENDED / page.length) await tend(at);\n`,
    ``,
  ),
  patrol("some", "of very many some are looked at, not all", ` && engine.time.random() < TENDED / page.length`, ``),
  sweepGaps("closed", "the sweep closes it", `  await tendGaps(engine, kind.provider, scope);\n`, ``),
  sync(
    "log",
    "a cursor of the log that is lost is a gap",
    `        await openGap(engine, { provider, scope, what: "log", ...bounds });\n`,
    ``,
  ),
  progress(
    "idle",
    "a night in which nobody was at it does not count",
    `Math.min(Math.max(0, took), IDLE)`,
    `Math.max(0, took)`,
  ),
  progress("back", "nor does a clock that steps back", `Math.min(Math.max(0, took), IDLE)`, `Math.min(took, IDLE)`),
  progress("finite", "a total that is no number is none", `Number.isFinite(total) && total >= 0`, `total >= 0`),
  progress("negative", "nor is one below nothing", `Number.isFinite(total) && total >= 0`, `Number.isFinite(total)`),
  progress("last", "the last total stands", `totalOf(page.total) ?? state.total`, `totalOf(page.total)`),
  progress("nothing", "without an item there is no rate", `total === null || items === 0`, `total === null`),
  progress("more", "no estimate is below nothing", `Math.max(0, total - items)`, `(total - items)`),
  progress("waiting", "a parent whose list waits is not done", `Math.max(0, state.items - waiting)`, `state.items`),
  progress(
    "under-way",
    "a sweep that is over is not under way",
    `begun === null || phase === "done"`,
    `begun === null`,
  ),
  page("told", "a page tells how far its sweep is", `...(now && { progress: now })`, ``),
  sweep("took", "the time that a page took is counted", `page, tick - at.at)`, `page, 0)`),
  sweep(
    "page",
    "what the page before saved is gone on from",
    `phase === "done" || outOfDate(known,`,
    `phase !== "x" || outOfDate(known,`,
  ),
  plan(
    "new",
    "a new sweep counts from nothing",
    `  ...NEVER_SWEPT,\n  completed: state.completed,`,
    `  ...state,\n  completed: state.completed,`,
  ),
  types("first", "a type that is seen for the first time is there", `...unrecorded(engine, surveys, sweeps)`, ``),
  types("unknown", "a type that nobody sweeps is not", `!kinds.has(place.job) || `, ``),
  types(
    "within",
    "of a type within another one the parents count",
    `parents === undefined ? progressOf`,
    `true ? progressOf`,
  ),
  sweep("parents", "each parent is an item", `items: after.items + refs.length`, `items: after.items`),
  types("left", "nor is a scope that has left", ` || scopes.left(place.provider, place.scope)`, ``),
  cutover(
    "initial",
    "what a later sweep finds was not there before",
    `completed === null ? "backfill" : "sweep"`,
    `completed === null ? "backfill" : "backfill"`,
  ),
  github(
    "total",
    "about how many there are is on the number of the last page",
    `/\\brel="?last\\b/.test(one)`,
    `/\\brel="?next\\b/.test(one)`,
  ),
  gitlab(
    "first",
    "a later page may count what is left",
    `page === null && found.total !== undefined`,
    `found.total !== undefined`,
  ),
  paypal(
    "since",
    "a total of more than is listed is none",
    `total !== undefined && since === undefined`,
    `total !== undefined`,
  ),
  strapi("once", "Strapi counts once", `page === null && statuses.length === 1`, `statuses.length === 1`),
  strapi("statuses", "one list of two says nothing of both", `page === null && statuses.length === 1`, `page === null`),
  rest("count", "what is no number is no total", `typeof value === "string" && /^\\d+$/.test(value)`, `true`),
  log("gap", "a log that lost its place says so", `      lost.gap = true;\n`, ``),
];
