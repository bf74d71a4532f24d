/**
 * Saves what a job brought: the observations, or why there are none.
 * @module
 */
import { scopeKey, typeKey } from "../budget.ts";
import type { Engine } from "../engine.ts";
import { AccessLost, BudgetSpent, describe, Hidden, RetryLater } from "../errors.ts";
import { keyOf, type Located, locate, saveHints } from "../hints.ts";
import { clean, type Outcome, type Relation, type Row, settle } from "../row.ts";
import { collectionsOf, hintChildren } from "../sweep/collection.ts";
import { holdsBack } from "../sweep/guard.ts";
import { type Tick, ticks } from "../time.ts";
import { Stopped } from "./call.ts";
import { apart } from "./news.ts";
import { askedBy, type Observed, observe, type Reading } from "./observe.ts";
import type { Answer, Job } from "./read.ts";

/** Milliseconds that a type of a scope rests after its access was lost. */
const ACCESS_REST = 60_000;

/** Saves what was read, and why the rest was not. */
export async function recordAnswer(engine: Engine, job: Job, answer: Answer): Promise<void> {
  if (answer.rows.length > 0) await recordReadings(engine, { ...job, rows: answer.rows }, answer);
  await Promise.all(answer.failures.map(({ row, error }) => recordFailure(engine, { ...job, rows: [row] }, error)));
}

/** Accepts the observations and settles what was owed; first what they hint at elsewhere. */
async function recordReadings(engine: Engine, job: Job, answer: Answer): Promise<void> {
  await hintElsewhere(engine, job, answer);
  const { kind, rows } = job;
  const readings = new Map(rows.map((row, i) => [keyOf(row), answer.readings[i]]));
  const relations = new Map<string, Seen>();
  const hold = await holdsAbsences(engine, job, answer);
  const draw = engine.time.random();
  const step = (row: Row, to: Tick) => {
    const read = readings.get(keyOf(row));
    if (!read) return undefined;
    const { step, o, ...seen } = observe(kind, row, read, to);
    const { relation } = seen;
    // As if it had been the same: the next sweep does not see it, and suspects it again.
    if (hold && isDeletion(row, relation, read)) {
      return { row: settle(row, { o, relation: "same" }, kind.rules, draw) };
    }
    relations.set(keyOf(row), seen);
    return { ...step, row: apart(settle(step.row, { o, relation }, kind.rules, draw), kind.rules) };
  };
  engine.outages.worked(outageKey(job));
  const saved = await engine.store.update({ refs: rows }, step);
  // Hinted before it was recorded, a collection may have been asked for the list of a parent that has none any more.
  const gone = saved.rows
    .filter((row) => !row.present && relations.get(keyOf(row))?.relation === "newer")
    .map(({ id }) => id);
  await hintChildren(engine, kind, job.scope, gone, "sweep");
  const before = new Map(rows.map((row) => [keyOf(row), row]));
  for (const row of saved.rows) {
    tell(engine, row, relations.get(keyOf(row)) ?? { relation: "same" }, before.get(keyOf(row)), msOf(job, saved.tick));
    if (row.due !== null) engine.workDue(Math.max(0, (row.due - saved.tick) / 1_000));
  }
}

const isDeletion = (row: Row, relation: Relation, { state }: Reading): boolean =>
  row.present && state === null && relation === "newer";

/** Whether what this answer says is gone is too much to be believed at once. */
async function holdsAbsences(
  engine: Engine,
  { kind, scope, rows, start }: Job,
  { readings }: Answer,
): Promise<boolean> {
  const absent = rows.filter((row, i) => {
    const read = readings[i];
    if (!row.present || read === undefined || read.state !== null) return false;
    return isDeletion(row, observe(kind, row, read, start).relation, read);
  });
  return absent.length > 0 && holdsBack(engine, kind, scope, absent.length);
}

/** After a crash in between the hints come again, because what gave them is recorded later than they are. */
async function hintElsewhere(engine: Engine, { kind, scope, rows }: Job, { readings, found }: Answer): Promise<void> {
  const { provider, resource } = kind;
  // What is said of a resource by itself would have it read for ever; what one of a batch says of another is looked at.
  const besides = (own: readonly Row[], hints: readonly Located[]) => {
    const keys = new Set(own.map(keyOf));
    return hints.filter(({ type, scope, hint }) => !keys.has(keyOf({ type, scope, id: hint.id ?? "" })));
  };
  const others = besides(rows, locate(engine, provider, scope, found));
  readings.forEach(({ state, finger }, i) => {
    const row = rows[i];
    if (!row || (state === null ? !row.present : finger?.raw === row.raw)) return;
    const related = state === null ? [] : (resource.related?.(state) ?? []);
    others.push(...besides([row], locate(engine, provider, scope, related)), ...collectionsOf(kind, scope, [row.id]));
  });
  if (others.length === 0) return;
  const [row] = rows;
  await saveHints(engine, others, { class: row?.class ?? "poll", via: row?.via ?? "poll" });
}

type Seen = Pick<Observed, "relation" | "lag" | "causes">;

/** How long a read took, by the store's clock. */
const msOf = ({ start }: Job, tick: Tick): number => Math.max(0, (tick - start) / 1_000);

function tell(engine: Engine, row: Row, { relation, lag, ...causes }: Seen, before: Row | undefined, ms: number): void {
  const { type, scope, id, position } = row;
  engine.emit({ kind: "read", type, scope, id, outcome: relation, class: before?.class ?? "sweep", ms, ...causes });
  if (relation !== "newer" || position === null) return;
  engine.emit({
    kind: "change",
    type,
    scope,
    id,
    position,
    via: before?.via ?? "app",
    ...(lag !== undefined && { lag }),
    ...causes,
  });
  engine.grown.ring();
}

/** A read that failed: its rows are read again later, unless the resource is hidden. */
export async function recordFailure(engine: Engine, job: Job, error: unknown): Promise<void> {
  const { kind, rows } = job;
  const line = describe(error);
  const wait = restAfter(engine, job, error);
  if (wait === undefined && !(error instanceof Hidden)) engine.outages.failed(outageKey(job), engine.time.now());
  // The same for all, so that a batch stays together.
  const draw = engine.time.random();
  const step = (row: Row, tick: Tick) => {
    if (error instanceof Hidden && rows.length === 1) {
      // What was hinted while it was read is still to be looked at.
      const met = (row.hinted ?? 0) <= job.start && (row.confirm ?? 0) <= job.start;
      return { row: met ? clean(row) : { ...row, lease: null, due: tick } };
    }
    const until = wait === undefined ? {} : { until: tick + ticks(wait + draw * Math.min(wait, 1_000)) };
    const outcome: Outcome = { failed: line, at: tick, ...until };
    const settled = settle(row, outcome, kind.rules, draw);
    // To wait for its turn is nothing that health should name.
    return { row: error instanceof BudgetSpent ? { ...settled, error: row.error } : settled };
  };
  const { rows: saved, tick } = await engine.store.update({ refs: rows }, step);
  const asked = new Map(rows.map((row) => [keyOf(row), { class: row.class ?? "sweep", ...askedBy(row, job.start) }]));
  for (const { type, scope, id, due } of saved) {
    if (due !== null) engine.workDue(Math.max(0, (due - tick) / 1_000));
    if (error instanceof Stopped || error instanceof BudgetSpent) continue;
    const outcome = error instanceof Hidden && rows.length === 1 ? "hidden" : "failed";
    const about = asked.get(keyOf({ type, scope, id })) ?? { class: "sweep" };
    engine.emit({ kind: "read", type, scope, id, outcome, ms: msOf(job, tick), ...about, error: line });
  }
}

const outageKey = ({ kind, scope }: Job): string => `${scopeKey(kind.provider, scope)}|${kind.name}`;

/** What an error means for the scope. Answers the milliseconds to wait; undefined: the usual backoff. */
function restAfter({ budget, scopes, time }: Engine, { kind, scope }: Job, error: unknown): number | undefined {
  const now = time.now();
  if (error instanceof Stopped) return 0;
  if (error instanceof RetryLater || error instanceof BudgetSpent) return error.ms;
  if (!(error instanceof AccessLost)) return undefined;
  scopes.doubt(kind.provider);
  budget.rest(typeKey(kind.provider, scope, kind.name), now + ACCESS_REST);
  return ACCESS_REST;
}
