/**
 * Entries of the log read per second, parsed.
 * @module
 */
import { OURS, type Subject } from "../harness/bench.ts";
import { startFilled } from "./sweep.ts";

const BARE = "bare loop over the same rows, parsed";

export const log: Subject = {
  name: "log",
  title: "Changes of 2.9 KB read from the log",
  units: { rate: "/s" },
  goals: [{ text: "of a bare loop", figure: "rate", of: OURS, to: BARE, atLeast: 0.65 }],
  async setup(bench) {
    const { size, recorder } = await startFilled(bench);
    const rateOf = ({ entries, ms }: { entries: number; ms: number }) => {
      if (entries !== size) throw new Error(`the log has ${entries} entries, not ${size}`);
      return { rate: (entries * 1_000) / ms };
    };
    return [
      { name: BARE, round: async () => rateOf(await recorder.readRows()) },
      { name: OURS, round: async () => rateOf(await recorder.readLog()) },
    ];
  },
};
