/**
 * What a process holds when it has recorded and swept very many resources: the growth of its resident memory after
 * garbage was collected, once from an engine that has swept nothing, and once from one that has swept a few, many times:
 * V8 keeps the pages that garbage once filled, and those are not the resources'.
 * @module
 */
import { OURS, type Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { Recorder } from "../harness/recorder.ts";

export const memory: Subject = {
  name: "memory",
  title: "Memory, 1,000,000 resources recorded and swept",
  units: {
    growth: "MB more than idle",
    warm: "MB more than warm",
    heap: "objects, MB",
    recorded: "recorded/s",
    swept: "swept/s",
  },
  goals: [
    { text: "resident memory more than idle", figure: "growth", of: OURS, atMost: 64 },
    { text: "resident memory more than warm, with 2,000 resources", figure: "warm", of: OURS, atMost: 64 },
  ],
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
          await recorder.grow(2_000);
          for (let i = 0; i < 20; i++) await recorder.sweep();
          const warmed = await recorder.memory();
          await recorder.grow(size);
          const [recorded, swept] = [await recorder.sweep(), await recorder.sweep()];
          const after = await recorder.memory();
          const growth = (after.rss - before.rss) / 2 ** 20;
          const heap = (after.heapUsed + after.external - before.heapUsed - before.external) / 2 ** 20;
          const warm = (after.rss - warmed.rss) / 2 ** 20;
          return { growth, warm, heap, recorded: (size * 1_000) / recorded, swept: (size * 1_000) / swept };
        },
      },
    ];
  },
};
