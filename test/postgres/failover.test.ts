/**
 * The primary is lost, and the replica that takes its place misses what was committed last: whoever has read that is told
 * (CursorLost), and the log comes to say what is. `FAILOVERS=20` for more.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type Change, CursorLost, createSync, type Provider } from "tidemark";
import { postgres } from "tidemark/postgres";
import { figure } from "../figure.ts";
import { quick } from "../store/fault.kit.ts";
import { createServerClock } from "./clock.ts";
import { until } from "./load.ts";
import { binaries, startPair } from "./pair.ts";
import { startProxy } from "./proxy.ts";

const FAILOVERS = Number(process.env["FAILOVERS"] ?? 1);
const skip = binaries ? false : "no Postgres with pg_basebackup is installed here";
const RESOURCES = 10;
/** Changes that the replica misses. */
const MISSED = 50;

interface Thing {
  id: string;
  value: number;
}

async function failOver(): Promise<number> {
  const pair = await startPair(binaries ?? "");
  const proxy = await startProxy(pair.port);
  const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
  const first = new pg.Pool({ connectionString: url });
  // What a process held when the replica was cut off is held there for 90 s: as many as its clock tells, sixty times as fast.
  const clock = await createServerClock(first, { url, schema: "tidemark", rate: 60 });
  await first.end();
  const pool = new pg.Pool({ connectionString: clock.url, max: 5 });
  pool.on("error", () => {});
  const truth = new Map<string, number>();
  const provider: Provider<{ thing: Thing }> = {
    limits: { rate: 1e6 },
    webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
    probe: async () => {},
    resources: {
      thing: {
        fetch: async (id) => ({ id, value: truth.get(id) ?? 0 }),
        list: async () => ({ items: [...truth].map(([id, value]) => ({ id, value })), next: null }),
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const store = postgres({ pool });
  const sync = createSync({ providers: { a: provider }, store, time: quick });
  const seen: Change<string, Thing>[] = [];
  let lost: unknown;
  const handled = new Map<string, number>();
  sync.subscribe("handler", ({ id, after }) => void handled.set(id, (after as Thing).value));
  const follow = async (after: string | null) => {
    for await (const change of sync.changes({ after })) seen.push(change as Change<string, Thing>);
  };
  const write = async (id: string, value: number) => {
    truth.set(id, value);
    const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
    assert.equal(status, 202);
    await until(`${id} is ${value} in the log`, () =>
      seen.some((change) => change.id === id && change.after?.value === value),
    );
  };
  try {
    await sync.start();
    const reading = follow(null).catch((error: unknown) => {
      lost = error;
    });
    for (let n = 0; n < RESOURCES; n++) await write(`k${n}`, n);
    await pair.follow();
    await pair.cut();
    for (let n = 0; n < MISSED; n++) await write(`k${n % RESOURCES}`, 1_000 + n);
    const { length } = seen;
    const cursor = seen.at(-1)?.cursor ?? null;
    pair.failOver();
    proxy.set("reset");
    await pause(100);
    proxy.set("fair");
    await until("who has read what is missing is told", () => lost !== undefined, 60_000);
    assert.ok(lost instanceof CursorLost, String(lost));
    await reading;
    const { position } = await store.head();
    // Whoever comes later with such a cursor is told as well.
    await assert.rejects(async () => {
      for await (const _ of sync.changes({ after: cursor, follow: false }));
    }, CursorLost);
    seen.length = 0;
    const again = follow(null);
    await until("the log says what is", () =>
      [...truth].every(([id, value]) => seen.findLast((change) => change.id === id)?.after?.value === value),
    );
    for (let n = 0; n < RESOURCES; n++) await write(`k${n}`, 5_000 + n);
    await until(
      "the subscription has handled what is",
      async () => [...truth].every(([id, value]) => handled.get(id) === value),
      60_000,
    ).catch(async (error) => assert.fail(`${error}: ${JSON.stringify((await sync.health()).subscriptions)}`));
    await sync.stop();
    await again;
    assert.ok(position < length, "the replica missed nothing");
    return length - position;
  } finally {
    await sync.stop();
    await store.close();
    await pool.end();
    await proxy.close();
    pair.remove();
  }
}

test(`${FAILOVERS} x failover to a replica that misses commits: readers meet CursorLost, and the log comes to say what is`, {
  skip,
}, async (t) => {
  let missed = 0;
  for (let round = 0; round < FAILOVERS; round++) missed += await failOver();
  figure(
    t,
    "F7",
    `${FAILOVERS} x failover to a replica: ${missed} changes missed by it, every reader told, the log right again`,
  );
});
