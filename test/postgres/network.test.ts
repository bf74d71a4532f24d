/**
 * What networks do, between an engine and its database and between it and the provider's API. `PG_CUTS=20` rounds of all of it
 * for a longer campaign.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { createSync, type Provider } from "tidemark";
import { postgres } from "tidemark/postgres";
import { figure } from "../figure.ts";
import { createGround } from "../postgres.ts";
import { startApi } from "./fleet.ts";
import { checkLog, isSettled, until } from "./load.ts";
import { startProxy, weathers } from "./proxy.ts";

const ROUNDS = Number(process.env["PG_CUTS"] ?? 1);
const RESOURCES = 20;
/** Milliseconds of each weather. */
const LASTS = 300;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const heap = () => {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

test(`${ROUNDS} x latency, slow links, resets and cuts, to the database and to the API: it converges when they end`, async (t) => {
  const { pool: outside, schema, url, clear } = await createGround();
  const api = await startApi();
  const database = await startProxy(Number(new URL(url).port || 5432));
  const provider = await startProxy(Number(new URL(api.url).port));
  const through = new URL(url);
  Object.assign(through, { hostname: "127.0.0.1", port: String(database.port) });
  const pool = new pg.Pool({ connectionString: through.href, max: 5 });
  const things: Provider<{ thing: { id: string; value: number } }> = {
    limits: { rate: 1e6 },
    webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
    probe: async () => {},
    resources: {
      thing: {
        fetch: async (id, { signal }) =>
          (await (await fetch(`http://127.0.0.1:${provider.port}/${id}`, { signal })).json()) as never,
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const sync = createSync({ providers: { a: things }, store: postgres({ pool, schema }), concurrency: 16 });
  const store = postgres({ pool: outside, schema });
  t.after(async () => {
    await sync.stop();
    await pool.end();
    await store.close();
    for (const one of [database, provider, api]) await one.close();
    await clear();
  });
  await sync.start();

  let [running, posted, acknowledged] = [true, 0, 0];
  const post = async (id: string) => {
    posted++;
    const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
    if (status === 202) acknowledged++;
    return status === 202;
  };
  const changeOne = async (n: number) => {
    const id = `hot${n}`;
    api.truth.set(id, (api.truth.get(id) ?? 0) + 1);
    return post(id);
  };
  /** A sender that is not answered 202 tries again. */
  const changeLast = async (n: number) => {
    while (!(await changeOne(n))) await pause(50);
  };
  const load = async (lane: number) => {
    for (let n = lane; running; n += 4) {
      await changeOne(1 + (n % RESOURCES));
      await pause(10);
    }
  };
  const converged = async () => {
    if (!(await isSettled(store))) return false;
    const entries = await store.entries({ after: 0, limit: 1_000, newest: true });
    const newest = new Map(entries.reverse().map(({ id, state }) => [id, JSON.parse(state ?? "null").value]));
    return [...api.truth].every(([id, value]) => newest.get(id) === value);
  };
  const lanes = [0, 1, 2, 3];
  const numbers = Array.from({ length: RESOURCES }, (_, i) => i + 1);
  let [slowest, before] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    for (const link of [database, provider]) {
      for (const weather of weathers) {
        running = true;
        const loads = lanes.map(load);
        link.set(weather);
        await pause(LASTS);
        link.set("fair");
        const healed = performance.now();
        running = false;
        await Promise.all(loads);
        await Promise.all(numbers.map(changeLast));
        const where = link === database ? "the database" : "the API";
        await until(`${weather} to ${where} ended: the log says what is`, converged, 10_000);
        slowest = Math.max(slowest, performance.now() - healed);
      }
    }
    if (round === 0) before = heap();
  }
  const changes = await checkLog(store, api, { acknowledged: [] });
  const grown = heap() - before;
  assert.ok(slowest < 10_000);
  assert.ok(grown < 15, `the heap grew by ${grown} MB`);
  assert.ok(acknowledged > 8 * RESOURCES * ROUNDS - 1 && changes > 8 * RESOURCES * ROUNDS - 1);
  figure(
    t,
    "F11",
    `${ROUNDS} rounds of ${weathers.join(", ")} on 2 links: ${acknowledged} of ${posted} webhooks acknowledged, ${changes} changes; right within ${slowest.toFixed(0)} ms; heap ${before.toFixed(0)} MB, ${grown.toFixed(1)} MB more in the end`,
  );
});
