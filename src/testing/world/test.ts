/** A test of an application in many worlds. */
import type { DatabaseSync } from "node:sqlite";
import type { Providers } from "tidemark";
import type { RegisterTest } from "../store.ts";
import { createWorld } from "./create.ts";
import type { WorldOptions } from "./options.ts";
import type { World } from "./world.ts";

/** Options of `testWorld`. */
export interface TestWorldOptions<P extends Providers = Providers, Handle = DatabaseSync>
  extends Omit<WorldOptions<P, Handle>, "seed"> {
  /** How many seeds, from 1 on; or which: `[7]` runs the world of seed 7 alone. Default 20. */
  seeds?: number | readonly number[];
}

/**
 * Registers a test for each seed, `name (seed 7)`: so a failure names the world that replays it. The world is stopped
 * after each.
 *
 * @param test `test` of node:test, vitest, bun:test and the like
 * @throws TypeError without a seed
 */
export function testWorld<P extends Providers = Providers, Handle = DatabaseSync>(
  test: RegisterTest,
  name: string,
  { seeds = 20, ...options }: TestWorldOptions<P, Handle>,
  body: (world: World<P, Handle>) => Promise<void>,
): void {
  const chosen = typeof seeds === "number" ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds;
  if (chosen.length === 0) throw new TypeError(`seeds: "${name}" would run in no world`);
  for (const seed of chosen) {
    test(`${name} (seed ${seed})`, async () => {
      const world = createWorld({ ...options, seed });
      try {
        await body(world);
      } catch (error) {
        // What the body threw says more than that its world could not be stopped after it.
        await world.stop().catch(() => {});
        throw error;
      }
      await world.stop();
    });
  }
}
