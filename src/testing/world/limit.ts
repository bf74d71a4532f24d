/** How many requests the services allow. */
import type { VirtualTime } from "../time.ts";

const MINUTE = 60_000;

/** Counts a request of this minute. Answers how many ms it is to wait, because there were enough of them; 0: it may be made. */
export function createLimit(most: number, time: VirtualTime): () => number {
  let minute = Number.NEGATIVE_INFINITY;
  let made = 0;
  return () => {
    const now = Math.floor(time.now() / MINUTE);
    if (now !== minute) [minute, made] = [now, 0];
    made++;
    return most > 0 && made > most ? (now + 1) * MINUTE - time.now() : 0;
  };
}
