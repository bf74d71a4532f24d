/** Connections that break in the middle of a COMMIT: before the server heard it, and before its answer came. */
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import pg from "pg";
import { postgres } from "tidemark/postgres";
import { systemTime } from "../../src/time.ts";
import { figure } from "../figure.ts";
import { groundFor, note, readLog, record, ref } from "./postgres.kit.ts";

/** A simple query that says "commit" and nothing else. */
const COMMIT = Buffer.from("Q\0\0\0\x0bcommit\0", "latin1");

interface Proxy {
  url: string;
  /** What to do at the next commits: drop it unheard, let the server do it and drop its answer, or never answer. */
  plan: ("unheard" | "unanswered" | "silent")[];
  /** Is told of a commit that is never answered. */
  silent: () => void;
  cuts: number;
  close(): Promise<void>;
}

async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port || 5432), hostname);
    let deaf = false;
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", cut);
      socket.on("close", cut);
    }
    client.on("data", (chunk) => {
      const next = chunk.equals(COMMIT) ? proxy.plan.shift() : undefined;
      if (next) proxy.cuts++;
      if (next === "unheard") return cut();
      if (next === "silent") return proxy.silent();
      deaf = next === "unanswered";
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => (deaf ? cut() : client.write(chunk)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const proxy: Proxy = { url: url.href, plan: [], cuts: 0, silent: () => {}, close };
  return proxy;
}

for (const how of ["unheard", "unanswered"] as const) {
  test(`a commit that was ${how} is repeated: everything is saved, and once`, async (t) => {
    const { url, schema, later } = await groundFor(t);
    const proxy = await startProxy(url);
    const pool = new pg.Pool({ connectionString: proxy.url, max: 5 });
    const store = postgres({ pool, schema });
    later(async () => {
      await store.close();
      await pool.end();
      await proxy.close();
    });
    await store.update({ refs: [ref("1")] }, record("a"));
    proxy.plan.push(how);
    const updates = ["1", "2", "3"].map((id) => store.update({ refs: [ref(id)] }, record("b")));
    const saved = await Promise.all(updates);
    assert.equal(proxy.cuts, 1);
    assert.deepEqual(
      saved.map(({ rows }) => rows[0]?.print),
      ["b", "b", "b"],
    );
    const entries = await readLog(store);
    assert.deepEqual(
      entries.map(({ position, id, state }) => [position, id, state]),
      [
        [1, "1", '"a"'],
        [2, "1", '"b"'],
        [3, "2", '"b"'],
        [4, "3", '"b"'],
      ],
    );
    proxy.plan.push(how);
    await store.post([note("4")]);
    assert.deepEqual(
      (await store.rows({ state: "dirty", limit: 9 })).map(({ id }) => id),
      ["4"],
    );
    proxy.plan.push(how);
    const move = { name: "c", step: (at: { name: string }) => ({ ...at, value: "v", holder: null, until: 0, at: 1 }) };
    assert.equal((await store.checkpoint(move)).at.value, "v");
    assert.equal(proxy.cuts, 3);
    figure(t, "F7", `connections cut in their COMMIT, ${how}: ${proxy.cuts} repeated, 0 lost, 0 doubled`);
  });
}

test("a server that ends connections again and again under load: everything is saved, and once", async (t) => {
  const { url, schema, pool: outside, later } = await groundFor(t);
  const pool = new pg.Pool({ connectionString: url, max: 5, application_name: schema });
  const store = postgres({ pool, schema });
  later(async () => {
    await store.close();
    await pool.end();
  });
  await store.open();
  let ended = 0;
  let writing = true;
  const ending = (async () => {
    const progress = `select position::int as position from ${schema}.head`;
    const end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    for (let next = 5; writing; ) {
      if ((await outside.query(progress)).rows[0].position < next) continue;
      ended += (await outside.query(end, [schema])).rowCount ?? 0;
      next += 5;
    }
  })();
  const ids = Array.from({ length: 120 }, (_, i) => `${i}`);
  const lanes = [0, 1, 2, 3].map(async (lane) => {
    for (const id of ids.filter((_, i) => i % 4 === lane)) {
      await store.update({ refs: [ref(id)] }, record("a"));
      await store.post([note(`hinted ${id}`)]);
    }
  });
  await Promise.all(lanes);
  writing = false;
  await ending;
  const entries = await readLog(store);
  assert.deepEqual(entries.map(({ id }) => id).sort(), [...ids].sort());
  assert.deepEqual(
    entries.map(({ position }) => position),
    ids.map((_, i) => i + 1),
  );
  assert.equal((await store.rows({ state: "dirty", limit: 999 })).length, ids.length);
  assert.equal((await store.survey())[0]?.live, ids.length);
  assert.ok(ended > 4, `${ended} connections were ended`);
});

test("a server that never answers is given up, and what it was asked is repeated", async (t) => {
  const { url, schema, later } = await groundFor(t);
  const proxy = await startProxy(url);
  const pool = new pg.Pool({ connectionString: proxy.url, max: 5 });
  const patience = new Set<() => void>();
  const after: typeof systemTime.after = (ms, run, hold) => {
    if (ms < 60_000) return systemTime.after(ms, run, hold);
    patience.add(run);
    return () => patience.delete(run);
  };
  const store = postgres({ pool, schema, time: { ...systemTime, after } });
  later(async () => {
    await store.close();
    await pool.end();
    await proxy.close();
  });
  await store.open();
  proxy.plan.push("silent");
  proxy.silent = () => {
    for (const run of patience) run();
  };
  await store.update({ refs: [ref("1")] }, record("a"));
  const changes = (await readLog(store)).length;
  // What wakes other processes may still be under way.
  await store.close();
  assert.deepEqual([proxy.cuts, changes, patience.size], [1, 1, 0]);
});

test("a server that cannot be reached is named, with what to do, and tried again by the next call", async (t) => {
  const { url, schema, later } = await groundFor(t);
  const proxy = await startProxy(url);
  await proxy.close();
  const pool = new pg.Pool({ connectionString: proxy.url });
  later(() => pool.end());
  let now = 1_800_000_000_000;
  const passing = () => {
    now += 4_000;
    return now;
  };
  const store = postgres({ pool, schema, time: { ...systemTime, now: passing } });
  const expected = { name: "StoreError", message: /schema ".*"\) could not be opened: the connection failed: check/ };
  await assert.rejects(store.head(), expected);
  await assert.rejects(store.post([note("1")]), expected);
});
