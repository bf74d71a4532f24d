/**
 * Tells other processes that something was saved, and hears it from them. Only a wake-up: what is missed is found by looking.
 *
 * A notification is sent after the commit and beside it: inside the transaction it makes all commits of the server wait for each
 * other.
 * @module
 */
import { sleep } from "../../time.ts";
import { ask, askAll, ignore, type PostgresClient, withClient } from "./client.ts";
import type { Place } from "./place.ts";

/** Milliseconds of the first pause after a lost connection and the longest; doubled each time, full jitter. */
const BACKOFF = [100, 30_000] as const;
/** Smallest pool that can spare a client for listening. */
export const SPARE = 3;

export interface Notifier {
  /** Tells the others, soon; what happens until then is told with it. */
  ring(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** @param name of this process: it need not hear itself */
export function createNotifier(place: Place, name: string): Notifier {
  let running: Promise<void> | undefined;
  let again = false;
  const tell = async () => {
    do {
      again = false;
      await withClient(place.pool, place.time, (client) =>
        askAll(client, ["begin", "set local synchronous_commit = off", `notify ${place.schema}, '${name}'`, "commit"]),
      ).catch(ignore);
    } while (again);
    running = undefined;
  };
  return {
    ring() {
      again = true;
      running ??= tell();
    },
    idle: async () => running,
  };
}

/** Calls `heard` when another process has saved something, and whenever some of that may have been missed. */
export function listen(place: Place, name: string, heard: () => void): () => Promise<void> {
  const stopper = new AbortController();
  const { signal } = stopper;
  const again = async () => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const lasted = await listenOnce(place, name, heard, signal).catch(() => false);
      if (lasted) attempt = 0;
      await sleep(place.time, place.time.random() * Math.min(BACKOFF[1], BACKOFF[0] * 2 ** attempt), signal);
    }
  };
  const done = again();
  return () => {
    stopper.abort();
    return done;
  };
}

/** Listens until the connection ends. Answers whether it listened at all. */
async function listenOnce(place: Place, name: string, heard: () => void, signal: AbortSignal): Promise<boolean> {
  const client = await connect(place, signal);
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const onNotification = (message: unknown) => {
    if ((message as { payload?: string }).payload !== name) heard();
  };
  const off = on(client, { error: ended, end: ended, notification: onNotification });
  signal.addEventListener("abort", ended);
  try {
    await ask(client, `listen ${place.schema}`);
    heard();
    if (!signal.aborted) await end;
    return true;
  } finally {
    off();
    signal.removeEventListener("abort", ended);
    // It still listens: nobody else is to get it.
    client.on("error", ignore);
    client.release(true);
  }
}

/** A client of the pool. One that comes when nobody waits for it any longer goes back: a pool may have none for long. */
async function connect({ pool }: Place, signal: AbortSignal): Promise<PostgresClient> {
  const connecting = pool.connect();
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([connecting, given]).catch((error: unknown) => {
    connecting.then((client) => client.release(), ignore);
    throw error;
  });
}

type Event = "error" | "end" | "notification";

function on(client: PostgresClient, runs: Record<Event, (...what: unknown[]) => void>): () => void {
  const events = Object.keys(runs) as Event[];
  for (const event of events) client.on(event, runs[event]);
  return () => {
    for (const event of events) client.removeListener(event, runs[event]);
  };
}
