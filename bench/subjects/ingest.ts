/**
 * Webhooks acknowledged per second, on 64 connections that ask again at once: durably, but for the bare servers.
 * @module
 */
import { type Bench, type Contender, OURS, POSTGRES, type Subject } from "../harness/bench.ts";
import { type Running, startLoad, startOnPostgres, startPeer, startServer, startStub } from "../harness/fleet.ts";

const BUSY = `${OURS}, one read each running`;
const FETCH = `${OURS}, fetch-style host`;
const BARE = "bare node:http";
const BARE_FETCH = "bare fetch-style host";
const ENGINE = "stripe-sync-engine";
const BULLMQ = "Express + BullMQ";
const BOSS = "Express + pg-boss";

/** More than any of them takes in a second. What a server took is known after its first round, and signing takes time. */
const FASTEST = 45_000;

export const ingest: Subject = {
  name: "ingest",
  title: "Webhooks acknowledged, 64 connections",
  units: { rate: "/s", p99: "ms p99", cpu: "µs CPU each" },
  goals: [
    { text: "of a bare server, loops idle", figure: "rate", of: OURS, to: BARE, atLeast: 0.65 },
    { text: "of a bare server, with one read per webhook running", figure: "rate", of: BUSY, to: BARE, atLeast: 0.35 },
    { text: "of a bare fetch-style host", figure: "rate", of: FETCH, to: BARE_FETCH, atLeast: 0.7 },
    { text: "of stripe-sync-engine", figure: "rate", of: OURS, to: ENGINE, atLeast: 5 },
    { text: "of BullMQ, each write synced", figure: "rate", of: OURS, to: BULLMQ, atLeast: 2 },
    { text: "of a bare server, loops idle", figure: "rate", of: POSTGRES, to: BARE, atLeast: 0.55 },
  ],
  async setup(bench) {
    const { api } = await startStub(bench);
    const load = startLoad(bench);
    const servers = [
      await startServer(bench, { name: BARE, module: "bare" }, { work: false }),
      await startServer(bench, { name: OURS, module: "tidemark" }, { work: false }),
      await startServer(bench, { name: BUSY, module: "tidemark" }, { work: true, api }),
      await startServer(bench, { name: BARE_FETCH, module: "bare-fetch" }, { work: false }),
      await startServer(bench, { name: FETCH, module: "tidemark-fetch" }, { work: false }),
      ...(await startOnPostgres(bench, { work: false })),
      ...(await startPeers(bench)),
    ];
    return servers.map((running) => contender(bench, load, running));
  },
};

export async function startPeers(bench: Bench): Promise<Running[]> {
  const start = (name: string, module: string, options: () => Promise<object>) =>
    startPeer(bench, name, async () => startServer(bench, { name, module }, { work: false, ...(await options()) }));
  return [
    ...(await start(ENGINE, "stripe-sync-engine", async () => ({ database: await bench.database() }))),
    ...(await start(BULLMQ, "bullmq", async () => ({ redis: await bench.redis() }))),
    ...(await start(BOSS, "pg-boss", async () => ({ database: await bench.database() }))),
  ];
}

function contender(bench: Bench, load: ReturnType<typeof startLoad>, { name, port, server }: Running): Contender {
  let most = FASTEST;
  return {
    name,
    async round() {
      const count = Math.ceil(most * bench.seconds);
      const before = await server.cpu();
      const sent = await load.flood({ port, from: bench.numbers(count), count }, bench.seconds);
      const cpu = (await server.cpu()) - before;
      if (sent.refused > 0) throw new Error(`${name} refused ${sent.refused} webhooks`);
      most = Math.min(FASTEST, 2 * sent.rate + 1_000);
      await server.settled();
      return { rate: sent.rate, p99: sent.p99, cpu: cpu / sent.answered };
    },
  };
}
