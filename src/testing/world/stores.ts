/** The stores of a world: one that all processes share, or one for each. */
import type { Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import type { VirtualTime } from "../time.ts";

export interface Stores {
  /** For a process that starts. */
  open(): Store;
  /** For a look from outside. */
  look(): Store;
  close(): Promise<void>;
}

/** @param open how the application opens its own; left out: one in memory */
export function createStores(open: ((time: VirtualTime) => Store) | undefined, time: VirtualTime): Stores {
  const all = new Set<Store>();
  const take = (): Store => {
    const store = open ? open(time) : ([...all][0] ?? sqlite(":memory:", { time }));
    all.add(store);
    return store;
  };
  let outside: Store | undefined;
  return {
    open: take,
    look() {
      outside ??= take();
      return outside;
    },
    async close() {
      for (const store of all) await store.close();
      all.clear();
    },
  };
}
