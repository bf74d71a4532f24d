/**
 * What a process holds when it has recorded and swept very many resources: the growth of its resident memory after
 * garbage was collected, from an engine that has swept nothing.
 *
 * V8 lets the part of the heap where objects are made grow to some 100 MB in any program that makes many, and keeps the
 * pages. So the same is measured with that part held small: then what is left is the engine's.
 * @module
 */
import { type Bench, type Contender, OURS, type Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { Recorder } from "../harness/recorder.ts";

const SMALL = `${OURS}, --max-semi-space-size=4`;

export const memory: Subject = {
  name: "memory",
  title: "Memory, 1,000,000 resources recorded and swept",
  units: { growth: "MB more", heap: "of it objects, MB", recorded: "recorded/s", swept: "swept/s" },
  goals: [
    { text: "resident memory more than with none", figure: "growth", of: OURS, atMost: 64 },
    { text: "resident memory more than with none", figure: "growth", of: SMALL, atMost: 64 },
  ],
  rounds: 1,
  warm: false,
  async setup(bench) {
    const size = bench.quick ? 50_000 : 1_000_000;
    if (bench.quick) bench.note(`${size.toLocaleString("en")} resources only`);
    return [contender(bench, size, OURS, []), contender(bench, size, SMALL, ["--max-semi-space-size=4"])];
  },
};

const contender = (bench: Bench, size: number, name: string, more: readonly string[]): Contender => ({
  name,
  async round() {
    const flags = ["--expose-gc", ...more];
    const recorder = startChild<Recorder>(new URL("../harness/recorder.ts", import.meta.url), bench.defer, { flags });
    await recorder.open(bench.directory());
    await recorder.sweep();
    const before = await recorder.memory();
    await recorder.grow(size);
    const [recorded, swept] = [await recorder.sweep(), await recorder.sweep()];
    const after = await recorder.memory();
    const growth = (after.rss - before.rss) / 2 ** 20;
    const heap = (after.heapUsed + after.external - before.heapUsed - before.external) / 2 ** 20;
    return { growth, heap, recorded: (size * 1_000) / recorded, swept: (size * 1_000) / swept };
  },
});
