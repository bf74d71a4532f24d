/** A plugin that is mistaken, or an API that answers for another: what it says of ids, pages and cursors is checked before it is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, createSync, type Page } from "tidemark";
import { createDesk, memory, type Note, take } from "./desk.ts";

type Answered = (page: string | null) => unknown;

/** A desk whose list answers what it is told to. */
function listing(t: { after(run: () => unknown): void }, answer: Answered) {
  const desk = createDesk({ feed: false });
  desk.provider.resources.note.list = async (page) => answer(page) as Page<Note>;
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  const ids = async () => (await take(sync.changes({ follow: false }))).map(({ id }) => id);
  return { desk, sync, ids };
}

test("an id that is no text is refused: stored as one, it made the log look damaged", async (t) => {
  for (const id of [5, null, undefined, { a: 1 }, ["a"], true]) {
    for (const some of [{ items: [{ id: "a", text: "" }, { id }] }, { refs: [{ id: "a" }, { id }] }]) {
      const { sync, ids } = listing(t, () => ({ ...some, next: null }));
      await assert.rejects(sync.sweep(), { name: "PluginError", message: /desk\.note: the id .* is no text/ });
      assert.deepEqual(await ids(), []);
    }
  }
});

test("an id that no store can keep is left out, and holds up no other", async (t) => {
  const odd = ["a\0b", "\ud800", "x".repeat(3_000)];
  const { desk, sync, ids } = listing(t, () => ({
    items: [...odd, "good"].map((id) => ({ id, text: "" })),
    next: null,
  }));
  await sync.sweep();
  assert.deepEqual(await ids(), ["good"]);
  const named = listing(t, () => ({ refs: [...odd, "good"].map((id) => ({ id })), next: null }));
  named.desk.put("good", "");
  await named.sync.sweep();
  assert.deepEqual([await named.ids(), named.desk.count("fetch")], [["good"], 1]);
  assert.equal(desk.count("fetch"), 0);
});

test("a next page that is no text is refused: the list would begin anew for ever", async (t) => {
  for (const next of [2, undefined, {}]) {
    const { sync } = listing(t, () => ({ items: [], next }));
    await assert.rejects(sync.sweep(), { name: "PluginError", message: /next page .* must be text, or null/ });
  }
});

test("a cursor of a feed that is no text is refused: it would be asked from its beginning for ever", async (t) => {
  const desk = createDesk();
  let asked = 0;
  const poll = async () => ({ hints: [], cursor: ++asked as never });
  const { events } = desk.provider.feeds ?? {};
  assert.ok(events);
  const errors: string[] = [];
  const sync = createSync({
    providers: { desk: { ...desk.provider, feeds: { events: { ...events, poll } } } },
    store: memory(),
    observe: (event) => event.kind === "failed" && errors.push(event.error),
  });
  t.after(() => sync.stop());
  await sync.drain();
  assert.match(errors.join(), /the cursor of the feed events must be text, or null/);
});

test("a scope that is no text is refused, and one that no store can keep left out", async (t) => {
  for (const scopes of [
    () => [5],
    async function* () {
      yield 5;
    },
  ]) {
    const desk = createDesk({ feed: false });
    const sync = createSync({ providers: { desk: { ...desk.provider, scopes: scopes as never } }, store: memory() });
    t.after(() => sync.stop());
    await assert.rejects(sync.sweep(), { name: "PluginError", message: /scopes\(\) answers must be texts/ });
  }
  const desk = createDesk({ scopes: ["\ud800", "a\0b", "one"], feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  assert.deepEqual(
    (await sync.sweep()).map(({ scope }) => scope),
    ["one"],
  );
});

test("a scope whose name is that of another with its type does not wait for that one's access", async (t) => {
  const desk = createDesk({ scopes: ["a", "a|desk.note"], feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  desk.before = (call) => {
    if (call.startsWith("fetch a/")) throw new AccessLost("no");
  };
  for (const scope of ["a", "a|desk.note"]) {
    desk.put("1", "x", scope);
    await sync.hint("desk.note", "1", { scope });
    await sync.drain();
  }
  assert.equal(desk.count("fetch a|desk.note/1"), 1);
});

test("health tells of every subscription, of more than a page of them, too", async (t) => {
  const { sync } = listing(t, () => ({ items: [], next: null }));
  const names = Array.from({ length: 1_002 }, (_, n) => `hook/${n}`);
  for (const name of names) await sync.rewind(name, null);
  assert.equal((await sync.health()).subscriptions.length, names.length);
});
