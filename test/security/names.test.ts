/** Names of scopes and ids come from outside: in SQL and in objects they are values and nothing else. And where the file is. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSync, type Provider, type Store } from "tidemark";
import { postgres } from "tidemark/postgres";
import { sqlite } from "tidemark/sqlite";
import { createDesk, memory, webhookOf } from "../desk.ts";
import { groundFor } from "../store/postgres.kit.ts";

const hostile = [
  ...[
    "'; drop table rows; --",
    "' or '1'='1",
    "\\'; select pg_sleep(9); --",
    "$1",
    "?1",
    "%s",
    '"',
    "`",
    "/* */",
    "a\u0027b",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "../../etc/passwd",
    "%2e%2e%2f",
    "<script>",
    "a\nb",
    "\u202e",
    "\u{1f600}",
    "null",
  ],
];

interface Test {
  after(run: () => unknown): void;
}

async function openPostgres(t: Test): Promise<Store> {
  const { pool, schema } = await groundFor(t as Parameters<typeof groundFor>[0]);
  return postgres({ pool, schema }) as Store;
}

const stores: Readonly<Record<string, (t: Test) => Promise<Store>>> = {
  SQLite: async () => memory(),
  Postgres: openPostgres,
};

for (const [name, open] of Object.entries(stores)) {
  test(`${name}: scopes and ids that would be SQL, or a name of every object, are only names`, async (t) => {
    const desk = createDesk({ scopes: ["", ...hostile] });
    const sync = createSync({ providers: { desk: desk.provider }, store: await open(t) });
    t.after(() => sync.stop());
    for (const text of hostile) {
      for (const [id, scope] of [
        [text, ""],
        ["1", text],
      ] as const) {
        assert.equal((await sync.webhook("desk", webhookOf([desk.put(id, text, scope)]))).status, 202, text);
      }
    }
    await sync.drain();
    for (const text of hostile) {
      assert.equal((await sync.get("desk.note", text))?.state?.text, text);
      assert.equal((await sync.get("desk.note", "1", { scope: text }))?.state?.text, text);
      await sync.subscribe(text, { types: ["desk.note"], initial: false }, () => {});
    }
    const seen: string[] = [];
    for await (const { id, scope } of sync.changes({ follow: false })) seen.push(`${scope}|${id}`);
    assert.equal(new Set(seen).size, 2 * hostile.length);
  });
}

test("types that a hostile plugin names are refused, or names and nothing else", async (t) => {
  for (const type of hostile) {
    const { resources, ...desk } = createDesk().provider;
    const store = memory();
    const make = () =>
      createSync({ providers: { desk: { ...desk, resources: { [type]: resources.note } } as Provider }, store });
    let sync: ReturnType<typeof make>;
    try {
      sync = make();
    } catch (error) {
      assert.ok(error instanceof TypeError, `${type}: ${error}`);
      continue;
    }
    t.after(() => sync.stop());
    assert.equal((await sync.webhook("desk", webhookOf([{ type, id: "1" }]))).status, 202, type);
    await sync.drain();
    assert.ok((await store.rows({ limit: 9 })).every((row) => row.type === `desk.${type}`));
  }
});

test("a database is one file where it was named, for its owner alone, also through a link", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-path-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of ["a\0b.db", "file:x.db", "FILE:x.db?mode=memory", "file:///etc/x.db", " ", ""]) {
    assert.throws(() => sqlite(path), { name: "TypeError", message: /no file: URI/ }, JSON.stringify(path));
  }
  symlinkSync(join(folder, "real.db"), join(folder, "link.db"));
  for (const path of [join(folder, "a.db?mode=memory"), join(folder, "sub", "..", "b.db"), join(folder, "link.db")]) {
    const store = sqlite(path);
    await store.open();
    await store.close();
    assert.equal(statSync(path).mode & 0o777, 0o600, path);
  }
  const files = readdirSync(folder).filter((name) => /\.db(\?mode=memory)?$/.test(name));
  assert.deepEqual(files.sort(), ["a.db?mode=memory", "b.db", "link.db", "real.db"]);
});
