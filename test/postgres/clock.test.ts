/**
 * The server's clock steps back while a read is under way, at run time and at a failover: no tick is issued twice or out of
 * order, and a hint that came after the read is not met by it.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { createSync, type Provider } from "tidemark";
import { postgres } from "tidemark/postgres";
import { figure } from "../figure.ts";
import { createGround } from "../postgres.ts";
import { createServerClock, type ServerClock } from "./clock.ts";
import { startOwnServer } from "./server.ts";

const STEPS = [1, 2_000, 3_600_000];

/** A provider whose next answer can be kept back: it has seen its state, and waits. */
function createApi() {
  const truth = new Map<string, number>();
  let keep: (() => Promise<void>) | undefined;
  const provider: Provider<{ thing: { id: string; value: number } }> = {
    limits: { rate: 1e6 },
    webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
    probe: async () => {},
    resources: {
      thing: {
        async fetch(id) {
          const state = { id, value: truth.get(id) ?? 0 };
          const kept = keep?.();
          keep = undefined;
          await kept;
          return state;
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  /** `asked` resolves when the next read has seen its state; it is answered by `answer`. */
  const keepNext = () => {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    keep = () => {
      asked.resolve();
      return answered.promise;
    };
    return { asked: asked.promise, answer: answered.resolve };
  };
  return { truth, provider, keepNext };
}

/** Two processes, as far as the database can tell. */
function createEngines(t: TestContext, clock: ServerClock, schema: string) {
  const api = createApi();
  const engines = [0, 1].map(() => {
    const pool = new pg.Pool({ connectionString: clock.url, max: 5 });
    const store = postgres({ pool, schema });
    const sync = createSync({ providers: { a: api.provider }, store });
    const post = async (id: string) => {
      const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
      assert.equal(status, 202);
    };
    return { pool, store, sync, post };
  });
  t.after(async () => {
    for (const { pool, sync } of engines) {
      await sync.stop();
      await pool.end();
    }
  });
  const [reader, other] = engines as [(typeof engines)[0], (typeof engines)[0]];
  return { api, reader, other };
}

/** A resource changes while it is read, the clock steps, and only then its webhook comes, to another process. */
async function changeDuringRead(
  { api, reader, other }: ReturnType<typeof createEngines>,
  id: string,
  step: () => Promise<void>,
) {
  api.truth.set(id, 1);
  const { asked, answer } = api.keepNext();
  await reader.post(id);
  const draining = reader.sync.drain();
  await asked;
  await step();
  api.truth.set(id, 2);
  await other.post(id);
  answer();
  await draining;
  await other.sync.drain();
  const values = (await other.store.entries({ after: 0, limit: 99, ref: { type: "a.thing", scope: "", id } })).map(
    ({ state }) => JSON.parse(state ?? "null").value,
  );
  assert.equal(values.at(-1), 2, `${id}: what the hint asked for was read`);
  assert.deepEqual(values, [...values].sort(), `${id}: no older state after a newer one`);
  assert.equal((await other.store.rows({ state: "dirty", limit: 9 })).length, 0);
}

test("the server's clock steps back while a read is under way: ticks go on, the hint that follows is read for", async (t) => {
  const { pool, schema, url, clear } = await createGround();
  const clock = await createServerClock(pool, { url, schema });
  const engines = createEngines(t, clock, schema);
  t.after(async () => {
    await clock.clear();
    await clear();
  });
  let last = 0;
  for (const back of STEPS) {
    await changeDuringRead(engines, `k${back}`, () => clock.step(-back));
    const { tick } = await engines.other.store.head();
    assert.ok(tick > last, "ticks never fall");
    last = tick;
  }
  const entries = await engines.other.store.entries({ after: 0, limit: 99 });
  assert.ok(entries.every(({ tick }, i) => i === 0 || tick > (entries[i - 1]?.tick ?? 0)));
  figure(
    t,
    "F12",
    `Postgres, stepped back by ${STEPS.join(", ")} ms while running: ${entries.length} changes, 0 out of order, 0 demands cleared`,
  );
});

test("a server fails over to a clock that is behind, and has forgotten the tick of a read: the hint that follows is read for", async (t) => {
  // Ticks and leases wait for the disk this long: the stop comes before.
  const server = await startOwnServer(["wal_writer_delay=500ms"]);
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on("error", () => {});
  const clock = await createServerClock(pool, { url: server.url, schema: "tidemark" });
  const engines = createEngines(t, clock, "tidemark");
  t.after(async () => {
    await pool.end();
    await server.remove();
  });
  const tickNow = async () => Number((await pool.query("select at from tidemark.tick")).rows[0].at);
  let forgotten = 0;
  for (const back of STEPS) {
    await clock.stepAtStart(-back);
    await changeDuringRead(engines, `k${back}`, async () => {
      const before = await tickNow();
      await server.stopNow();
      await server.start();
      if ((await tickNow()) < before) forgotten++;
    });
  }
  assert.ok(forgotten > 0, "a server that forgot no tick tests nothing");
  figure(
    t,
    "F12",
    `Postgres, failed over to a clock ${STEPS.join(", ")} ms behind: ticks forgotten ${forgotten} times, 0 demands cleared`,
  );
});
