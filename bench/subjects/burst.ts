/**
 * Many webhooks about few resources: how many a second until all are worked off, and how often the API is read.
 * @module
 */
import { type Bench, type Contender, OURS, type Subject } from "../harness/bench.ts";
import { type Running, startLoad, startOnPostgres, startPeer, startServer, startStub } from "../harness/fleet.ts";
import { now } from "../harness/numbers.ts";

const ENGINE = "stripe-sync-engine, revalidating";
const RESOURCES = 10;

export const burst: Subject = {
  name: "burst",
  title: "10,000 webhooks about 10 resources",
  units: { rate: "/s", reads: "reads each" },
  goals: [
    { text: "of stripe-sync-engine, revalidating", figure: "rate", of: OURS, to: ENGINE, atLeast: 6 },
    { text: "reads per webhook", figure: "reads", of: OURS, atMost: 0.15 },
  ],
  async setup(bench) {
    const { stub, api } = await startStub(bench);
    const load = startLoad(bench);
    const engine = async () => {
      const options = { work: true, api, database: await bench.database() };
      return startServer(bench, { name: ENGINE, module: "stripe-sync-engine" }, options);
    };
    const servers = [
      await startServer(bench, { name: OURS, module: "tidemark" }, { work: true, api }),
      ...(await startOnPostgres(bench, { work: true, api })),
      ...(await startPeer(bench, ENGINE, engine)),
    ];
    return servers.map((running) => contender(bench, { load, stub }, running));
  },
};

type Helpers = Pick<Awaited<ReturnType<typeof startStub>>, "stub"> & { load: ReturnType<typeof startLoad> };

function contender(bench: Bench, { load, stub }: Helpers, { name, port, server }: Running): Contender {
  return {
    name,
    async round() {
      const count = bench.quick ? 3_000 : 10_000;
      await stub.takeReads();
      const from = bench.numbers(count);
      const sent = await load.flood({ port, from, count, resources: RESOURCES });
      if (sent.refused > 0) throw new Error(`${name} refused ${sent.refused} webhooks`);
      await server.settled();
      return { rate: (count * 1_000) / (now() - sent.begun), reads: (await stub.takeReads()) / count };
    },
  };
}
