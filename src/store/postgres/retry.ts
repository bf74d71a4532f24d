/**
 * Repeats what failed for a reason that passes: a broken connection, a failover, a deadlock.
 * @module
 */
import { sleep, type Time } from "../../time.ts";
import { remedyFor } from "./trouble.ts";

/** Milliseconds for which it is repeated. Who sent a webhook waits about that long for an answer. */
const PATIENCE = 10_000;
/** Attempts, whatever the clock says. */
const MOST = 40;
/** Milliseconds of the first pause and the longest; doubled each time, full jitter. */
const BACKOFF = [50, 1_000] as const;

/**
 * Runs something until it succeeds, fails for a reason that stays, or has failed for too long.
 *
 * @param run must do no harm when it is done twice: an answer that was lost may have been a yes
 */
export async function persist<T>(time: Time, run: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const end = time.now() + patience;
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (remedyFor(error) !== "again" || attempt >= MOST || time.now() >= end) throw error;
      await sleep(time, time.random() * Math.min(BACKOFF[1], BACKOFF[0] * 2 ** attempt));
    }
  }
}
