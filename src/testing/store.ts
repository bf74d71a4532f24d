/**
 * The contract of a store, as tests: whoever writes a store runs them, with any runner.
 *
 * ```ts
 * import { test } from "node:test";
 * import { testStore } from "tidemark/testing";
 * testStore(test, "my store", async () => ({ store: myStore(), close: async () => {} }));
 * ```
 * @module
 */
import type { Store } from "../store.ts";
import { systemTime, type Time } from "../time.ts";
import type { Check, Table } from "./store/check.ts";
import { checkpointChecks } from "./store/checkpoints.ts";
import { forgettingChecks } from "./store/forgetting.ts";
import { noteChecks } from "./store/notes.ts";
import { orderChecks } from "./store/order.ts";
import { readChecks } from "./store/reads.ts";
import { rowChecks } from "./store/rows.ts";
import { updateChecks } from "./store/updates.ts";
import { wholeChecks } from "./store/whole.ts";

export type { Table };

/** Registers a test: `test` of node:test, vitest, bun:test and the like. */
export type RegisterTest = (name: string, body: () => Promise<void>) => unknown;

/**
 * Opens a new, empty store; a store that takes its clock from the application is given `time`. `reopen` gives the same
 * data again after a close; left out where data end with the store. `table` is left out where there is no `transaction`.
 */
export type OpenStore<Handle = unknown> = (time: Time) => Promise<{
  store: Store<Handle>;
  reopen?: () => Promise<Store<Handle>>;
  table?: Table<Handle>;
  close(): Promise<void>;
}>;

/** The subjects, in the order of their tests. */
const CHECKS: readonly Check[] = [
  ...updateChecks,
  ...noteChecks,
  ...orderChecks,
  ...rowChecks,
  ...checkpointChecks,
  ...readChecks,
  ...forgettingChecks,
  ...wholeChecks,
];

/** Registers the contract's tests under a name. */
export function testStore<Handle = unknown>(test: RegisterTest, name: string, open: OpenStore<Handle>): void {
  for (const { promise, run } of CHECKS) {
    test(`${name}: ${promise}`, async () => {
      const clock = { now: 2_000_000_000_000 };
      const { store, reopen, table, close } = await open({ ...systemTime, now: () => clock.now });
      try {
        await store.open();
        await run({ store, reopen, clock, table });
      } finally {
        await close();
      }
    });
  }
}
