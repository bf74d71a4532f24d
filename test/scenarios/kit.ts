/** What the scenarios share: two processes on one store, that follow a shelf, and answers that are held on their way. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { SyncOptions } from "tidemark";
import { memory } from "../desk.ts";
import { handClock } from "../stories/clock.ts";
import { open } from "../stories/process.ts";
import { type Call, Shelf, type ShelfOptions } from "../stories/shelf.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Nothing is swept but once at the beginning, unless the options say so. */
export function follow(t: TestContext, of: ShelfOptions = {}, options: Partial<SyncOptions> = {}) {
  const shelf = new Shelf(of);
  const clock = handClock();
  const store = memory(clock);
  // Both use it, so neither closes it.
  t.after(() => store.close());
  const process = () => {
    const app = open(shelf, { ...store, close: async () => {} }, clock, options);
    t.after(() => app.sync.stop());
    return app;
  };
  const [one, other] = [process(), process()];
  /** What the log says of one thing. */
  const states = async (id: string) => (await one.log()).get(id) ?? [];
  const later = async (ms: number) => {
    clock.advance(ms);
    await one.drain();
  };
  const dirty = () => store.rows({ state: "dirty", limit: 1_000 });
  return { shelf, clock, store, one, other, states, later, dirty };
}

/** The next answer of this kind shows what is there now, and is on its way until it is let go. */
export function holdBack(shelf: Shelf, what: Call["what"]) {
  const seen = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { after } = shelf;
  let taken = false;
  shelf.after = async (call) => {
    if (taken || call.what !== what) {
      await after(call);
      return;
    }
    taken = true;
    seen.resolve();
    await gate.promise;
  };
  return { seen: seen.promise, letGo: gate.resolve };
}

/** Until something holds, a second of the clock at a time; answers how many passed. */
export async function passUntil(later: (ms: number) => Promise<void>, holds: () => Promise<boolean>, most: number) {
  for (let ms = 0; ms <= most; ms += SECOND) {
    if (await holds()) return ms;
    await later(SECOND);
  }
  assert.fail(`not within ${most / SECOND} s`);
}
