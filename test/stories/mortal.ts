/** Stores whose process dies, or that fail, at a word of the test's choice. */
import type { DatabaseSync } from "node:sqlite";
import type { Store } from "tidemark";
import type { VirtualTime } from "tidemark/testing";

/** What a process asks of its store to change something. */
const WORDS = ["post", "update", "checkpoint", "transaction"] as const;
/** Before it was heard, or when it was done, and its answer never came. */
export type When = "before" | "after";

type Give = (run: () => Promise<unknown>) => Promise<unknown>;

/** A store of which each of {@link WORDS} goes through `give`. */
const through = (store: Store<DatabaseSync>, give: Give): Store<DatabaseSync> => ({
  ...store,
  ...Object.fromEntries(
    WORDS.map((word) => {
      const method = store[word] as (...args: unknown[]) => Promise<unknown>;
      return [word, (...args: unknown[]) => give(() => method.apply(store, args))];
    }),
  ),
  // Another process goes on with it.
  close: async () => {},
});

const never = new Promise<never>(() => {});

/** Its process dies at the `at`th word, counted from 1: it is told nothing any more, and nobody hears of it. */
export function mortal(store: Store<DatabaseSync>, at: number, when: When) {
  let words = 0;
  let dead = false;
  const mine = through(store, async (run) => {
    if (dead) return never;
    dead = ++words === at;
    if (!dead) return run().then((answer) => (dead ? never : answer));
    if (when === "after") await run();
    return never;
  });
  return { store: mine, died: () => dead };
}

/** Its `at`th word fails, once: nothing of it was done, or all of it and the answer was lost. */
export function failing(store: Store<DatabaseSync>, at: number, when: When) {
  let words = 0;
  const mine = through(store, async (run) => {
    const fails = ++words === at;
    if (!fails || when === "after") {
      const answer = await run();
      if (!fails) return answer;
    }
    throw new Error("the disk is full");
  });
  return { store: mine, failed: () => words >= at };
}

/** What a promise comes to within some time; undefined: nothing. */
export async function within<T>(time: VirtualTime, promise: Promise<T>, ms = 600_000): Promise<T | undefined> {
  let over: { value: T } | { error: unknown } | undefined;
  promise.then(
    (value) => {
      over = { value };
    },
    (error: unknown) => {
      over = { error };
    },
  );
  await time.run(time.now() + ms, () => over !== undefined);
  if (over !== undefined && "error" in over) throw over.error;
  return over?.value;
}
