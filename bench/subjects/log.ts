/**
 * Entries of the log read per second, parsed.
 * @module
 */
import { OURS, POSTGRES, type Subject } from "../harness/bench.ts";
import { startFilled } from "./sweep.ts";

const BARE = "bare loop over the same rows, parsed";
const BARE_POSTGRES = `${BARE}, Postgres`;

export const log: Subject = {
  name: "log",
  title: "Changes of 2.9 KB read from the log",
  units: { rate: "/s" },
  goals: [
    { text: "of a bare loop", figure: "rate", of: OURS, to: BARE, atLeast: 0.65 },
    { text: "of a bare loop", figure: "rate", of: POSTGRES, to: BARE_POSTGRES, atLeast: 0.7 },
  ],
  async setup(bench) {
    const { size, recorder, postgres } = await startFilled(bench);
    const rateOf = ({ entries, ms }: { entries: number; ms: number }) => {
      if (entries !== size) throw new Error(`the log has ${entries} entries, not ${size}`);
      return { rate: (entries * 1_000) / ms };
    };
    return [
      { name: BARE, round: async () => rateOf(await recorder.readRows()) },
      { name: OURS, round: async () => rateOf(await recorder.readLog()) },
      ...postgres.flatMap((by) => [
        { name: BARE_POSTGRES, round: async () => rateOf(await by.readRows()) },
        { name: POSTGRES, round: async () => rateOf(await by.readLog()) },
      ]),
    ];
  },
};
