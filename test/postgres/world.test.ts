/**
 * The hostile worlds with 2 to 4 engines on one Postgres database, in virtual time. `PG_SEEDS=200 PG_FROM=1 PG_OPS=300` runs
 * more. The answers of a server come in an order of their own, so a seed names a world, but not each of its steps.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGround } from "../postgres.ts";
import { type Result, simulate } from "../world/world.ts";
import { createWorldGround } from "./world.ground.ts";

const { PG_SEEDS = "10", PG_FROM = "1", PG_OPS = "40" } = process.env;
const seeds = Array.from({ length: Number(PG_SEEDS) }, (_, i) => Number(PG_FROM) + i);
/** Worlds at once, so that the server is not waited for by one alone. */
const LANES = 5;

async function runSeed(seed: number): Promise<Result & { asked: number }> {
  const server = await createGround(8);
  try {
    const ground = createWorldGround(server, 2 + (seed % 3));
    const result = await simulate(seed, { ops: Number(PG_OPS), ground });
    return { ...result, asked: ground.calls };
  } finally {
    await server.clear();
  }
}

test(`${seeds.length} worlds of ${PG_OPS} writes with 2 to 4 engines on one database: order, no gaps, nothing lost, convergence`, async (t) => {
  const results: (Result & { asked: number })[] = [];
  const waiting = [...seeds];
  const lane = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) results.push(await runSeed(seed));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const sum = (of: (result: Result & { asked: number }) => number) => results.reduce((all, one) => all + of(one), 0);
  const figures = [
    `${results.length} worlds`,
    `${sum(({ changes }) => changes)} changes`,
    `${sum(({ calls }) => calls.fetch)} fetches`,
    `${sum(({ asked }) => asked)} calls of the store`,
    `${sum(({ hours }) => hours).toFixed(1)} virtual hours`,
  ];
  const bad = results.flatMap(({ seed, failures }) => failures.map((failure) => `seed ${seed}: ${failure}`));
  t.diagnostic(`${figures.join(", ")}, ${bad.length} violations`);
  assert.deepEqual(bad, []);
  assert.ok(sum(({ changes }) => changes) > 5 * seeds.length && sum(({ calls }) => calls.fetch) > 20 * seeds.length);
});
