/**
 * What a process holds when it has recorded and swept very many resources: the growth of its resident memory, from an
 * engine that has swept nothing, after garbage was collected.
 * @module
 */
import { OURS, type Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { Recorder } from "../harness/recorder.ts";

export const memory: Subject = {
  name: "memory",
  title: "Memory, 1,000,000 resources recorded and swept",
  units: { growth: "MB more", heap: "of it objects, MB", recorded: "recorded/s", swept: "swept/s" },
  goals: [{ text: "resident memory more than with none", figure: "growth", of: OURS, atMost: 64 }],
  rounds: 1,
  warm: false,
  async setup(bench) {
    const size = bench.quick ? 50_000 : 1_000_000;
    if (bench.quick) bench.note(`${size.toLocaleString("en")} resources only`);
    return [
      {
        name: OURS,
        async round() {
          const flags = ["--expose-gc"];
          const module = new URL("../harness/recorder.ts", import.meta.url);
          const recorder = startChild<Recorder>(module, bench.defer, { flags });
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
      },
    ];
  },
};
