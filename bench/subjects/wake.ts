/**
 * How long it takes from the read of a new state to its handler when nothing else happens: read in the process of the
 * handler, and in another one on the same database.
 * @module
 */
import { type Bench, type Contender, POSTGRES, type Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import { startPeer } from "../harness/fleet.ts";
import { quantile } from "../harness/numbers.ts";
import type { Teller } from "../harness/teller.ts";

const OWN = `${POSTGRES}, read by the same process`;
const OTHER = `${POSTGRES}, read by another process`;
/** Changes for each second of the round. */
const RATE = 20;
/** Milliseconds between two changes at least, and until one that was not heard counts as lost. */
const PAUSE = 20;
const LOST = 5_000;

export const wake: Subject = {
  name: "wake",
  title: "A new state to its handler, idle",
  units: { p50: "ms p50", p99: "ms p99" },
  goals: [{ text: "ms more than in the same process", figure: "p50", of: OTHER, to: OWN, difference: true, atMost: 2 }],
  async setup(bench) {
    const start = async () => {
      const database = await bench.database();
      const open = async (follows: boolean) => {
        const teller = startChild<Teller>(new URL("../harness/teller.ts", import.meta.url), bench.defer);
        await teller.open(database, follows);
        return teller;
      };
      const [hears, tells] = [await open(true), await open(false)];
      return [contender(bench, OWN, hears, hears), contender(bench, OTHER, tells, hears)];
    };
    return (await startPeer(bench, POSTGRES, start)).flat();
  },
};

type Talker = ReturnType<typeof startChild<Teller>>;

const contender = (bench: Bench, name: string, tells: Talker, hears: Talker): Contender => ({
  name,
  async round() {
    await hears.takeHeard();
    const heard: number[] = [];
    const count = Math.ceil(bench.seconds * RATE);
    for (let told = 1; told <= count; told++) {
      await tells.change();
      for (let waited = 0; heard.length < told && waited < LOST; waited += PAUSE) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        heard.push(...(await hears.takeHeard()));
      }
      if (heard.length !== told) throw new Error(`${name}: ${told} changes were made, ${heard.length} were heard`);
    }
    return { p50: quantile(heard, 0.5), p99: quantile(heard, 0.99) };
  },
});
