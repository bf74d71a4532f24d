/** What a test measured, said so that `npm run prove` finds it in the test's output. */

import { availableParallelism, loadavg } from "node:os";
import type { TestContext } from "node:test";

/**
 * Says a figure, after everything that it claims was asserted: a test that fails says none.
 *
 * @param id of the figure, as `npm run prove` lists it: `"F6"`
 * @param said what was counted, in a few words: `"1,000 kills: 0 of 8,170 acknowledged webhooks lost"`
 */
export function figure(t: TestContext, id: `${"F" | "S"}${number}`, said: string): void {
  t.diagnostic(`figure ${JSON.stringify({ id, said })}`);
}

/** Why times say nothing now: the machine has more than twice the work that it can do at once. Else undefined. */
export function otherWork(): string | undefined {
  const [[load = 0], cores] = [loadavg(), availableParallelism()];
  return load > 2 * cores ? `the machine has other work, ${load.toFixed()} for its ${cores} cores` : undefined;
}
