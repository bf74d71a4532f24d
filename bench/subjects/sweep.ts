/**
 * Resources that did not change, listed and compared per second.
 * @module
 */
import { type Bench, OURS, type Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { startStub } from "../harness/fleet.ts";
import type { Recorder } from "../harness/recorder.ts";

const BARE = "fetch and parse only, same client";

export const sweep: Subject = {
  name: "sweep",
  title: "Unchanged objects of 2.9 KB swept, 100 a page",
  units: { rate: "/s", cpu: "µs CPU each" },
  goals: [{ text: "of fetching and parsing alone", figure: "rate", of: OURS, to: BARE, atLeast: 0.4 }],
  async setup(bench) {
    const { size, recorder } = await startFilled(bench);
    const measure = async (run: () => Promise<number>) => {
      const before = await recorder.cpu();
      const ms = await run();
      return { rate: (size * 1_000) / ms, cpu: ((await recorder.cpu()) - before) / size };
    };
    return [
      { name: BARE, round: () => measure(() => recorder.fetchAll()) },
      { name: OURS, round: () => measure(() => recorder.sweep()) },
    ];
  },
};

/** A recorder that has recorded all that a stub lists. */
export async function startFilled(bench: Bench) {
  const size = bench.quick ? 5_000 : 40_000;
  const { api } = await startStub(bench, size);
  const recorder = startChild<Recorder>(new URL("../harness/recorder.ts", import.meta.url), bench.defer);
  await recorder.open(bench.directory(), api);
  await recorder.sweep();
  return { size, recorder };
}
