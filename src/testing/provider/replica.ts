/**
 * A service as its users and its API have it: writes are made at once, and reach what is read from some time later.
 * @module
 */
import { createRandom, type Random } from "../random.ts";
import type { Api, Emulator } from "../samples.ts";
import type { VirtualTime } from "../time.ts";

/** An emulator, and others that are behind it. */
export interface Replicated {
  /** What is true, and what sends webhooks. */
  primary: Emulator;
  write(): void;
  access(allowed: boolean): void;
  /** What answers a read that may be so many ms behind. */
  readable(lag: number): Emulator;
  /** The replicas, when all writes have reached them. */
  replicas(): Emulator[];
}

/**
 * A service whose replicas are behind by at most the given lags. All emulators are told the same, each at its time.
 * @param lags in ms; of 0 there is no replica
 */
export async function createReplicated(
  api: Api,
  { secret, time, random, lags }: { secret: string; time: VirtualTime; random: Random; lags: readonly number[] },
): Promise<Replicated> {
  const primary = await api.emulator({ now: time.now, secret });
  const seed = random.int(0, 2 ** 31);
  let writes = 0;
  const replicas = new Map<number, { emulator: Emulator; replay(at: number, write: number): void }>();
  for (const lag of new Set(lags)) if (lag > 0) replicas.set(lag, await createReplica(lag));

  async function createReplica(lag: number) {
    /** The time of the write that is being replayed. */
    let then: number | undefined;
    let free = 0;
    const emulator = await api.emulator({ now: () => then ?? time.now(), secret });
    const replay = (at: number, write: number) => {
      // One after another, as a replica gets them.
      free = Math.min(at + lag, Math.max(free, at + random.next() * lag));
      time.after(free - at, () => {
        then = at;
        emulator.write(createRandom(seed + write).next);
        emulator.sent();
        then = undefined;
      });
    };
    return { emulator, replay };
  }

  return {
    primary,
    write() {
      const write = ++writes;
      primary.write(createRandom(seed + write).next);
      for (const { replay } of replicas.values()) replay(time.now(), write);
    },
    access(allowed) {
      primary.access(allowed);
      for (const { emulator } of replicas.values()) emulator.access(allowed);
    },
    readable: (lag) => replicas.get(lag)?.emulator ?? primary,
    replicas: () => [...replicas.values()].map(({ emulator }) => emulator),
  };
}
