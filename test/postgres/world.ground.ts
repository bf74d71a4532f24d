/** What a hostile world needs to run on a Postgres server: virtual time goes on when no call is under way to it. */
import { postgres } from "tidemark/postgres";
import type { Store } from "../../src/index.ts";
import { settled } from "../../src/testing/time.ts";
import { systemTime } from "../../src/time.ts";
import type { Ground as Server } from "../postgres.ts";
import type { Ground } from "../world/world.ts";

/**
 * The clock of ticks is virtual; what the store itself waits for, a turn of the loop or the pause before it tries again, is
 * real and short.
 */
export function createWorldGround({ pool, schema }: Server, engines: number): Ground & { calls: number } {
  let underWay = 0;
  let wake = () => {};
  const watched = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      underWay++;
      ground.calls++;
      try {
        return await call(...args);
      } finally {
        underWay--;
        wake();
      }
    };
  };
  const ground: Ground & { calls: number } = {
    engines,
    calls: 0,
    open(time): Store {
      const store = postgres({ pool, schema, time: { ...systemTime, now: time.now } });
      return {
        open: watched(store.open),
        post: watched(store.post),
        update: watched(store.update),
        checkpoint: watched(store.checkpoint),
        checkpoints: watched(store.checkpoints),
        rows: watched(store.rows),
        entries: watched(store.entries),
        survey: watched(store.survey),
        head: watched(store.head),
        compact: watched(store.compact),
        erase: watched(store.erase),
        close: store.close,
      };
    },
    async quiet() {
      await settled();
      while (underWay > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        await settled();
      }
    },
  };
  return ground;
}
