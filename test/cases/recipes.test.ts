/** The programs of docs/recipes.md, run: what they promise holds where it is hard. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createDesk, handClock, take, webhookOf } from "../desk.ts";

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
