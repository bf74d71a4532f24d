/**
 * `sweep()`: a repair now, with a report.
 * @module
 */
import type { Engine } from "./engine.ts";
import type { Kind } from "./kind.ts";
import { sweepName, sweepOf, wantSweep } from "./plan.ts";
import { sweepType } from "./sweep.ts";
import type { Worker } from "./work.ts";

/** What a sweep of one type in one scope found. */
export interface SweepReport {
  type: string;
  scope: string;
  /** Changes recorded between its beginning and the end of the reads it led to. */
  changes: number;
  /** Resources that the list did not show, and that were fetched to see whether they are gone. */
  suspects: number;
}

/** @throws TypeError if the scope is paused */
export async function sweepNow(engine: Engine, worker: Worker, kind: Kind, scope: string): Promise<SweepReport> {
  if (engine.pauses.has(kind.provider, scope)) throw new TypeError(`${kind.provider} is paused: resume it first`);
  const { position } = await engine.store.head();
  await wantSweep(engine, kind.name, scope);
  const name = sweepName(kind.name, scope);
  const stateNow = async () => sweepOf((await engine.store.checkpoints(name, "", 1))[0] ?? { value: null });
  const { wanted } = await stateNow();
  // One that was under way when this was asked for does not count.
  for (
    let state = await stateNow();
    state.phase !== "done" || (state.begun ?? 0) < (wanted ?? 0);
    state = await stateNow()
  ) {
    if ((await sweepType(engine, kind, scope)) !== "done") await engine.grown.wait(engine.time, 100, engine.stopping);
    await worker.drain();
    engine.stopping.throwIfAborted();
  }
  await worker.drain();
  const { suspects } = await stateNow();
  return { type: kind.name, scope, changes: await countChanges(engine, kind, scope, position), suspects };
}

async function countChanges({ store }: Engine, { name }: Kind, scope: string, from: number): Promise<number> {
  let count = 0;
  for (let after = from; ; ) {
    const entries = await store.entries({ after, limit: 500, types: [name], scope });
    count += entries.length;
    if (entries.length < 500) return count;
    after = entries.at(-1)?.position ?? after;
  }
}
