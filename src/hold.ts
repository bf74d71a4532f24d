/**
 * Holding a checkpoint while working on what it names.
 * @module
 */
import { acquire, advance, type Checkpoint, release } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import type { Move, Store } from "./store.ts";
import { type Tick, ticks } from "./time.ts";

/** How long a hold lasts without an advance: longer than any one call of a plugin, and what it takes to record it. */
const HOLD = ticks(90_000);

/** A hold that a power cut undid, or gave back, costs a wait or a call. */
const LAZY = { lazy: true };

/** A checkpoint that this engine holds. */
export interface Held {
  /** As it is since the last advance, and when that was. */
  at: Checkpoint;
  tick: Tick;
  /** A move that saves a new value, to go with a transaction. Throws {@link Overtaken} in it if the hold was lost. */
  advance(change: (at: Checkpoint, tick: Tick) => string): Move;
  /** The checkpoint after a transaction with a move of `advance`. */
  moved(tick: Tick): void;
}

/** Another process took over; what this one had begun is not saved. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** What came of a hold, and the checkpoint after it. `held`: another works on it; `early`: it was not due. */
export interface Turn {
  how: "done" | "held" | "early";
  at: Checkpoint;
  tick: Tick;
}

/**
 * Runs `work` while holding the checkpoint, however long it takes, and lets go after it.
 *
 * @param due asked in the transaction that takes hold: of several processes that come at one time, one finds it due
 */
export async function hold(
  engine: Pick<Engine, "time" | "holder"> & { store: Pick<Store, "checkpoint"> },
  name: string,
  work: (held: Held) => Promise<void>,
  due: (at: Checkpoint, tick: Tick) => boolean = () => true,
): Promise<Turn> {
  const { store, time } = engine;
  // Another one each time: the engine itself must not hold a checkpoint twice at once.
  const owner = engine.holder();
  let over = false;
  let early = false;
  const take = (at: Checkpoint, tick: Tick) => {
    early = !due(at, tick);
    return early ? undefined : acquire(at, tick, owner, HOLD);
  };
  const taken = await store.checkpoint({ name, step: take }, LAZY);
  if (early) return { how: "early", ...taken };
  if (taken.at.holder !== owner) return { how: "held", ...taken };
  let next = taken.at;
  const held: Held = {
    ...taken,
    advance: (change) => ({
      name,
      step(at, tick) {
        const moved = advance(at, tick, owner, HOLD, change(at, tick));
        if (!moved) throw new Overtaken(`${name}: another process took over`);
        next = moved;
        return moved;
      },
    }),
    moved(tick) {
      held.at = next;
      held.tick = tick;
    },
  };
  let cancel = () => {};
  const renew = () => {
    if (over) return;
    cancel = time.after(HOLD / 3_000, () => {
      const step = (at: Checkpoint, tick: Tick) => (at.holder === owner ? acquire(at, tick, owner, HOLD) : undefined);
      store.checkpoint({ name, step }, LAZY).then(renew, renew);
    });
  };
  renew();
  const letGo = () => {
    over = true;
    cancel();
    return store.checkpoint({ name, step: (at) => release(at, owner) }, LAZY);
  };
  try {
    await work(held);
  } catch (error) {
    // What cannot be let go is free when the hold is over; the first error is the one that tells why.
    await letGo().catch(() => {});
    throw error;
  }
  await letGo();
  return { how: "done", at: held.at, tick: held.tick };
}
