/**
 * A service under load, in virtual time: what it has changes in bursts, its webhooks come late, twice and out of order, and
 * every request to its API is counted.
 */
import { createSync } from "tidemark";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { memory, take } from "./desk.ts";
import { type Counts, createService, type Service } from "./load.service.ts";

/** What the service is like, and what is done to it. Times are in ms. */
export interface Load {
  seed: number;
  versions: "strict" | "coarse" | "none";
  /** How far a read may be behind. Default 0. */
  lag?: number;
  /** Ids that one request can read. Default 1: there is no `fetchMany`. */
  many?: number;
  /** Answers have validators. */
  etags?: boolean;
  /** Each thing has parts, which are listed within it and change with it. */
  parts?: boolean;
  /** There is a feed, which names each thing by its version once more. */
  feed?: boolean;
  /** Events that one write sends, each in a webhook of its own: at least and at most. Default one. */
  events?: readonly [least: number, most: number];
  /** The chance that a write deletes, and that it is to one of three things that never rest. Default 0. */
  deletes?: number;
  hot?: number;
  /** Things there are, writes, and writes in a burst. Default 300, 600 and 40. */
  things?: number;
  writes?: number;
  burst?: number;
  /** From one write to the next at most, and from one burst to the next. Default 30 and 4,000. */
  between?: number;
  pause?: number;
}

/** What it cost. */
export interface Cost extends Counts {
  webhooks: number;
  writes: number;
  /** Entries of the log, since the load began. */
  changes: number;
  /** From a write to the log, where that write is in it. */
  p50: number;
  p99: number;
  /** The log ends with what there is. */
  right: boolean;
}

const BEGIN = 1_800_000_000_000;
/** Until all is read that was hinted at, the latest webhook's repeat too; and until there was a poll after it. */
const REST = { webhooks: 140_000, feed: 320_000 };

/** Runs a load, and everything that is read because of it, to its end. */
export async function runLoad(load: Load): Promise<Cost> {
  const random = createRandom(load.seed);
  const time = createVirtualTime({ start: BEGIN, random: createRandom(load.seed + 1) });
  const service = createService(load, random, time);
  const sync = createSync({
    ...{ providers: { shop: service.provider }, store: memory(time), time },
    sweepEvery: 30 * 86_400_000,
  });
  const run = (ms: number) => time.run(time.now() + ms);
  const started = sync.start();
  await run(60_000);
  await started;
  service.forget();
  let webhooks = 0;
  const post = (body: string) => {
    webhooks++;
    void sync.webhook("shop", new Request("http://x/", { method: "POST", body }));
  };
  const { writes = 600, burst = 40, between = 30, pause = 4_000 } = load;
  for (let done = 1; done <= writes; done++) {
    for (const { body, after } of service.write()) time.after(after, () => post(body));
    await run(done % burst === 0 ? pause : random.int(0, between));
  }
  await run(load.feed ? REST.feed : REST.webhooks);
  const told = take(sync.changes({ follow: false }));
  await run(1);
  const stopped = sync.stop();
  await run(1_000);
  await stopped;
  const seen = (await told).filter(({ initial }) => !initial);
  return { ...service.counts, webhooks, writes, changes: seen.length, ...judge(service, await told) };
}

type Told = { id: string; type: string; after: unknown; cursor: string };

/** How late the log was, and whether it is right in the end. */
function judge({ writtenAt, truth }: Service, told: readonly Told[]): Pick<Cost, "p50" | "p99" | "right"> {
  const mirror = new Map<string, string>();
  const waits: number[] = [];
  for (const { type, id, after, cursor } of told) {
    const text = (after as { text: string } | null)?.text;
    if (text === undefined) mirror.delete(`${type} ${id}`);
    else mirror.set(`${type} ${id}`, text);
    const at = text === undefined ? undefined : writtenAt.get(text);
    if (at !== undefined) waits.push(Number(cursor.split(".")[2]) / 1_000 - at);
  }
  waits.sort((a, b) => a - b);
  const quantile = (part: number) => Math.round(waits[Math.floor(part * (waits.length - 1))] ?? 0);
  const there = truth();
  const right = there.size === mirror.size && [...there].every(([key, text]) => mirror.get(key) === text);
  return { p50: quantile(0.5), p99: quantile(0.99), right };
}
