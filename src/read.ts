/**
 * Asks a plugin for the current state of leased rows.
 * @module
 */

import { call } from "./call.ts";
import { isCollection } from "./collection.ts";
import type { Engine } from "./engine.ts";
import { PluginError } from "./errors.ts";
import type { Kind } from "./kind.ts";
import { type Reading, reading } from "./observe.ts";
import type { Probe } from "./probe.ts";
import { type Gone, gone, type Hint } from "./provider.ts";
import type { Row } from "./row.ts";
import { type Tick, ticks } from "./time.ts";

/** Rows of one type and scope that one call reads, leased at `start`. */
export interface Job {
  kind: Kind;
  scope: string;
  rows: readonly Row[];
  start: Tick;
}

/** What a job brought: a reading for each row, in their order, and what the plugin hinted at on the way. */
export interface Answer {
  readings: readonly Reading[];
  found: readonly Hint[];
}

/** How long a row is one worker's: longer than a fetch with its probes may take. */
export const LEASE = ticks(180_000);
/** Ids per call of `fetchMany`. */
const BATCH = 100;

/**
 * Reads the rows of a job. "Not found" alone is not believed: the API says so too when it lost sight of us. It is asked
 * once more, between two good probes.
 */
export async function read(engine: Engine, probe: Probe, { kind, scope, rows, start }: Job): Promise<Answer> {
  const found: Hint[] = [];
  const states = await fetchStates(engine, kind, scope, rows, found);
  const missing = rows.filter(({ id }) => states.get(id) === null);
  if (missing.length > 0) {
    await probe(kind, scope);
    const again = await fetchStates(engine, kind, scope, missing, found);
    await probe(kind, scope);
    for (const { id } of missing) states.set(id, again.get(id) ?? gone);
  }
  const readings = rows.map(({ id, via }) => {
    const state = states.get(id) ?? gone;
    if (state !== gone) checkId(kind, state, id);
    const how = { start, lag: kind.rules.lag, certain: true, via: via ?? "app" } as const;
    return reading(kind, state === gone ? null : state, how);
  });
  return { readings, found };
}

type States = Map<string, object | null | Gone>;

async function fetchStates(
  engine: Engine,
  { name, resource }: Kind,
  scope: string,
  rows: readonly Row[],
  found: Hint[],
): Promise<States> {
  const ids = rows.map(({ id }) => id);
  const states = await call<(object | null | Gone)[]>(
    engine,
    scope,
    async (context) => {
      if (resource.fetchMany && ids.length > 1) return resource.fetchMany(ids, context);
      return Promise.all(ids.map((id) => resource.fetch(id, context)));
    },
    // One that is repeated wants the API's own word: a validator may stick.
    { found, fresh: rows.some(({ attempts }) => attempts > 0) },
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

/** Jobs for leased rows: those of one type and scope together where the API can read several at once. */
export function jobsOf({ kinds }: Pick<Engine, "kinds">, rows: readonly Row[], start: Tick): Job[] {
  const jobs: Job[] = [];
  const open = new Map<string, Row[]>();
  for (const row of rows) {
    const kind = kinds.get(row.type);
    if (!kind) continue;
    const key = `${row.type}|${row.scope}`;
    // After a failure alone: one that cannot be read must not keep the others of its batch from being read.
    const together = kind.resource.fetchMany !== undefined && row.attempts === 0 && !isCollection(kind, row.id);
    const batch = together ? open.get(key) : undefined;
    if (batch && batch.length < BATCH) {
      batch.push(row);
      continue;
    }
    const begun = [row];
    if (together) open.set(key, begun);
    jobs.push({ kind, scope: row.scope, rows: begun, start });
  }
  return jobs;
}
