/** Whether a series stays where it is: the last third beside the one before it. The first is warming up. Pure. */
import { median } from "./sample.ts";

/** What the engine was like in the seconds before it was killed, or in between. */
export interface Sample {
  /** Seconds since the load began. */
  at: number;
  /** Megabytes: of the engine; of the service, which is never killed; of the database with its write-ahead log. */
  memory: number;
  service: number;
  disk: number;
  handles: number;
  /** Milliseconds from a webhook to its answer. */
  ack50: number;
  ack99: number;
  /** Milliseconds from a write to its change at a reader over HTTP. */
  late50: number;
  late99: number;
  /** Webhooks that are not acknowledged, writes and changes so far. */
  pending: number;
  written: number;
  changes: number;
}

/** How much more the last third may be than the middle one. Latencies depend on what else the machine does. */
const MORE: Partial<Record<keyof Sample, number>> = {
  ...{ memory: 1.1, service: 1.1, disk: 1.1, handles: 1.1 },
  ...{ ack50: 1.5, ack99: 1.5, late50: 1.5, late99: 1.5 },
};
/** Differences below these are noise: megabytes, handles, milliseconds. */
const NOISE = 5;

export interface Flatness {
  name: keyof Sample;
  middle: number;
  last: number;
  flat: boolean;
}

export function flatnessOf(samples: readonly Sample[]): Flatness[] {
  const third = Math.floor(samples.length / 3);
  return (Object.entries(MORE) as [keyof Sample, number][]).map(([name, more]) => {
    const middle = median(samples.slice(third, 2 * third).map((one) => one[name]));
    const last = median(samples.slice(2 * third).map((one) => one[name]));
    return { name, middle, last, flat: last <= Math.max(middle * more, middle + NOISE) };
  });
}
