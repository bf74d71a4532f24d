/**
 * Events that come within one turn of the event loop go in one request, up to what RudderStack takes.
 *
 * When a request with several is refused, each goes by itself: so the one at fault is found, and the others get through.
 * @module
 */
import type { Time } from "tidemark";
import { ServiceError } from "tidemark/outlet";

/** Bytes of an event, and of a request. */
const EVENT = 32_768;
const REQUEST = 4_000_000;
/** Bytes around the events of a request. */
const AROUND = '{"batch":[]}'.length;

interface Waiting {
  event: string;
  resolve(): void;
  reject(cause: unknown): void;
}

/**
 * @param post sends a body; throws ServiceError when what it holds is refused
 * @returns sends an event, as JSON; resolves when it was taken
 */
export function createBatches(
  name: string,
  time: Pick<Time, "after">,
  post: (body: string) => Promise<void>,
): (event: string) => Promise<void> {
  let waiting: Waiting[] = [];

  const flush = () => {
    const all = waiting;
    waiting = [];
    for (const some of chunks(all)) void deliver(some);
  };
  const deliver = async (some: readonly Waiting[]) => {
    try {
      await post(bodyOf(some));
      for (const one of some) one.resolve();
    } catch (cause) {
      if (!(cause instanceof ServiceError) || some.length === 1) for (const one of some) one.reject(cause);
      else for (const one of some) await deliver([one]);
    }
  };
  return (event) => {
    const size = Buffer.byteLength(event);
    if (size > EVENT) {
      const help = "say less with data(change)";
      return Promise.reject(
        new ServiceError("too-large", `${name}: an event of ${size} bytes, ${EVENT} at most: ${help}`),
      );
    }
    return new Promise<void>((resolve, reject) => {
      if (waiting.push({ event, resolve, reject }) === 1) time.after(0, flush, true);
    });
  };
}

const bodyOf = (some: readonly Waiting[]): string => `{"batch":[${some.map(({ event }) => event).join(",")}]}`;

/** As few requests as hold them all. */
function chunks(all: readonly Waiting[]): Waiting[][] {
  const requests: Waiting[][] = [];
  let room = 0;
  for (const one of all) {
    const size = Buffer.byteLength(one.event) + 1;
    if (room < size) {
      requests.push([]);
      room = REQUEST - AROUND;
    }
    requests.at(-1)?.push(one);
    room -= size;
  }
  return requests;
}
