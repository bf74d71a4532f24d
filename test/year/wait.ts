import type { VirtualTime } from "tidemark/testing";

/** Milliseconds of virtual time for which something is waited for. */
const LONG = 3_600_000;

/** Waits for what takes virtual time. @throws Error if it does not come within an hour of that */
export async function wait<T>(time: VirtualTime, promise: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  await time.run(time.now() + LONG, () => over);
  if (!over) throw new Error("what was waited for did not come within an hour of virtual time");
  return promise;
}
