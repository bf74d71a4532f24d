/**
 * Resources that did not change, listed and compared per second.
 * @module
 */
import { type Bench, OURS, POSTGRES, type Subject } from "../harness/bench.ts";
import { type Child, startChild } from "../harness/child.ts";
import { startPeer, startStub } from "../harness/fleet.ts";
import type { Recorder } from "../harness/recorder.ts";

const BARE = "fetch and parse only, same client";

export const sweep: Subject = {
  name: "sweep",
  title: "Unchanged objects of 2.9 KB swept, 100 a page",
  units: { rate: "/s", cpu: "µs CPU each" },
  goals: [{ text: "of fetching and parsing alone", figure: "rate", of: OURS, to: BARE, atLeast: 0.4 }],
  async setup(bench) {
    const { size, recorder, postgres } = await startFilled(bench);
    const measure = async (by: Filled, run: () => Promise<number>) => {
      const before = await by.cpu();
      const ms = await run();
      return { rate: (size * 1_000) / ms, cpu: ((await by.cpu()) - before) / size };
    };
    return [
      { name: BARE, round: () => measure(recorder, () => recorder.fetchAll()) },
      { name: OURS, round: () => measure(recorder, () => recorder.sweep()) },
      ...postgres.map((by) => ({ name: POSTGRES, round: () => measure(by, () => by.sweep()) })),
    ];
  },
};

type Filled = Child<Recorder>;

/** Recorders that have recorded all that a stub lists: with SQLite, and with Postgres if there is one. */
export async function startFilled(bench: Bench): Promise<{ size: number; recorder: Filled; postgres: Filled[] }> {
  const size = bench.quick ? 5_000 : 40_000;
  const { api } = await startStub(bench, size);
  const fill = async (database?: string) => {
    const recorder = startChild<Recorder>(new URL("../harness/recorder.ts", import.meta.url), bench.defer);
    await recorder.open(bench.directory(), api, database);
    await recorder.sweep();
    return recorder;
  };
  const recorder = await fill();
  return { size, recorder, postgres: await startPeer(bench, POSTGRES, async () => fill(await bench.database())) };
}
