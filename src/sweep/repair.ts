/**
 * `sweep()`: a repair now, with a report.
 * @module
 */
import type { Engine } from "../engine.ts";
import { BudgetSpent, Misuse } from "../errors.ts";
import type { Kind } from "../kind.ts";
import { sweepName, sweepOf, wantSweep } from "../reconcile/plan.ts";
import type { Ref, Row } from "../row.ts";
import { sweepType } from "../sweep.ts";
import { sleep, type Tick } from "../time.ts";
import type { Worker } from "../work.ts";
import { allow } from "./guard.ts";

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
  if (engine.pauses.has(kind.provider, scope)) throw new Misuse(`${kind.provider} is paused: resume it first`);
  const { position } = await engine.store.head();
  await allow(engine, kind.name, scope);
  await wantSweep(engine, kind.name, scope);
  const name = sweepName(kind.name, scope);
  const stateNow = async () => sweepOf((await engine.store.checkpoints(name, "", 1))[0] ?? { value: null });
  const { wanted } = await stateNow();
  const paused = () => engine.pauses.has(kind.provider, scope);
  // One that was under way when this was asked for does not count.
  for (
    let state = await stateNow();
    state.phase !== "done" || (state.begun ?? 0) < (wanted ?? 0);
    state = await stateNow()
  ) {
    engine.stopping.throwIfAborted();
    if (paused()) throw new Misuse(`${kind.provider} was paused: resume it first`);
    if ((await sweepPatiently(engine, kind, scope, paused)) === "done") continue;
    if (!(await worker.some())) await engine.grown.wait(engine.time, 100, engine.stopping);
  }
  const { tick: end } = await engine.store.checkpoint({ name: "clock", step: () => undefined });
  while (await owes(engine, kind, scope, end)) {
    engine.stopping.throwIfAborted();
    if (!(await worker.some())) await engine.grown.wait(engine.time, 100, engine.stopping);
  }
  const { suspects } = await stateNow();
  return { type: kind.name, scope, changes: await countChanges(engine, kind, scope, position), suspects };
}

/** A person asked for it: what the budget makes wait, waits. */
async function sweepPatiently(engine: Engine, kind: Kind, scope: string, paused: () => boolean): Promise<string> {
  try {
    return (await sweepType(engine, kind, scope, paused)).how;
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    await sleep(engine.time, error.ms, engine.stopping);
    return "waiting";
  }
}

/** Whether something that was owed before `end` can be read now. What comes later is none of the sweep's. */
async function owes({ store }: Engine, { name: type }: Kind, scope: string, end: Tick): Promise<boolean> {
  const { tick } = await store.checkpoint({ name: "clock", step: () => undefined });
  for (let after: Ref | undefined; ; ) {
    const dirty = await store.rows({ type, scope, state: "dirty", limit: PAGE, ...(after && { after }) });
    const since = ({ hinted, confirm }: Row) =>
      Math.min(hinted ?? Number.POSITIVE_INFINITY, confirm ?? Number.POSITIVE_INFINITY);
    const now = ({ attempts, due }: Row) => attempts === 0 && due !== null && due <= tick;
    if (dirty.some((row) => now(row) && since(row) <= end)) return true;
    if (dirty.length < PAGE) return false;
    after = dirty.at(-1);
  }
}

const PAGE = 1_000;

async function countChanges({ store }: Engine, { name }: Kind, scope: string, from: number): Promise<number> {
  let count = 0;
  for (let after = from; ; ) {
    const entries = await store.entries({ after, limit: 500, types: [name], scope });
    count += entries.length;
    if (entries.length < 500) return count;
    after = entries.at(-1)?.position ?? after;
  }
}
