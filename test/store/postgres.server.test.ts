/** What the Postgres store does at the edges: options, versions of the tables, servers that will not do, several stores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { CursorLost, createSync } from "tidemark";
import { type PostgresPool, postgres } from "tidemark/postgres";
import { checkPlace, START } from "../../src/change.ts";
import type { Checkpoint } from "../../src/checkpoint.ts";
import type { Row } from "../../src/row.ts";
import { migrate } from "../../src/store/postgres/migrate.ts";
import { migrations } from "../../src/store/postgres/schema.ts";
import { remedyFor, troubleWith } from "../../src/store/postgres/trouble.ts";
import { systemTime } from "../../src/time.ts";
import { groundFor, note, readLog, record, ref } from "./postgres.kit.ts";

/** A pool whose clients' queries a test may change. */
function through(pool: pg.Pool, query: (text: string, ask: () => Promise<never>, name?: string) => Promise<never>) {
  const connect = async () => {
    const client = await pool.connect();
    return {
      query: (question: pg.QueryConfig) => query(question.text, () => client.query(question) as never, question.name),
      release: (error?: Error | boolean) => client.release(error),
      on: (event: string, run: () => void) => client.on(event as "end", run),
      removeListener: (event: string, run: () => void) => client.removeListener(event, run),
    };
  };
  return { connect, options: pool.options } as unknown as PostgresPool;
}

const failure = (code: string | undefined, message = "refused") => Object.assign(new Error(message), code && { code });

test("a pool or a schema that cannot be one is refused at once", () => {
  for (const pool of [undefined, {}, "postgres://x"]) {
    assert.throws(() => postgres({ pool: pool as never }), /give a pool of pg/);
  }
  const pool = { connect: async () => assert.fail("no") };
  for (const schema of ["", "A", "1a", 'a"b', "a.b", "a-b", "a b", "x".repeat(64)]) {
    assert.throws(() => postgres({ pool, schema }), /a schema is named with/, schema);
  }
});

test("a read replica is refused, and a server that keeps synchronous_commit off", async (t) => {
  const { pool, schema } = await groundFor(t);
  const replica = through(pool, async (text, ask) =>
    text.includes("pg_is_in_recovery")
      ? ([{ rows: [{ replica: "t", usual: "on" }] }, ...Array(3).fill({ rows: [] })] as never)
      : ask(),
  );
  await assert.rejects(
    postgres({ pool: replica, schema }).open(),
    /read replica: give the pool the address of the primary/,
  );
  const rows = [{ replica: "f", usual: "off" }];
  const unsafe = through(pool, async (text, ask) =>
    text.includes("pg_is_in_recovery") ? ([{ rows }, {}, {}, { rows: [{ set: "off" }] }, {}] as never) : ask(),
  );
  await assert.rejects(postgres({ pool: unsafe, schema }).open(), /keeps synchronous_commit off/);
  const { rows: made } = await pool.query("select from pg_namespace where nspname = $1", [schema]);
  assert.equal(made.length, 0, "nothing was created");
});

test("what must last is committed synchronously though the session has it off; a lease is not", async (t) => {
  const { url, schema, later } = await groundFor(t);
  const pool = new pg.Pool({ connectionString: url, options: "-c synchronous_commit=off" });
  later(() => pool.end());
  const seen: string[] = [];
  const spied = through(pool, async (text, ask) => {
    const settings = text.includes("notify") ? [] : [...text.matchAll(/set local synchronous_commit = (\w+)/g)];
    seen.push(...settings.map(([, value]) => value ?? ""));
    return ask();
  });
  const store = postgres({ pool: spied, schema });
  later(() => store.close());
  await store.open();
  const settings = async (run: () => Promise<unknown>) => {
    seen.length = 0;
    await run();
    const [tick, ...rest] = seen;
    assert.equal(tick, "off", "a tick waits for no disk");
    return rest;
  };
  const lazy = { lazy: true };
  const dirty = (row: object) => ({ row: { ...row, due: 1, class: "live" } }) as never;
  assert.deepEqual(await settings(() => store.post([note("1")])), ["on"]);
  await store.rows({ limit: 1 });
  assert.deepEqual(await settings(() => store.update({ refs: [ref("2")] }, dirty)), ["on"]);
  assert.deepEqual(await settings(() => store.update({ refs: [ref("3")] }, dirty, undefined, lazy)), ["off"]);
  const changed = await settings(() => store.update({ refs: [ref("4")] }, record("a"), undefined, lazy));
  assert.deepEqual(changed, ["off", "on"], "an entry lasts, whoever wrote it");
});

test("the tables are brought to the newest version, and the code of the version before still works with them", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const old = postgres({ pool, schema });
  later(() => old.close());
  await old.update({ refs: [ref("1")] }, record("a"));
  const added = { sql: "alter table $.row add column more text; create table $.extra (x text)", oldest: 1 };
  const client = await pool.connect();
  const steps = [...migrations, added];
  await migrate(client as never, `"${schema}"`, systemTime, steps);
  await migrate(client as never, `"${schema}"`, systemTime, steps);
  client.release();
  await old.update({ refs: [ref("1"), ref("2")] }, record("b"));
  const again = postgres({ pool, schema });
  later(() => again.close());
  await again.update({ refs: [ref("3")] }, record("c"));
  assert.equal((await readLog(again)).length, 4);
  const { rows } = await pool.query(`select max(version)::int as version from ${schema}.version`);
  assert.equal(rows[0].version, migrations.length + 1);
});

test("tables that this code cannot work with any more are refused, and stay as they are", async (t) => {
  const { pool, schema } = await groundFor(t);
  const store = postgres({ pool, schema });
  await store.open();
  await store.close();
  await pool.query(`insert into ${schema}.version (version, oldest) values (99, 99)`);
  await assert.rejects(store.open(), /written by a newer version of Tidemark: update this one/);
});

test("a row that cannot be kept fails alone and at once, not after it stood in the way of all others", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  for (const id of ["a\0b", "a\ud800b", "a\ud800b"]) {
    const [bad, good] = await Promise.allSettled([
      store.update({ refs: [ref(id)] }, record("a")),
      store.update({ refs: [ref("good")] }, record("a")),
    ]);
    assert.match(String(bad.status === "rejected" && bad.reason), /StoreError: an id or scope of a.thing cannot be/);
    assert.equal(good.status, "fulfilled");
  }
  assert.equal((await readLog(store)).length, 1);
});

test("a prepared statement has one name in all processes, and no other has it: behind a pooler they share servers", async () => {
  const namesIn = async (copy: string, texts: readonly string[]) => {
    const { ask } = (await import(
      `../../src/store/postgres/client.ts?${copy}`
    )) as typeof import("../../src/store/postgres/client.ts");
    const names = new Map<string, string | undefined>();
    const query = async ({ text, name }: pg.QueryConfig) => void names.set(text, name);
    for (const text of texts) await ask({ query } as never, text, [1]);
    return names;
  };
  const [one, other] = ["select $1 as a", "delete from a where b = $1"] as const;
  const here = await namesIn("here", [one, other]);
  const there = await namesIn("there", [other, one]);
  for (const text of [one, other]) assert.equal(here.get(text), there.get(text));
  assert.notEqual(here.get(one), here.get(other));
  assert.match(here.get(one) ?? "", /^tidemark_.{1,54}$/, "Postgres cuts a name of more than 63 bytes");
});

test("an unseen row that another process changes meanwhile leaves no gap: fewer than were asked for are all", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  await store.update({ refs: ["1", "2", "3", "4"].map((id) => ref(id)) }, record("a"));
  const client = await pool.connect();
  await client.query("begin");
  await client.query(`update ${schema}.row set due = 5, class = 'live' where id = '1'`);
  const select = { unseen: 2 ** 52, type: "a.thing", scope: "", after: "", limit: 2 };
  const unseen = store.update(select, (row) => ({ row: { ...row, due: 5, class: "suspect" } }));
  const blocked = "select from pg_locks l join pg_stat_activity a using (pid) where not l.granted and query like $1";
  while ((await pool.query(blocked, [`%"${schema}".row r%`])).rowCount === 0);
  await client.query("commit");
  client.release();
  assert.deepEqual(
    (await unseen).rows.map(({ id }) => id),
    ["2", "3"],
  );
});

test("a transaction whose checkpoint another creates at that moment moves it all the same, and works once", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const other = postgres({ pool, schema });
  later(() => other.close());
  await other.open();
  const move = (value: string) => ({
    name: "c",
    step: (at: Checkpoint) => ({ ...at, value: `${at.value ?? ""}${value}` }),
  });
  let made = false;
  const late = through(pool, async (text, ask) => {
    const answer = await ask();
    if (!made && /from "\w+".checkpoint.* for update/s.test(text)) {
      made = true;
      await other.checkpoint(move("a"));
    }
    return answer;
  });
  const store = postgres({ pool: late, schema });
  later(() => store.close());
  let works = 0;
  const { at } = await store.transaction(() => ++works, move("b"));
  assert.deepEqual([made, works, at.value], [true, 1, "ab"]);
});

test("many notes of one post are put to their rows in several transactions", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  const ids = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
  await store.post(ids.map(note));
  const { rows } = await pool.query(`select max(length(notes)) as longest from ${schema}.inbox`);
  assert.ok(rows[0].longest < 10_000, `${rows[0].longest} characters in one row`);
  assert.equal((await store.rows({ limit: 20_000 })).length, ids.length);
  const saved = await pool.query(`select count(distinct xmin::text) > 1 as several from ${schema}.row`);
  assert.equal(saved.rows[0].several, true);
});

test("opening again needs no permission to create", async (t) => {
  const { pool, schema, url, later } = await groundFor(t);
  const first = postgres({ pool, schema });
  await first.update({ refs: [ref("1")] }, record("a"));
  await first.close();
  const user = `user_${schema}`;
  await pool.query(`create role ${user} login password 'x'; grant usage on schema ${schema} to ${user};
    grant select, insert, update, delete on all tables in schema ${schema} to ${user};
    grant usage on all sequences in schema ${schema} to ${user}`);
  const own = new URL(url);
  own.username = user;
  own.password = "x";
  const limited = new pg.Pool({ connectionString: own.href });
  const store = postgres({ pool: limited, schema });
  later(async () => {
    await store.close();
    await limited.end();
    await pool.query(`drop owned by ${user}; drop role ${user}`);
  });
  await store.post([note("2")]);
  assert.equal((await store.rows({ limit: 9 })).length, 2);
  await assert.rejects(postgres({ pool: limited, schema: `${schema}_x` }).open(), /lacks a permission.*42501/);
});

test("a database that was rolled back is CursorLost, before and after the log has grown past the cursor again", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  for (const value of ["a", "b"]) await store.update({ refs: [ref("1")] }, record(value));
  const { log } = await store.head();
  const last = (await readLog(store)).at(-1) ?? START;
  await checkPlace(store, last, log);
  await pool.query(`delete from ${schema}.entry where position = 2; update ${schema}.head set position = 1;
    update ${schema}.row set position = 1, print = 'a'`);
  await assert.rejects(checkPlace(store, last, log), CursorLost);
  await store.update({ refs: [ref("1")] }, record("c"));
  await assert.rejects(checkPlace(store, last, log), /another change stands at 2/);
});

test("the ticks of one row keep its order though a later tick was quicker to the lock", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  const other = postgres({ pool, schema });
  later(() => Promise.all([store.close(), other.close()]));
  await other.open();
  let between: (() => Promise<unknown>) | undefined;
  // After the slow one was given its ticks, and before it locks its row.
  const slowPool = through(pool, async (text, ask) => {
    if (text.includes("for update of r")) {
      const run = between;
      between = undefined;
      await run?.();
    }
    return ask();
  });
  const slow = postgres({ pool: slowPool, schema });
  later(() => slow.close());
  await store.update({ refs: [ref("1")] }, record("a"));
  let quicker = 0;
  between = async () => {
    quicker = (await other.update({ refs: [ref("1")] }, record("b"))).tick;
  };
  const { tick } = await slow.update({ refs: [ref("1")] }, record("c"));
  assert.ok(quicker > 0 && tick > quicker, `${tick} after ${quicker}`);
});

test("a row that another process creates at the same moment is looked at again", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const other = postgres({ pool, schema });
  later(() => other.close());
  await other.open();
  let between: (() => Promise<unknown>) | undefined;
  const slowPool = through(pool, async (text, ask) => {
    const saves = text.startsWith("insert into") && text.includes("on conflict");
    const run = saves ? between : undefined;
    if (saves) between = undefined;
    await run?.();
    return ask();
  });
  const slow = postgres({ pool: slowPool, schema });
  later(() => slow.close());
  await slow.open();
  const add = (row: { regressions: number }) => ({ row: { ...row, regressions: row.regressions + 1 } }) as never;
  between = () => other.update({ refs: [ref("1")] }, add);
  await slow.update({ refs: [ref("1")] }, add);
  assert.equal((await other.rows({ limit: 1 }))[0]?.regressions, 2);
  const count = { name: "c", step: (at: { value: string | null }) => ({ ...at, value: `${at.value}x` }) as never };
  between = () => other.checkpoint(count);
  assert.equal((await slow.checkpoint(count)).at.value, "nullxx");
});

test("jobs of one group that touch the same row see each other's result", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  await store.update({ refs: [ref("0")] }, record("x"));
  const values = ["a", "b", null, "c"];
  const write = (value: string | null) => (row: Row) => {
    const append = [{ state: value, at: 1, via: "sweep" as const, causes: [] }];
    return { row: { ...row, present: value !== null, attempts: row.attempts + 1 }, append };
  };
  const saved = await Promise.all(values.map((value) => store.update({ refs: [ref("1")] }, write(value))));
  assert.deepEqual(
    saved.map(({ rows }) => [rows[0]?.position, rows[0]?.attempts]),
    [
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 4],
    ],
  );
  assert.deepEqual(
    (await readLog(store, 1)).map(({ before, state }) => [before, state]),
    [
      [null, "a"],
      ["a", "b"],
      ["b", null],
      [null, "c"],
    ],
  );
  assert.deepEqual(
    [(await store.rows({ limit: 1, after: ref("0") }))[0]?.position, (await store.survey())[0]?.live],
    [5, 2],
  );
});

test("a claim does not wait for a row that somebody holds: it takes the others", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  await store.post([note("1"), note("2")]);
  await store.rows({ limit: 1 });
  const client = await pool.connect();
  await client.query("begin");
  await client.query(`select from ${schema}.row where id = '1' for update`);
  const { rows } = await store.update({ class: "live", providers: ["a"], limit: 9 }, (row) => ({ row }));
  await client.query("rollback");
  client.release();
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["2"],
  );
});

test("who looks at rows waits for the hints that were posted before, however slow they are saved", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const slowPool = through(pool, async (text, ask) => {
    if (text.includes(".inbox (notes)")) for (let i = 0; i < 30; i++) await pool.query("select 1");
    return ask();
  });
  const store = postgres({ pool: slowPool, schema });
  later(() => store.close());
  await store.update({ refs: [ref("0")] }, record("x"));
  const posted = store.post([note("1")]);
  const { rows } = await store.update({ refs: [ref("1")] }, (row) => ({ row }));
  assert.equal(rows[0]?.hinted, await posted);
});

test("a hint that was kept earlier, and comes to its row later, does not hide a later one", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  await store.post([note("1")]);
  const [row] = await store.rows({ limit: 1 });
  const after = (row?.hinted ?? 0) + 3_600_000_000;
  await pool.query(`update ${schema}.row set hinted = $1`, [after]);
  await store.post([note("1")]);
  assert.equal((await store.rows({ limit: 1 }))[0]?.hinted, after);
});

test("what the database refuses fails alone", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  const results = await Promise.allSettled([
    store.update({ refs: [ref("1")] }, record("a")),
    store.update({ refs: [ref("2")] }, (row) => ({ row: { ...row, error: "a\0b" } })),
    store.update({ refs: [ref("3")] }, (row) => ({ row: { ...row, attempts: 0.5 } })),
    store.update({ refs: [ref("4")] }, record("d")),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected", "fulfilled"],
  );
  assert.match(String((results[1] as PromiseRejectedResult).reason), /StoreError: .*a value cannot be stored/);
  assert.deepEqual(
    (await readLog(store)).map(({ position, id }) => [position, id]),
    [
      [1, "1"],
      [2, "4"],
    ],
  );
});

test("a deadlock or a serialization failure is repeated, a missing permission is not", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const codes: string[] = [];
  let tries = 0;
  const failing = through(pool, async (text, ask) => {
    if (text !== "commit") return ask();
    tries++;
    const code = codes.shift();
    if (code) throw failure(code);
    return ask();
  });
  const store = postgres({ pool: failing, schema });
  later(() => store.close());
  await store.open();
  codes.push("40P01", "40001", "57P01");
  tries = 0;
  await store.update({ refs: [ref("1")] }, record("a"));
  assert.equal(tries, 4);
  codes.push("42501");
  await assert.rejects(store.update({ refs: [ref("1")] }, record("b")), /lacks a permission/);
  assert.deepEqual([tries, (await readLog(store)).length], [5, 1]);
});

test("a connection that tells why it broke after it was given up ends nothing", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  let broken = true;
  const inner = through(pool, async (text, ask) => {
    if (text !== "commit" || !broken) return ask();
    broken = false;
    throw failure("57P01");
  });
  const connect = async () => {
    const client = await inner.connect();
    const { on, release, removeListener } = client;
    const listening = new Set<unknown>();
    client.on = (event, run) => [listening.add(run), on(event, run)];
    client.removeListener = (event, run) => [listening.delete(run), removeListener(event, run)];
    client.release = (error) => {
      release(error);
      if (error) assert.equal(listening.size, 1, "somebody listens to what it still tells");
      else assert.equal(listening.size, 0, "nothing is left on one that goes back");
    };
    return client;
  };
  const store = postgres({ pool: { connect, options: { max: 5 } }, schema });
  later(() => store.close());
  await store.update({ refs: [ref("1")] }, record("a"));
  assert.deepEqual([broken, (await readLog(store)).length], [false, 1]);
});

test("behind a pooler that forgets what was prepared, nothing is prepared any more", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  let named = 0;
  const forgetful = through(pool, async (_, ask, name) => {
    if (name === undefined) return ask();
    named++;
    throw failure("26000", "prepared statement does not exist");
  });
  const store = postgres({ pool: forgetful, schema });
  later(() => store.close());
  await store.update({ refs: [ref("1")] }, record("a"));
  const until = named;
  await store.update({ refs: [ref("2")] }, record("a"));
  assert.deepEqual([(await readLog(store)).length, named], [2, until]);
});

test("each kind of error says what to do, keeps its cause, and shows nothing of the connection", () => {
  const said = (code: string | undefined, message?: string) => {
    const cause = failure(code, message);
    const error = troubleWith("s", "written", cause);
    assert.equal(error.cause, cause);
    assert.doesNotMatch(error.message, /secret/);
    return `${remedyFor(cause)}: ${error.message}`;
  };
  assert.match(said("53300"), /^again: .*too many connections/);
  assert.match(said("53100"), /^never: .*its disk is full: make room/);
  assert.match(said("57P01", "secret"), /^again: .*told to stop/);
  assert.match(said("25006"), /^again: .*read-only: give the pool the address of the primary/);
  assert.match(said("28P01", "secret"), /^never: .*does not let this user in/);
  assert.match(said("3D000", "secret"), /^never: .*the database does not exist/);
  assert.match(said("42501"), /^never: .*lacks a permission/);
  assert.match(said("08006"), /^again: .*the connection failed/);
  assert.match(said("ECONNREFUSED", "secret"), /^again: .*the connection failed/);
  assert.match(said(undefined, "Connection terminated unexpectedly"), /^again: .*the connection failed/);
  assert.match(said("22021"), /^job: .*a value cannot be stored/);
  assert.match(said("99999"), /^never: .*see the cause \(SQLSTATE 99999\)/);
  assert.match(said(undefined, "undefined is not a function"), /^never: .*see the cause/);
});

test("two processes that put the inbox to its rows at once lose no hint, and nothing twice", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  const stores = [postgres({ pool, schema }), postgres({ pool, schema })];
  later(() => Promise.all(stores.map((store) => store.close())));
  let folded = 0;
  for (const store of stores) {
    await store.open((row, _, tick) => {
      folded++;
      return { ...row, class: "live", due: tick, attempts: row.attempts + 1 };
    });
  }
  for (let i = 0; i < 40; i++) await stores[0]?.post([note("1"), note(`${i}`)]);
  const pages = await Promise.all(stores.map((store) => store.rows({ limit: 99 })));
  const counts = pages.map((rows) => rows.reduce((sum, row) => sum + row.attempts, 0));
  assert.deepEqual(counts, [80, 80]);
  assert.equal(folded, 80);
});

test("who puts the inbox to its rows waits for another who does, and does nothing twice", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  let folded = 0;
  const count = (row: Row) => {
    folded++;
    return { ...row, class: "live" as const, due: 1 };
  };
  const second = postgres({ pool, schema });
  let looking: Promise<unknown> | undefined;
  // When the first has taken what waits, the second begins, and has time to take the same.
  const slowPool = through(pool, async (text, ask) => {
    const answer = await ask();
    if (text.startsWith("select seq, notes") && looking === undefined) {
      looking = second.rows({ limit: 9 });
      for (let i = 0; i < 50; i++) await pool.query("select 1");
    }
    return answer;
  });
  const first = postgres({ pool: slowPool, schema });
  later(() => Promise.all([first.close(), second.close()]));
  await Promise.all([first.open(count), second.open(count)]);
  await first.post([note("1")]);
  await first.rows({ limit: 9 });
  await looking;
  assert.equal(folded, 1);
});

test("what another process was told is put to its rows before this one looks at them", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  const [one, other] = [postgres({ pool, schema }), postgres({ pool, schema })];
  later(() => Promise.all([one.close(), other.close()]));
  await Promise.all([one.open(), other.open()]);
  await other.post([note("1")]);
  const dues: (number | null)[] = [];
  const look = ({ due }: Row) => void dues.push(due);
  await one.update({ refs: [ref("1")] }, look);
  await one.post([note("2")]);
  await one.update({ refs: [ref("2")] }, look);
  assert.deepEqual(
    dues.map((due) => due !== null),
    [true, true],
  );
});

test("an inbox of more than one slice is put to its rows whole", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  for (let i = 0; i < 40; i++) await store.post([note(`${i}`)]);
  assert.equal((await store.rows({ limit: 99 })).length, 40);
});

test("hints that keep coming hold nobody up who looks at rows", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  const other = postgres({ pool, schema });
  let more = 20;
  // Another process keeps a hint whenever this one has put all of them to their rows.
  const flooded = through(pool, async (text, ask) => {
    const answer = await ask();
    if (text.startsWith("delete from") && text.includes("inbox") && more-- > 0) await other.post([note(`${more}`)]);
    return answer;
  });
  const store = postgres({ pool: flooded, schema });
  later(() => Promise.all([store.close(), other.close()]));
  await Promise.all([store.open(), other.open()]);
  await other.post([note("first")]);
  await store.update({ refs: [ref("first")] }, () => undefined);
  assert.equal(more, 19, "the inbox was looked through once");
});

test("another process's change and hint wake this one; its own do not", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  let delivered = 0;
  const clients = new Set<unknown>();
  let told = () => {};
  const watched = async () => {
    const client = await pool.connect();
    if (!clients.has(client)) {
      client.on("notification", () => {
        delivered++;
        told();
      });
    }
    clients.add(client);
    return client;
  };
  const until = async (count: number) => {
    while (delivered < count) await new Promise<void>((resolve) => (told = resolve));
  };
  const store = postgres({ pool: { connect: watched }, schema });
  const other = postgres({ pool, schema });
  later(() => Promise.all([store.close(), other.close()]));
  await store.open();
  let heard = 0;
  let wake = () => {};
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  const first = next();
  const stop = store.listen?.(() => {
    heard++;
    wake();
  });
  await first;
  for (const write of [() => other.post([note("1")]), () => other.update({ refs: [ref("2")] }, record("a"))]) {
    const woken = next();
    await write();
    await woken;
  }
  assert.equal(heard, 3, "once when it began to listen, once for each");
  await store.update({ refs: [ref("3")] }, record("a"));
  await until(3);
  await other.update({ refs: [ref("4")] }, record("a"));
  await until(4);
  assert.equal(heard, 4);
  const again = next();
  await pool.query("select pg_terminate_backend(pid) from pg_stat_activity where query = $1", [`listen "${schema}"`]);
  await again;
  assert.equal(heard, 5, "it listens again, and looks for what it missed");
  stop?.();
});

test("two engines on one schema: what one is told, the other delivers", async (t) => {
  const { pool, schema, later } = await groundFor(t, 9);
  const things = new Map<string, { id: string; n: number }>();
  const create = () =>
    createSync({
      store: postgres({ pool, schema }),
      providers: {
        a: {
          limits: { rate: 1e6 },
          resources: {
            thing: {
              fetch: async (id: string) => things.get(id) ?? null,
              id: ({ id }: { id: string }) => id,
              list: async () => ({ items: [], next: null }),
              readLag: { fetch: 0, list: 0 },
            },
          },
        },
      },
    });
  const [one, two] = [create(), create()];
  later(() => Promise.all([one.stop(), two.stop()]));
  const met = new Promise<string>((resolve) => two.subscribe("s", ({ id }) => resolve(id)));
  await Promise.all([one.start(), two.start()]);
  things.set("1", { id: "1", n: 1 });
  await one.hint("a.thing", "1");
  assert.equal(await met, "1");
});

test("the application's transaction and a checkpoint are saved together, or neither is", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const store = postgres({ pool, schema });
  later(() => store.close());
  await store.open();
  await pool.query(`create table ${schema}.mine (x text)`);
  const move = (value: string | undefined) => ({
    name: "c",
    step: (at: object) => (value === undefined ? undefined : ({ ...at, value } as never)),
  });
  const insert = (x: string) => async (client: { query(text: string, values: unknown[]): Promise<unknown> }) => {
    await client.query(`insert into ${schema}.mine values ($1)`, [x]);
    return x;
  };
  const { value, at } = await store.transaction(insert("1"), move("1"));
  assert.deepEqual([value, at.value], ["1", "1"]);
  const refused = async () => {
    throw new RangeError("no");
  };
  await assert.rejects(store.transaction(refused, move("2")), RangeError);
  await store.transaction(insert("3"), move(undefined));
  const failing = { name: "c", step: () => assert.fail("lost") };
  await assert.rejects(store.transaction(insert("4"), failing), /lost/);
  const { rows } = await pool.query(`select x from ${schema}.mine`);
  assert.deepEqual([rows, (await store.checkpoints("c", "", 9))[0]?.value], [[{ x: "1" }], "1"]);
});

test("a store that is closed says so, and its pool stays the application's", async (t) => {
  const { pool, schema } = await groundFor(t);
  const store = postgres({ pool, schema });
  await store.post([note("1")]);
  await store.close();
  await assert.rejects(store.rows({ limit: 1 }), /is closed: open it again/);
  assert.equal(pool.totalCount - pool.idleCount, 0, "nothing is kept of the pool");
  await pool.query("select 1");
  await store.open();
  assert.equal((await store.rows({ limit: 9 })).length, 1);
  await store.close();
});

test("who looks at rows does not wait until no hint comes any more", async (t) => {
  const { pool, schema } = await groundFor(t);
  const store = postgres({ pool, schema });
  await store.open();
  // As soon as the inbox is empty there are more in it than one transaction takes.
  await pool.query(`create function ${schema}.refill() returns trigger language plpgsql as $$ begin
      if not exists (select from ${schema}.inbox) then
        insert into ${schema}.inbox (notes) select '[]' from generate_series(1, 40);
      end if;
      return null;
    end $$;
    create trigger refill after delete on ${schema}.inbox for each statement execute function ${schema}.refill();
    insert into ${schema}.inbox (notes) select '[]' from generate_series(1, 40)`);
  const { rows } = await store.update({ refs: [ref("1")] }, (row) => ({ row }));
  assert.equal(rows.length, 1);
  await store.close();
});
