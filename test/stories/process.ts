/** A process that follows a shelf, and what its log says. */
import assert from "node:assert/strict";
import { createSync, type Store, type SyncOptions, type Time } from "tidemark";
import { webhookOf } from "../desk.ts";
import type { Shelf } from "./shelf.ts";

const YEAR = 365 * 86_400_000;

/** Nothing is swept but once at the beginning, unless the options say so. */
export function open(shelf: Shelf, store: Store, time: Time, options: Partial<SyncOptions> = {}) {
  const sync = createSync({ providers: { shelf: shelf.provider }, store, time, sweepEvery: YEAR, ...options });
  const post = async (...hints: unknown[]) => (await sync.webhook("shelf", webhookOf(hints))).status;
  /** What the log says of a thing: its numbers, and null where it was deleted. */
  const log = async (): Promise<Map<string, (number | null)[]>> => {
    const found = new Map<string, (number | null)[]>();
    for await (const { id, after } of sync.changes({ follow: false })) {
      found.set(id, [...(found.get(id) ?? []), after?.n ?? null]);
    }
    return found;
  };
  return {
    ...{ sync, post, log, drain: () => sync.drain() },
    /** What is recorded is a part of what there was, in its order, and ends with what there is. Nothing is owed. */
    async endsAtTruth(): Promise<void> {
      const recorded = await log();
      for (const id of shelf.ids()) {
        const entries = recorded.get(id) ?? [];
        assert.ok(isWithin(entries, shelf.history(id)), `${id}: [${entries}] is no part of [${shelf.history(id)}]`);
        assert.equal(entries.at(-1) ?? null, shelf.now(id)?.n ?? null, `${id} ends as it is, not [${entries}]`);
      }
      const known = new Set(shelf.ids());
      assert.deepEqual(
        [...recorded.keys()].filter((id) => !known.has(id)),
        [],
        "nothing that never was",
      );
      const dirty = await store.rows({ state: "dirty", limit: 1_000 });
      assert.deepEqual(
        dirty.map(({ id, error }) => `${id} ${error ?? ""}`),
        [],
        "nothing is owed",
      );
    },
  };
}

/** Whether some things come in another list in the same order. */
export function isWithin<T>(some: readonly T[], all: readonly T[]): boolean {
  let from = 0;
  return some.every((one) => {
    const at = all.indexOf(one, from);
    from = at + 1;
    return at >= 0;
  });
}
