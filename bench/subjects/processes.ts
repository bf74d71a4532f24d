/**
 * Several processes of this engine on one database, webhooks divided between them: how many a second are handled in all, with
 * one read of the API each. One of them calls the handler: a subscription is held by one process at a time.
 * @module
 */
import { availableParallelism } from "node:os";
import { type Bench, type Contender, POSTGRES, type Subject } from "../harness/bench.ts";
import { type Running, startLoad, startPeer, startServer, startStub } from "../harness/fleet.ts";

const COUNTS = [1, 2, 4];
const nameOf = (count: number): string => `${POSTGRES}, ${count} ${count === 1 ? "process" : "processes"}`;

export const processes: Subject = {
  name: "processes",
  title: "Webhook to handler, several processes on one database",
  units: { rate: "/s in all", cpu: "µs CPU each, in all", reads: "reads each" },
  goals: [],
  async setup(bench) {
    const { stub, api } = await startStub(bench);
    const load = startLoad(bench);
    bench.note(`${availableParallelism()} cores for the processes, the database, the API and the load`);
    const start = async (count: number) => {
      const database = await bench.database();
      const one = () => startServer(bench, { name: nameOf(count), module: "tidemark" }, { work: true, api, database });
      return Promise.all(Array.from({ length: count }, one));
    };
    const all: Contender[] = [];
    for (const count of COUNTS) {
      const started = await startPeer(bench, nameOf(count), () => start(count));
      all.push(...started.map((servers) => contender(bench, { load, stub }, servers)));
    }
    return all;
  },
};

type Helpers = Pick<Awaited<ReturnType<typeof startStub>>, "stub"> & { load: ReturnType<typeof startLoad> };

function contender(bench: Bench, { load, stub }: Helpers, servers: readonly Running[]): Contender {
  const name = nameOf(servers.length);
  const sumOf = async (figure: (running: Running) => Promise<number>) =>
    (await Promise.all(servers.map(figure))).reduce((sum, one) => sum + one, 0);
  return {
    name,
    async round() {
      const count = bench.quick ? 2_000 : 10_000;
      await stub.takeReads();
      await sumOf(async ({ server }) => (await server.takeHandled()).count);
      const before = await sumOf(({ server }) => server.cpu());
      const port = servers.map(({ port }) => port);
      const sent = await load.flood({ port, from: bench.numbers(count), count });
      if (sent.refused > 0) throw new Error(`${name} refused ${sent.refused} webhooks`);
      let last = 0;
      for (let handled = 0; handled < count; ) {
        handled += await sumOf(async ({ server }) => {
          const taken = await server.takeHandled();
          last = Math.max(last, taken.last);
          return taken.count;
        });
        if (handled < count) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const cpu = (await sumOf(({ server }) => server.cpu())) - before;
      await Promise.all(servers.map(({ server }) => server.settled()));
      const reads = (await stub.takeReads()) / count;
      return { rate: (count * 1_000) / (last - sent.begun), cpu: cpu / count, reads };
    },
  };
}
