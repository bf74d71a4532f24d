/**
 * Forgets history on schedule: what is older than the retention, and no subscription has still to read.
 * @module
 */

import { groupOf } from "./deliver/partition.ts";
import type { Engine } from "./engine.ts";
import { hold } from "./hold.ts";
import { FORGET } from "./row.ts";
import type { Store } from "./store.ts";
import { type Tick, ticks } from "./time.ts";

/** Milliseconds from one compaction to the next, at most: so long a reader who began at the start may take for what is old. */
const EVERY = 86_400_000;
/** Compactions in a retention, at least: no more is kept beyond it than this part of it. */
const PARTS = 10;
const NAME = "compact";

/**
 * Compacts the log if that is due. Answers how many milliseconds to sleep.
 *
 * @param retention milliseconds for which history is kept; `Infinity`: for ever
 */
export async function compactDue(engine: Engine, retention: number): Promise<number> {
  if (!Number.isFinite(retention)) return Number.POSITIVE_INFINITY;
  const every = Math.min(EVERY, retention / PARTS);
  let wait = every;
  await hold(engine, NAME, async (held) => {
    const due = held.at.at + ticks(every);
    if (held.at.value !== null && held.tick < due) {
      wait = (due - held.tick) / 1_000;
      return;
    }
    const below = await lowestKept(engine.store, held.tick - ticks(retention));
    await engine.store.compact(below, FORGET);
    const { tick } = await engine.store.checkpoint(held.advance(() => JSON.stringify({ below })));
    held.moved(tick);
    engine.emit({ kind: "compacted", below });
  });
  return wait;
}

/** The position from which on history is kept: the first that is young enough, or that a living subscription has not read. */
async function lowestKept(store: Store, old: Tick): Promise<number> {
  let below = await firstSince(store, old);
  for (let after = ""; ; ) {
    const page = await store.checkpoints("subscriber|", after, 1_000);
    for (const at of page) {
      if (at.at <= old) continue;
      for (const { position, parked } of groupOf(at)?.parts ?? []) {
        below = Math.min(below, position + 1, ...parked.map((one) => one.position));
      }
    }
    if (page.length < 1_000) return below;
    after = page.at(-1)?.name ?? "";
  }
}

/** The first position whose entry is not older than a tick: by halves, because ticks grow with positions. */
async function firstSince(store: Store, tick: Tick): Promise<number> {
  const { position, compacted } = await store.head();
  let [low, high] = [compacted + 1, position + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await store.entries({ after: middle - 1, limit: 1 });
    if (entry === undefined || entry.tick >= tick) high = middle;
    else low = entry.position + 1;
  }
  return low;
}
