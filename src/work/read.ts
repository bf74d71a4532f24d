/**
 * Asks a plugin for the current state of leased rows.
 * @module
 */

import type { Permit } from "../budget/wallet.ts";
import type { Engine } from "../engine.ts";
import { PluginError } from "../errors.ts";
import type { Kind } from "../kind.ts";
import { type Gone, gone, type Hint } from "../provider.ts";
import { type Class, classes, type Row } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import { call } from "./call.ts";
import { type Reading, reading } from "./observe.ts";
import type { Probe } from "./probe.ts";

/** Rows of one type and scope that one call reads, leased at `start`. */
export interface Job {
  kind: Kind;
  scope: string;
  rows: readonly Row[];
  start: Tick;
  /** Of its first call. Left out: that waits for its turn. */
  permit?: Permit;
}

/** What a job brought: a reading for each row that could be read, in their order, and what the plugin hinted at on the way. */
export interface Answer {
  rows: readonly Row[];
  readings: readonly Reading[];
  /** Those that could not, and why. */
  failures: readonly { row: Row; error: Error }[];
  found: readonly Hint[];
}

/** How long a row is one worker's: longer than a fetch with its probes may take. */
export const LEASE = ticks(180_000);

/**
 * Reads the rows of a job. "Not found" alone is not believed: the API says so too when it lost sight of us. It counts between
 * two good probes; where there was none right before, it is asked once more.
 */
export async function read(engine: Engine, probe: Probe, job: Job): Promise<Answer> {
  const { kind, scope, rows, permit } = job;
  const cls = classOf(job);
  const found: Hint[] = [];
  const proven = probe.wasGood(kind, scope);
  const states = await fetchStates(engine, job, rows, found, permit);
  const missing = rows.filter(({ id }) => states.get(id) === null);
  if (missing.length > 0) {
    if (!proven) {
      await probe.ask(kind, scope, cls);
      for (const [id, state] of await fetchStates(engine, job, missing, found)) states.set(id, state);
    }
    await probe.ask(kind, scope, cls);
  }
  const failures: { row: Row; error: Error }[] = [];
  const readings: Reading[] = [];
  const read = rows.filter((row) => {
    const state = states.get(row.id) ?? gone;
    if (state instanceof Error) failures.push({ row, error: state });
    else readings.push(readingOf(job, row, state));
    return !(state instanceof Error);
  });
  return { rows: read, readings, failures, found };
}

function readingOf({ kind, start }: Job, { id, via }: Row, state: object | Gone): Reading {
  if (state !== gone) checkId(kind, state, id);
  const how = { start, lag: kind.rules.lag, certain: true, via: via ?? "app" } as const;
  return reading(kind, state === gone ? null : state, how);
}

/** What a job is for: the most urgent of what its rows are. */
export const classOf = ({ rows }: Pick<Job, "rows">): Class =>
  classes.find((cls) => rows.some((row) => row.class === cls)) ?? "live";

type States = Map<string, object | null | Gone | Error>;

async function fetchStates(
  engine: Engine,
  job: Job,
  rows: readonly Row[],
  found: Hint[],
  permit?: Permit,
): Promise<States> {
  const { provider, name, resource } = job.kind;
  const ids = rows.map(({ id }) => id);
  const states = await call<(object | null | Gone | Error)[]>(
    engine,
    { provider, scope: job.scope, class: classOf(job) },
    async (context) => {
      if (resource.fetchMany && ids.length > 1) return resource.fetchMany(ids, context);
      return Promise.all(ids.map((id) => resource.fetch(id, context)));
    },
    // One that is repeated wants the API's own word: a validator may stick.
    { found, fresh: rows.some(({ attempts }) => attempts > 0), permit },
  );
  if (states.length !== ids.length) {
    throw new PluginError(`${name}: fetchMany answered ${states.length} states for ${ids.length} ids`);
  }
  return new Map(ids.map((id, i) => [id, states[i] ?? null]));
}

/** What came back must be what was asked for: a gateway's page, or a moved resource, is no observation of this one. */
function checkId({ name, resource }: Kind, state: object, id: string): void {
  if (resource.id(state) === id) return;
  throw new PluginError(`${name}: the answer is not the resource that was asked for`);
}
