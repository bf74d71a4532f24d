/**
 * A simulated world: users write, webhooks are lost, doubled, late and out of order, requests fail, reads are behind,
 * access is lost; and the real engine, with the provider and a store in memory, follows in virtual time. When the
 * trouble is over, what its stream told must be what there is.
 * @module
 */
import assert from "node:assert/strict";
import { createRandom } from "../random.ts";
import type { Api, Samples } from "../samples.ts";
import type { Check } from "./check.ts";
import { CALM, drawWeather, type Weather } from "./weather.ts";
import { createWorld, type Told } from "./world.ts";

/** What there is before the engine begins, and what is written while it runs. */
const BEFORE = 8;
const WRITES = 12;
/** The longest pause between two writes, in virtual ms. */
const PAUSE = 2_000;
/** Virtual ms between two sweeps: in most worlds some come. */
const SWEEP = 30_000;
/** Virtual ms until the stream must have told everything. */
const END = 3_600_000;
/** Virtual ms: no second sweep comes while the costs of changes are measured. */
const NO_SWEEP = 30 * 86_400_000;
const SETTLED = 600_000;
/** Writes whose costs are measured. */
const MEASURED = 50;

/** What the worlds have cost. */
export interface Figures {
  worlds: number;
  /** Changes in the stream. */
  changes: number;
  /** Requests in all worlds, by what they were for. */
  requests: { fetch: number; list: number; feed: number };
  /** Requests for each change where every webhook comes once and nothing fails, without sweeps and feeds. */
  perChange: number;
}

/** How many worlds, from which seed on, and who is told what they have cost. */
export interface Seeds {
  worlds: number;
  seed: number;
  report(figures: Figures): void;
}

/** The check of all worlds. */
export function worldChecks(samples: Samples, api: Api, { worlds, seed, report }: Seeds): Check[] {
  const run = async () => {
    const figures = { worlds, changes: 0, requests: { fetch: 0, list: 0, feed: 0 }, perChange: 0 };
    for (let n = seed; n < seed + worlds; n++) {
      const { weather, failures, changes, requests } = await simulate(samples, api, n);
      const more = failures.length > 1 ? `, and ${failures.length - 1} more` : "";
      assert.ok(
        failures.length === 0,
        `seed ${n}: ${failures[0]}${more}; ${JSON.stringify(weather)}; again with seed: ${n}`,
      );
      figures.changes += changes;
      for (const purpose of ["fetch", "list", "feed"] as const) figures.requests[purpose] += requests[purpose];
    }
    assert.ok(figures.changes > worlds, "the worlds had hardly a change: does write() change something?");
    report({ ...figures, perChange: await measure(samples, api) });
  };
  return [
    {
      promise: `in ${worlds} simulated worlds the stream ends with what there is, and told no deletion that was none`,
      run,
    },
  ];
}

/** Runs the world of a seed. */
export async function simulate(samples: Samples, api: Api, seed: number): Promise<Told & { weather: Weather }> {
  const random = createRandom(seed);
  const world = await createWorld(samples, api, random, SWEEP);
  const weather = drawWeather(random, world.mayLose);
  await world.begin(BEFORE, weather);
  for (let n = 0; n < WRITES; n++) {
    if (weather.denied && n === WRITES / 2) world.deny(random.int(5_000, 60_000));
    world.write();
    await world.run(random.int(0, PAUSE));
  }
  world.calm();
  for (let ms = 0; ms < END && (await world.differences()).length > 0; ms += step(ms)) await world.run(step(ms));
  return { ...(await world.end()), weather };
}

/** How long to wait after so long: as a part of it. */
const step = (ms: number): number => Math.max(5_000, ms / 4);

/** Requests for each change where nothing goes wrong, without sweeps and feeds. */
async function measure(samples: Samples, api: Api): Promise<number> {
  const world = await createWorld(samples, api, createRandom(1), NO_SWEEP);
  await world.begin(BEFORE, CALM);
  await world.run(SETTLED);
  await world.differences();
  const before = world.told();
  for (let n = 0; n < MEASURED; n++) {
    world.write();
    await world.run(PAUSE);
  }
  await world.run(SETTLED);
  await world.differences();
  const { requests, changes } = world.told();
  await world.end();
  const asked = requests.fetch + requests.list - before.requests.fetch - before.requests.list;
  return asked / (changes - before.changes);
}
