/**
 * `synced()`: waits until all that was there before we looked is recorded.
 * @module
 */
import type { Engine } from "../engine.ts";
import type { Kind } from "../kind.ts";
import { sweepName, sweepOf } from "../reconcile/plan.ts";
import type { Ref } from "../row.ts";

/** Milliseconds between looks. */
const LOOK = 250;
const PAGE = 1_000;

/** Waits for the first sweep of a type, or of all, and for the reads it led to. @throws DOMException `AbortError` */
export async function waitSynced(
  engine: Engine,
  only: Kind | undefined,
  scope: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const kind of only ? [only] : engine.kinds.values()) {
    for (const one of scope === undefined ? await engine.scopes.of(kind.provider) : [scope]) {
      while (!engine.scopes.left(kind.provider, one) && !(await isSynced(engine, kind, one))) {
        await engine.grown.wait(engine.time, LOOK, AbortSignal.any([engine.stopping, ...(signal ? [signal] : [])]));
        signal?.throwIfAborted();
        engine.stopping.throwIfAborted();
      }
    }
  }
}

async function isSynced({ store }: Engine, { name: type }: Kind, scope: string): Promise<boolean> {
  const name = sweepName(type, scope);
  const at = (await store.checkpoints(name, "", 1)).find((one) => one.name === name);
  const { completed } = sweepOf(at ?? { value: null });
  if (at === undefined || completed === null) return false;
  for (let after: Ref | undefined; ; ) {
    const dirty = await store.rows({ type, scope, state: "dirty", limit: PAGE, ...(after && { after }) });
    // What fails is shown by health, and may fail for ever; what came after the sweep was not there before we looked.
    if (dirty.some((row) => row.position === null && row.attempts === 0 && (row.hinted ?? 0) <= at.at)) return false;
    if (dirty.length < PAGE) return true;
    after = dirty.at(-1);
  }
}
