/**
 * How long an acknowledgement takes at 200 webhooks a second, as they come; also where each fsync takes 2 ms more.
 * @module
 */
import { type Bench, type Contender, OURS, POSTGRES, type Subject } from "../harness/bench.ts";
import { type Running, startLoad, startOnPostgres, startPeer, startServer } from "../harness/fleet.ts";
import { slowDisk } from "../harness/slow-disk.ts";
import { startPeers } from "./ingest.ts";

const BARE = "bare node:http";
const SLOW = `${OURS}, fsync + 2 ms`;
const SLOW_BULLMQ = "Express + BullMQ, fsync + 2 ms";
const RATE = 200;

export const latency: Subject = {
  name: "latency",
  title: "Acknowledgement at 200 webhooks a second",
  units: { p50: "ms p50", p99: "ms p99" },
  goals: [
    { text: "of a server that keeps nothing", figure: "p99", of: OURS, to: BARE, atMost: 2 },
    { text: "of stripe-sync-engine", figure: "p99", of: OURS, to: "stripe-sync-engine", atMost: 1 },
    { text: "of BullMQ, each write synced", figure: "p99", of: OURS, to: "Express + BullMQ", atMost: 1 },
    { text: "of pg-boss", figure: "p99", of: OURS, to: "Express + pg-boss", atMost: 1 },
    { text: "of BullMQ, each fsync 2 ms slower", figure: "p99", of: SLOW, to: SLOW_BULLMQ, atMost: 1 },
    { text: "of stripe-sync-engine", figure: "p99", of: POSTGRES, to: "stripe-sync-engine", atMost: 1 },
    { text: "of pg-boss", figure: "p99", of: POSTGRES, to: "Express + pg-boss", atMost: 1 },
  ],
  async setup(bench) {
    const load = startLoad(bench);
    const servers = [
      await startServer(bench, { name: BARE, module: "bare" }, { work: false }),
      await startServer(bench, { name: OURS, module: "tidemark" }, { work: false }),
      ...(await startOnPostgres(bench, { work: false })),
      ...(await startPeers(bench)),
      ...(await startSlow(bench)),
    ];
    return servers.map((running) => contender(bench, load, running));
  },
};

/** PostgreSQL is not ours to slow down, so all that is on it is left out here. */
async function startSlow(bench: Bench): Promise<Running[]> {
  const preload = slowDisk(bench.directory(), 2);
  if (preload === undefined) {
    bench.note("no gcc: nothing was measured with a slower fsync");
    return [];
  }
  const peer = async () =>
    startServer(bench, { name: SLOW_BULLMQ, module: "bullmq" }, { work: false, redis: await bench.redis(preload) });
  return [
    await startServer(bench, { name: SLOW, module: "tidemark", preload }, { work: false }),
    ...(await startPeer(bench, SLOW_BULLMQ, peer)),
  ];
}

function contender(bench: Bench, load: ReturnType<typeof startLoad>, { name, port }: Running): Contender {
  return {
    name,
    async round() {
      const count = Math.ceil(RATE * bench.seconds * 1.5);
      const { p50, p99, refused } = await load.pace({ port, from: bench.numbers(count), count }, RATE);
      if (refused > 0) throw new Error(`${name} refused ${refused} webhooks`);
      return { p50, p99 };
    },
  };
}
