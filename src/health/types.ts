/**
 * How each type in each scope is: what is recorded and owed, what found it, how far its sweep is.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { providerOf } from "../hints.ts";
import { parentOf } from "../kind.ts";
import { allCheckpoints, placeOf, sweepName, sweepOf } from "../reconcile/plan.ts";
import type { Survey } from "../store.ts";
import { dateOf, ticks } from "../time.ts";
import type { Ledger } from "./ledger.ts";
import { type Progress, progressOf, progressWithin } from "./progress.ts";

/** How a type in a scope is. Counts are since this engine was made. */
export interface TypeHealth {
  /** The full name: `"stripe.invoice"`. */
  type: string;
  scope: string;
  /** Resources recorded and not gone. */
  live: number;
  /** Resources that must be read, and since when the oldest of them is due; null: none. */
  dirty: number;
  oldest: Date | null;
  /** Resources whose last read failed, and why the latest did. */
  failing: number;
  error: string | null;
  /** When this engine last took a webhook of it; null: none since it was made, though another process may have. */
  lastWebhook: Date | null;
  /** When the last complete sweep began; null: none is complete. */
  lastSweep: Date | null;
  /** How far the sweep is that is under way; null: none is. The first one is the backfill. */
  sweep: Progress | null;
  /** Changes, by what found them. `initial`: they were there before we looked. */
  found: Readonly<Record<"webhook" | "poll" | "sweep" | "app" | "initial", number>>;
  /** Fetches, and reads refused because they were older than what is recorded. */
  reads: number;
  stale: number;
}

/**
 * Every type in every scope of which something is recorded, owed, or being swept. A type that no plugin has any more is not
 * among them: nobody reads what it owes. Of a scope that has left is what is recorded.
 */
export async function typesHealth(engine: Engine, ledger: Ledger): Promise<TypeHealth[]> {
  const surveys = (await engine.store.survey()).filter(({ type }) => engine.kinds.has(type));
  const sweeps = new Map((await allCheckpoints(engine, "sweep|")).map((at) => [at.name, at]));
  const lives = new Map(surveys.map(({ type, scope, live }) => [sweepName(type, scope), live]));
  return [...surveys, ...unrecorded(engine, surveys, sweeps)].map((survey): TypeHealth => {
    const { type, scope, live, failing } = survey;
    // What is owed in a scope that has left waits until it comes back: its age says nothing.
    const { dirty, oldest } = engine.scopes.left(providerOf(type), scope) ? NOTHING : survey;
    const { webhook, found, reads, stale, error } = ledger.of(type, scope);
    const sweep = sweepOf(sweeps.get(sweepName(type, scope)) ?? { value: null });
    const { completed } = sweep;
    const parent = parentNameOf(engine, type);
    const parents = parent === undefined ? undefined : (lives.get(sweepName(parent, scope)) ?? 0);
    const now = ticks(engine.time.now());
    const progress = parents === undefined ? progressOf(sweep) : progressWithin(sweep, parents, dirty, now);
    return {
      ...{ type, scope, live, dirty, failing, error, found, reads, stale },
      oldest: oldest === null ? null : dateOf(oldest),
      lastWebhook: webhook === null ? null : new Date(webhook),
      lastSweep: completed === null ? null : dateOf(completed),
      sweep: progress ?? null,
    };
  });
}

const NOTHING: Pick<Survey, "dirty" | "oldest"> = { dirty: 0, oldest: null };

/** Types that are being swept though nothing of them is recorded yet. */
function unrecorded(
  { kinds, scopes }: Engine,
  known: readonly Survey[],
  sweeps: ReadonlyMap<string, Checkpoint>,
): Survey[] {
  const names = new Set(known.map(({ type, scope }) => sweepName(type, scope)));
  return [...sweeps].flatMap(([name, at]) => {
    const place = placeOf(name);
    if (!place || names.has(name) || !kinds.has(place.job) || scopes.left(place.provider, place.scope)) return [];
    if (!progressOf(sweepOf(at))) return [];
    return [{ type: place.job, scope: place.scope, live: 0, dirty: 0, failing: 0, oldest: null }];
  });
}

/** The type that this one is listed within. */
function parentNameOf({ kinds }: Engine, type: string): string | undefined {
  const kind = kinds.get(type);
  return kind && parentOf(kinds, kind)?.name;
}
