/** The programs of docs/recipes.md, run: what they promise holds where it is hard. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AccessLost, CursorLost, createSync, gone, type Provider, type Sync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createDesk, handClock, memory, take, webhookOf } from "../desk.ts";
import { createGround } from "../postgres.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/recipes.md"), "utf8");
const blocks = [...page.matchAll(/^```ts(?: file=(\S+))?\n(.*?)^```/gms)];

/** Writes blocks where they resolve what a user would, and forgets them after the test. */
function write(t: { after(run: () => unknown): void }, files: Readonly<Record<string, string | undefined>>): string {
  const folder = mkdtempSync(join(root, "docs-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, code] of Object.entries(files)) {
    assert.ok(code, name);
    writeFileSync(join(folder, name), code);
  }
  return folder;
}
const named = (file: string) => blocks.find(([, name]) => name === file)?.[2];

type Mirror = (
  source: { changes(options: { after: string | null }): AsyncIterable<unknown> },
  db: DatabaseSync,
  signal: AbortSignal,
) => Promise<void>;

/** The mirror of the page, its own database, and a synchronized desk. */
async function setUp(t: { after(run: () => unknown): void }) {
  const folder = write(t, { "mirror.ts": named("mirror.ts") });
  const { mirror }: { mirror: Mirror } = await import(pathToFileURL(join(folder, "mirror.ts")).href);
  const time = handClock();
  const desk = createDesk({ feed: false });
  const open = (file: string) => {
    const store = sqlite(join(folder, file), { time });
    const sync = createSync({ providers: { notes: desk.provider }, store, time });
    t.after(() => sync.stop());
    return sync;
  };
  const database = () => new DatabaseSync(join(folder, "own.db"));
  /** To the end of the log, and no further. */
  const upTo = (sync: ReturnType<typeof open>) => ({
    changes: (options: object) => sync.changes({ ...options, follow: false }),
  });
  const rows = (db: DatabaseSync) =>
    db
      .prepare("select id, text from note order by id")
      .all()
      .map((row) => ({ ...row }));
  const truth = () =>
    [...(desk.notes.get("")?.values() ?? [])]
      .map(({ id, text }) => ({ id, text }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  return { mirror, time, desk, open, database, upTo, rows, truth };
}

const forever = new AbortController().signal;

test("the mirror applies each change exactly once, though it dies before and after every commit", async (t) => {
  const { mirror, time, desk, open, database, upTo, rows, truth } = await setUp(t);
  const sync = open("log.db");
  const say = async (hint: unknown) => {
    await sync.webhook("notes", webhookOf([hint]));
    time.advance(1_000);
    await sync.drain();
  };
  for (const id of ["1", "2", "3"]) desk.put(id, "first");
  await sync.drain();
  await say(desk.put("1", "second"));
  await say(desk.remove("2"));
  await say(desk.put("2", "again"));
  await say(desk.remove("3"));
  const log = (await take(sync.changes({ follow: false }))).map(({ cursor }) => cursor);
  assert.equal(log.length, 7);

  const first = database();
  await mirror(upTo(sync), first, AbortSignal.abort());
  first.exec(`create table applied (cursor text);
    create trigger a after insert on progress begin insert into applied values (new.cursor); end;
    create trigger b after update on progress begin insert into applied values (new.cursor); end`);
  first.close();
  let deaths = 0;
  for (const [which, when] of Array.from({ length: 7 }, (_, i) => [i % 3, i % 2] as const)) {
    const db = database();
    const exec = db.exec.bind(db);
    let commits = 0;
    let dead = false;
    db.exec = (sql) => {
      const now = sql === "commit" && commits++ === which;
      if (dead || (now && when === 0)) dead = true;
      else exec(sql);
      if (now) dead = true;
      if (dead) throw new Error("killed");
    };
    await mirror(upTo(sync), db, forever).catch((error: Error) => {
      assert.equal(error.message, "killed");
      deaths++;
    });
    db.close();
  }
  assert.equal(deaths, 5, "before or after the first, second or third commit of a run");
  const last = database();
  await mirror(upTo(sync), last, forever);
  assert.deepEqual(rows(last), truth());
  const applied = last
    .prepare("select cursor from applied")
    .all()
    .map(({ cursor }) => cursor);
  assert.deepEqual(applied, log, "each once, in order");
  last.close();
});

test("the mirror follows until it is told to end", async (t) => {
  const { mirror, desk, open, database, rows, truth } = await setUp(t);
  const sync = open("log.db");
  desk.put("1", "first");
  await sync.drain();
  const db = database();
  const end = new AbortController();
  const seen = Promise.withResolvers<void>();
  const source = {
    async *changes(options: object) {
      for await (const change of sync.changes(options)) {
        yield change;
        if (change.id === "2") seen.resolve();
      }
    },
  };
  const done = mirror(source, db, end.signal);
  await sync.webhook("notes", webhookOf([desk.put("2", "later")]));
  await sync.drain();
  await seen.promise;
  end.abort();
  await done;
  assert.deepEqual(rows(db), truth());
  db.close();
});

test("the mirror of a log that is lost is built anew, in one step for its readers", async (t) => {
  const { mirror, desk, open, database, upTo, rows, truth } = await setUp(t);
  for (const id of ["1", "2", "3"]) desk.put(id, "first");
  const old = open("old.db");
  await old.drain();
  const db = database();
  await mirror(upTo(old), db, forever);
  const before = rows(db);
  desk.remove("1");
  desk.put("2", "second");
  const fresh = open("new.db");
  await fresh.drain();
  const reader = database();
  const shown: unknown[] = [];
  const watched = {
    async *changes(options: object) {
      for await (const change of upTo(fresh).changes(options)) {
        shown.push(rows(reader));
        yield change;
      }
    },
  };
  await mirror(watched, db, forever);
  assert.deepEqual(shown, [before, before], "until it is complete, readers see the old table");
  assert.deepEqual(rows(reader), truth());
  for (const one of [db, reader]) one.close();
});

test("`types: []` comes at once to the end of the log", async (t) => {
  const { desk, open } = await setUp(t);
  const sync = open("log.db");
  for (const id of ["1", "2", "3"]) desk.put(id, "first");
  await sync.drain();
  const end = sync.changes({ types: [], follow: false });
  assert.deepEqual(await take(end), []);
  assert.equal(end.cursor, (await take(sync.changes({ follow: false }))).at(-1)?.cursor);
  assert.deepEqual(await take(sync.changes({ after: end.cursor, follow: false })), []);
});

/** A program of the page, imported. */
async function load<Module>(t: { after(run: () => unknown): void }, file: string): Promise<Module> {
  const folder = write(t, { [file]: named(file) });
  return (await import(pathToFileURL(join(folder, file)).href)) as Module;
}

/** A synchronized desk in memory. */
function setUpDesk(t: { after(run: () => unknown): void }) {
  const time = handClock();
  const desk = createDesk();
  const sync = createSync({ providers: { notes: desk.provider }, store: memory(time), time });
  t.after(() => sync.stop());
  /** What was told is read, and whoever waits for a while has his turn. */
  const say = async (...hints: unknown[]) => {
    if (hints.length > 0) await sync.webhook("notes", webhookOf(hints));
    time.advance(5_000);
    await sync.drain();
  };
  return { time, desk, sync, say };
}

test("the return page: paid, open, a session that there is not, and one of which nobody knows yet", async (t) => {
  process.env["STRIPE_KEY"] ??= "sk_test_x";
  process.env["STRIPE_WEBHOOK_SECRET"] ??= "whsec_x";
  type Outcome = (session: string, from: unknown) => Promise<string>;
  const { outcome } = await load<{ outcome: Outcome }>(t, "checkout.ts");
  const sessions = new Map([
    ["cs_1", { id: "cs_1", payment_status: "paid" }],
    ["cs_2", { id: "cs_2", payment_status: "unpaid" }],
  ]);
  const session = {
    fetch: async (id: string) => sessions.get(id) ?? gone,
    id: ({ id }: { id: string }) => id,
    readLag: { fetch: 0, list: 0 },
  };
  const stripe = { resources: { "checkout.session": session }, probe: async () => {} };
  const sync = createSync({ providers: { stripe }, store: memory() });
  t.after(() => sync.stop());
  assert.equal(await outcome("cs_1", sync), "paid");
  assert.equal(await outcome("cs_2", sync), "open");
  assert.equal(await outcome("cs_9", sync), "unknown");
  const late = { get: () => Promise.reject(new DOMException("late", "TimeoutError")) };
  assert.equal(await outcome("cs_1", late), "wait");
  await assert.rejects(outcome("cs_1", { get: () => Promise.reject(new Error("another")) }), /another/);
});

test("what was published is announced once, whatever its webhooks do, and what was published before is not", async (t) => {
  type Announce = (note: { text: string }, key: string) => Promise<void>;
  const { announcePublished } = await load<{ announcePublished(app: unknown, announce: Announce): void }>(
    t,
    "announce.ts",
  );
  const { desk, sync, say } = setUpDesk(t);
  desk.put("1", "Published long ago");
  desk.put("2", "a draft");
  await say();
  const told: string[] = [];
  announcePublished(sync, async ({ text }) => void told.push(text));
  await say(); // "now" is when it first runs
  const hint = desk.put("2", "Published now");
  await say(hint, hint);
  await say(hint);
  await say(desk.put("2", "Published now, and mended"));
  await say(desk.put("1", "Published long ago, and mended"));
  await say(desk.remove("2"));
  assert.deepEqual(told, ["Published now"]);
});

test("caches forget what changed: the one that all share, and that of a process", async (t) => {
  type App = ReturnType<typeof setUpDesk>["sync"];
  const { dropShared, dropLocal } = await load<{
    dropShared(app: App, cache: { delete(key: string): Promise<unknown> }): void;
    dropLocal(app: Pick<App, "changes">, cache: Map<string, unknown>, signal: AbortSignal): Promise<void>;
  }>(t, "cache.ts");
  const { desk, sync, say } = setUpDesk(t);
  for (const id of ["1", "2"]) desk.put(id, "first");
  await say();
  const shared = new Set(["notes.note||1", "notes.note||2"]);
  dropShared(sync, { delete: async (key) => shared.delete(key) });
  await say(); // "now" is when it first runs
  const local = new Map([...shared].map((key) => [key, "first"]));
  const end = new AbortController();
  const dropped = Promise.withResolvers<void>();
  const forget = local.delete.bind(local);
  local.delete = (key) => {
    dropped.resolve();
    return forget(key);
  };
  const before = sync.changes({ types: [], follow: false });
  await take(before);
  // It begins where it was when it was made, however soon the next change comes.
  const done = dropLocal(
    { changes: (options) => sync.changes({ ...options, after: before.cursor }) },
    local,
    end.signal,
  );
  await say(desk.put("1", "second"));
  await dropped.promise;
  assert.deepEqual([...shared], ["notes.note||2"]);
  assert.deepEqual([...local.keys()], ["notes.note||2"]);
  end.abort();
  await done;

  const lost = new AbortController();
  let asked = 0;
  const restored = {
    async *changes() {
      if (++asked === 1) throw new CursorLost("the log was rolled back");
      lost.abort();
      yield* [];
    },
  };
  await dropLocal(restored as never, local, lost.signal);
  assert.equal(local.size, 0, "nobody knows which keys are old");
});

test("a search index that is down holds all back in order, and one document that it refuses only itself", async (t) => {
  const { search, reindex } = await load<{
    search(app: unknown, index: object): void;
    reindex(app: unknown): Promise<void>;
  }>(t, "search.ts");
  const { desk, sync, say } = setUpDesk(t);
  const documents = new Map<string, unknown>();
  let [down, refusing] = [false, true];
  const answer = (text: unknown) => {
    if (down) throw new Error("down");
    if (refusing && text === "refused") throw new Error("no such document");
  };
  search(sync, {
    async put(id: string, { text }: { text: string }) {
      answer(text);
      documents.set(id, text);
    },
    async remove(id: string) {
      answer(undefined);
      documents.delete(id);
    },
    isDown: (error: Error) => error.message === "down",
  });
  for (const id of ["1", "2", "3"]) desk.put(id, "first");
  await say();
  down = true;
  await say(desk.put("1", "second"), desk.remove("2"));
  const [halted] = (await sync.health()).subscriptions;
  assert.ok(halted?.halted);
  assert.equal(halted.parked, 0);
  down = false;
  await say(desk.put("3", "refused"));
  await say();
  assert.deepEqual([...documents].sort(), [
    ["1", "second"],
    ["3", "first"],
  ]);
  assert.deepEqual(
    (await sync.parked("search")).map(({ id }) => id),
    ["3"],
  );
  refusing = false;
  await sync.retry("search");
  await say();
  const all = [...documents];
  documents.clear();
  await reindex(sync);
  await say();
  assert.deepEqual([...documents].sort(), [
    ["1", "second"],
    ["3", "refused"],
  ]);
  assert.deepEqual(all.sort(), [...documents].sort());
});

test("accounts with tokens: each is asked with its own, which is renewed once; who disconnects is left alone", async (t) => {
  type Account = { id: string; token: string; refreshToken: string; expires: number };
  type TokenOf = (id: string) => Promise<string>;
  const { tokensOf, notesOf } = await load<{
    tokensOf(accounts: object, renew: (account: Account) => Promise<Account>, now: () => number): TokenOf;
    notesOf(accounts: object, tokenOf: TokenOf, fetch: unknown): Provider<{ note: { id: string; text: string } }>;
  }>(t, "accounts.ts");
  const time = handClock();
  const table = new Map<string, Account>();
  const connect = (id: string, ms: number) =>
    table.set(id, { id, token: `${id} 1`, refreshToken: "r", expires: time.now() + ms });
  connect("ann", 3_600_000);
  connect("bob", 30_000);
  const accounts = {
    async *ids() {
      yield* table.keys();
    },
    find: async (id: string) => table.get(id),
    save: async (account: Account) => void table.set(account.id, account),
  };
  let renewed = 0;
  const tokenOf = tokensOf(
    accounts,
    async (account) => ({ ...account, token: `${account.id} ${++renewed + 1}`, expires: time.now() + 3_600_000 }),
    () => time.now(),
  );
  const asked = new Set<string>();
  const answer = async (input: Request | string | URL, init?: RequestInit) => {
    const token = new Request(input, init).headers.get("authorization")?.slice("Bearer ".length) ?? "";
    asked.add(token);
    const [id = ""] = token.split(" ");
    const at = "2026-01-01T00:00:00Z";
    return Response.json({ data: ["1", "2"].map((n) => ({ id: n, text: `${id}'s`, updated_at: at })) });
  };
  const sync = createSync({ providers: { notes: notesOf(accounts, tokenOf, answer) }, store: memory(time), time });
  t.after(() => sync.stop());
  await sync.drain();
  const seen = (await take(sync.changes({ follow: false }))).map(
    ({ scope, id, after }) => `${scope} ${id} ${after?.text}`,
  );
  assert.deepEqual(seen.sort(), ["ann 1 ann's", "ann 2 ann's", "bob 1 bob's", "bob 2 bob's"]);
  assert.deepEqual([...asked].sort(), ["ann 1", "bob 2"]);
  assert.equal(renewed, 1);
  const tokens = await Promise.all(["ann", "ann", "ann"].map(tokenOf));
  time.advance(3_600_000);
  const later = await Promise.all(["ann", "ann", "ann"].map(tokenOf));
  assert.deepEqual([tokens, later], [Array(3).fill("ann 1"), Array(3).fill("ann 3")]);

  table.delete("bob");
  await assert.rejects(tokenOf("bob"), AccessLost);
  time.advance(2 * 86_400_000);
  await sync.drain();
  const gone = (await take(sync.changes({ follow: false }))).filter(({ after }) => after === null);
  assert.deepEqual(gone, [], "who disconnects loses nothing that is recorded");
});

test("Stripe's objects are in one table exactly once, and in views that queries know", async (t) => {
  const { pool, schema, clear } = await createGround();
  const tables = `${schema}_tables`;
  let sync: Sync<{ stripe: Provider }> | undefined;
  t.after(async () => {
    await sync?.stop();
    await pool.query(`drop schema if exists ${tables} cascade`);
    await clear();
  });
  const code = named("stripe-tables.ts")?.replace("postgres({ pool })", `postgres({ pool, schema: "${schema}" })`);
  const folder = write(t, {
    "stripe-tables.ts": code?.replaceAll("billing.", `${tables}.`).replace("exists billing;", `exists ${tables};`),
  });
  const { stripeTables }: { stripeTables(pool: unknown, stripe: Provider): Promise<Sync<{ stripe: Provider }>> } =
    await import(pathToFileURL(join(folder, "stripe-tables.ts")).href);
  const things = new Map([
    ["sub_1", { id: "sub_1", customer: "cus_1", status: "active", created: 1_700_000_000 }],
    ["sub_2", { id: "sub_2", customer: "cus_2", status: "trialing", created: 1_700_000_000 }],
  ]);
  const subscription = {
    fetch: async (id: string) => things.get(id) ?? gone,
    list: async () => ({ items: [...things.values()], next: null }),
    id: ({ id }: { id: string }) => id,
    readLag: { fetch: 0, list: 0 },
  };
  sync = await stripeTables(pool, { resources: { subscription } });
  await sync.drain();
  things.set("sub_1", { id: "sub_1", customer: "cus_1", status: "canceled", created: 1_700_000_000 });
  things.delete("sub_2");
  for (const id of ["sub_1", "sub_2"]) await sync.get("stripe.subscription", id, { maxAge: 0 });
  await sync.drain();
  const { rows } = await pool.query(`select id, customer, status, created from ${tables}.subscriptions`);
  const created = new Date(1_700_000_000_000);
  assert.deepEqual(rows, [{ id: "sub_1", customer: "cus_1", status: "canceled", created }]);
});

test("the ledger counts each new note once, in the file that the engine keeps its own in", async (t) => {
  const desk = createDesk();
  for (const id of ["1", "2"]) desk.put(id, "first");
  Object.assign(globalThis, { desk: desk.provider });
  t.after(() => Reflect.deleteProperty(globalThis, "desk"));
  // Its service is the desk, and its file is in the folder of the test.
  const code = named("ledger.ts")
    ?.replace('"app.db"', 'new URL("app.db", import.meta.url).pathname')
    .replace(/^import \{ notes \}.*$/m, "")
    .replace(/notes\(\{ url.*?\}\)/, "globalThis.desk");
  const folder = write(t, { "ledger.ts": code });
  const { app }: { app: Sync<{ notes: Provider }> } = await import(pathToFileURL(join(folder, "ledger.ts")).href);
  t.after(() => app.stop());
  await app.drain();
  await app.webhook("notes", webhookOf([desk.put("3", "third"), desk.put("1", "changed")]));
  await app.drain();
  const db = new DatabaseSync(join(folder, "app.db"), { readOnly: true });
  assert.equal(db.prepare("select sum(n) as n from note_count").get()?.["n"], 3);
  db.close();
});
