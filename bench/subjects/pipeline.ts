/**
 * From the webhook to the handler, with one read of the API each: how many a second in a burst, how much CPU, and how
 * long it takes when nothing else happens.
 * @module
 */
import { type Bench, type Contender, OURS, POSTGRES, type Subject } from "../harness/bench.ts";
import { type Running, startLoad, startOnPostgres, startPeer, startServer, startStub } from "../harness/fleet.ts";
import { quantile } from "../harness/numbers.ts";

const ENGINE = "stripe-sync-engine, revalidating";
const BULLMQ = "Express + BullMQ, fetch and upsert";
const BOSS = "Express + pg-boss, fetch and upsert";
const GRAPHILE = "Express + graphile-worker, fetch and upsert";
/** Per second: each is done before the next one comes. */
const IDLE = 40;

export const pipeline: Subject = {
  name: "pipeline",
  title: "Webhook to handler, one read each",
  units: { rate: "/s", cpu: "µs CPU each", reads: "reads each", p50: "ms idle p50", p99: "ms idle p99" },
  goals: [
    { text: "of stripe-sync-engine, revalidating", figure: "rate", of: OURS, to: ENGINE, atLeast: 2.5 },
    { text: "of BullMQ doing the same", figure: "rate", of: OURS, to: BULLMQ, atLeast: 2 },
    { text: "of BullMQ's CPU per event", figure: "cpu", of: OURS, to: BULLMQ, atMost: 0.7 },
    { text: "of stripe-sync-engine's idle latency", figure: "p50", of: OURS, to: ENGINE, atMost: 1 },
    { text: "of BullMQ's idle latency", figure: "p50", of: OURS, to: BULLMQ, atMost: 1 },
    { text: "of stripe-sync-engine's idle p99", figure: "p99", of: OURS, to: ENGINE, atMost: 1 },
    { text: "of BullMQ's idle p99", figure: "p99", of: OURS, to: BULLMQ, atMost: 1 },
    { text: "of stripe-sync-engine, revalidating", figure: "rate", of: POSTGRES, to: ENGINE, atLeast: 2 },
    { text: "of pg-boss doing the same", figure: "rate", of: POSTGRES, to: BOSS, atLeast: 4 },
    { text: "of graphile-worker doing the same", figure: "rate", of: POSTGRES, to: GRAPHILE, atLeast: 4 },
  ],
  async setup(bench) {
    const { stub, api } = await startStub(bench);
    const load = startLoad(bench);
    const work = { work: true, api };
    const onPostgres = (name: string, module: string) =>
      startPeer(bench, name, async () =>
        startServer(bench, { name, module }, { ...work, database: await bench.database() }),
      );
    const bullmq = async () => {
      const services = { redis: await bench.redis(), database: await bench.database() };
      return startServer(bench, { name: BULLMQ, module: "bullmq" }, { ...work, ...services });
    };
    const servers = [
      await startServer(bench, { name: OURS, module: "tidemark" }, work),
      ...(await startOnPostgres(bench, work)),
      ...(await onPostgres(ENGINE, "stripe-sync-engine")),
      ...(await startPeer(bench, BULLMQ, bullmq)),
      ...(await onPostgres(BOSS, "pg-boss")),
      ...(await onPostgres(GRAPHILE, "graphile-worker")),
    ];
    return servers.map((running) => contender(bench, { load, stub }, running));
  },
};

type Helpers = Pick<Awaited<ReturnType<typeof startStub>>, "stub"> & { load: ReturnType<typeof startLoad> };

function contender(bench: Bench, helpers: Helpers, running: Running): Contender {
  return {
    name: running.name,
    round: async () => ({ ...(await burst(bench, helpers, running)), ...(await idle(bench, helpers, running)) }),
  };
}

async function burst(bench: Bench, { load, stub }: Helpers, { name, port, server }: Running) {
  const count = bench.quick ? 2_000 : 10_000;
  await stub.takeReads();
  await server.takeHandled();
  const before = await server.cpu();
  const sent = await load.flood({ port, from: bench.numbers(count), count });
  if (sent.refused > 0) throw new Error(`${name} refused ${sent.refused} webhooks`);
  let handled = 0;
  let last = 0;
  while (handled < count) {
    const taken = await server.takeHandled();
    handled += taken.count;
    last = taken.last;
    if (handled < count) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const cpu = (await server.cpu()) - before;
  await server.settled();
  const reads = (await stub.takeReads()) / count;
  return { rate: (count * 1_000) / (last - sent.begun), cpu: cpu / count, reads };
}

async function idle(bench: Bench, { load }: Helpers, { port, server }: Running) {
  await server.takeHandled();
  const count = Math.ceil(IDLE * bench.seconds);
  const { sent } = await load.pace({ port, from: bench.numbers(count), count }, IDLE);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await server.settled();
  const { times } = await server.takeHandled();
  const handled = new Map(times);
  const latencies = sent.map(([id, at]) => (handled.get(id) ?? Number.POSITIVE_INFINITY) - at);
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
