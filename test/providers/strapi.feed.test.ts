/** Feeds of a Strapi: what times tell, what they do not, and how none is passed over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Hint } from "tidemark";
import { memory, take } from "../desk.ts";
import { models, open } from "./strapi.kit.ts";

const { article, note, page, homepage } = models;

/** A feed that has been asked for the first time. */
async function begun(type: string, furnish: (world: ReturnType<typeof open>) => void = () => {}) {
  const world = open();
  furnish(world);
  const { cursor, hints } = await world.poll(type, null);
  assert.deepEqual(hints, [], "what was there before is the sweep's");
  world.clock.now += 120_000;
  return { ...world, cursor };
}

/** The ids that a poll names for the first time, as the engine sees it: a repeat has the same event. */
function memoryOf() {
  const known = new Set<string | undefined>();
  return ({ hints }: { hints: readonly Hint[] }): (string | undefined)[] => {
    const fresh = hints.filter(({ event }) => !known.has(event?.id));
    for (const { event } of hints) known.add(event?.id);
    return [...new Set(fresh.map(({ id }) => id))];
  };
}

test("what is created, updated and published is told", async () => {
  const { rows, poll, clock, cursor } = await begun("article", ({ rows, clock }) => {
    rows.create(article, { title: "before" });
    clock.now += 120_000;
    rows.create(article, { title: "the last before" });
  });
  const fresh = memoryOf();
  const draft = rows.create(article, { title: "a" });
  const id = draft.documentId;
  const first = await poll("article", cursor);
  assert.deepEqual(fresh(first).slice(-1), [`${id}/draft`]);
  assert.ok(!first.ids.includes("document0000000000000001/draft"), "what was long before is the sweep's");
  clock.now += 120_000;
  rows.publish(article, rows.create(article, { title: "another" }));
  const between = await poll("article", first.cursor);
  fresh(between);
  clock.now += 120_000;
  rows.publish(article, draft);
  const second = await poll("article", between.cursor);
  assert.deepEqual(fresh(second), [`${id}/published`], "though its updatedAt is the draft's, from before");
  clock.now += 120_000;
  rows.update(article, draft, { title: "b" });
  assert.deepEqual(fresh(await poll("article", second.cursor)), [`${id}/draft`]);
});

test("a field that all locales share is told of each, though no webhook is", async () => {
  const { rows, poll, cursor } = await begun("page");
  const draft = rows.create(page, { title: "hello" });
  rows.create(page, { title: "hallo" }, draft.documentId, "de");
  rows.publish(page, draft);
  const before = await poll("page", cursor);
  rows.waiting = [];
  rows.update(page, draft, { sku: "1" });
  assert.equal(rows.waiting.length, 1);
  const { ids } = await poll("page", before.cursor);
  assert.ok(ids.includes(`${draft.documentId}/en/draft`) && ids.includes(`${draft.documentId}/de/draft`));
});

test("what the overlap repeats is told with the same name, a discarded draft with another", async () => {
  const { rows, poll, clock, cursor } = await begun("article");
  const draft = rows.create(article, { title: "a" });
  rows.publish(article, draft);
  const nameOf = ({ hints }: Awaited<ReturnType<typeof poll>>) =>
    hints.filter(({ id }) => id === `${draft.documentId}/draft`).map(({ event }) => event?.id);
  const first = await poll("article", cursor);
  const again = await poll("article", first.cursor);
  assert.deepEqual(new Set(nameOf(again)), new Set(nameOf(first)));
  clock.now += 1_000;
  rows.update(article, draft, { title: "b" });
  await poll("article", again.cursor);
  rows.discard(article, draft);
  const discarded = nameOf(await poll("article", again.cursor));
  assert.ok(discarded.length > 0, "its old time is within the overlap");
  assert.ok(!nameOf(first).includes(discarded[0]), "the row is another one, whatever its times say");
});

test("a row that becomes visible late is told, a minute at most", async () => {
  const { rows, poll, clock, cursor } = await begun("note");
  clock.now += 10_000;
  rows.create(note, { text: "a" });
  const first = await poll("note", cursor);
  const late = rows.create(note, { text: "late" });
  late.updatedAt = new Date(clock.now - 59_000).toISOString();
  late.publishedAt = late.updatedAt;
  assert.ok((await poll("note", first.cursor)).ids.includes(late.documentId));
});

test("many at one time are told, page by page, and over more polls than one", async () => {
  const { rows, provider, context, cursor, asked } = await begun("note");
  const made = Array.from({ length: 450 }, () => rows.create(note, { text: "import" }).documentId);
  const poll = async (at: string | null) => provider.feeds?.["note"]?.poll(at, context()) ?? assert.fail();
  const before = asked.length;
  const first = await poll(cursor);
  assert.equal(asked.length - before, 40, "two walks of 20 pages of 10");
  const told = new Set(first.hints.map(({ id }) => id));
  assert.equal(told.size, 200);
  let at = first.cursor;
  for (let n = 0; n < 3; n++) {
    const answer = await poll(at);
    for (const { id } of answer.hints) told.add(id);
    at = answer.cursor;
  }
  assert.deepEqual(told, new Set(made));
});

test("more within the overlap than one poll reads does not have the feed begin anew for ever", async () => {
  const { rows, provider, context, cursor, clock } = await begun("note");
  for (let n = 0; n < 250; n++) rows.create(note, { text: "import" });
  const pollsOf = async (from: string | null) => {
    for (let at = from, polls = 1; polls < 20; polls++) {
      const answer = (await provider.feeds?.["note"]?.poll(at, context())) ?? assert.fail();
      if (answer.cursor === at || answer.hints.length === 0) return { polls, cursor: answer.cursor };
      at = answer.cursor;
    }
    throw new Error("the feed does not come to an end");
  };
  const first = await pollsOf(cursor);
  clock.now += 120_000;
  assert.equal((await pollsOf(first.cursor)).polls, 3);
});

test("times with more digits than an answer shows do not keep a walk at one page", async () => {
  const { rows, poll, cursor, between, clock } = await begun("note");
  const script = Array.from({ length: 10 }, () => rows.create(note, { text: "by a script" }));
  clock.now += 1_000;
  const { documentId } = rows.create(note, { text: "a" });
  const [shown = ""] = script.map(({ updatedAt }) => updatedAt);
  // In the database they are some microseconds later than they look.
  const limit = { pagination: { start: 0, limit: 10 } };
  between.answer = ({ searchParams }) => {
    const after = [...searchParams].find(([key]) => /\[\$or\]\[0\]\[\w+\]\[\$gt\]/.test(key))?.[1] ?? "";
    return after <= shown ? Response.json({ data: script, meta: limit }) : undefined;
  };
  assert.ok((await poll("note", cursor)).ids.includes(documentId));
});

test("a time in the future hides nothing", async () => {
  const { rows, poll, clock, cursor } = await begun("note");
  const future = rows.create(note, { text: "imported" });
  future.updatedAt = future.publishedAt = "2030-01-01T00:00:00.000Z";
  const first = await poll("note", cursor);
  assert.deepEqual(new Set(first.ids), new Set([future.documentId]));
  clock.now += 300_000;
  const { documentId } = rows.create(note, { text: "a" });
  assert.ok((await poll("note", first.cursor)).ids.includes(documentId));

  const other = open();
  other.rows.create(note, {}).updatedAt = "2030-01-01T00:00:00.000Z";
  const { cursor: begin } = await other.poll("note", null);
  other.clock.now += 100_000;
  const soon = other.rows.create(note, { text: "a" });
  soon.publishedAt = new Date(0).toISOString();
  other.clock.now += 300_000;
  assert.ok((await other.poll("note", begin)).ids.includes(soon.documentId), "not at the first poll either");
});

test("a type that was empty at the first poll is read from the beginning", async () => {
  const { rows, poll, clock, cursor } = await begun("note");
  // Its clock is years behind ours.
  clock.now = Date.parse("2001-01-01T00:00:00.000Z");
  const { documentId } = rows.create(note, { text: "a" });
  assert.ok((await poll("note", cursor)).ids.includes(documentId));
});

test("a hidden time is an error, not the end of the feed", async () => {
  const { poll, cursor, between } = await begun("note");
  const row = { id: 1, documentId: "a", updatedAt: undefined };
  between.answer = () => Response.json({ data: [row], meta: { pagination: { limit: 1 } } });
  await assert.rejects(poll("note", null), /no time in updatedAt/);
  await assert.rejects(poll("note", cursor), /no time in updatedAt/);
});

test("a single type is told whatever happens to it, also that it went away", async () => {
  const { rows, poll, cursor, clock } = await begun("homepage", ({ rows }) => rows.create(homepage, { headline: "0" }));
  const [before] = rows.table("homepage").values();
  rows.remove(homepage, before?.documentId ?? "");
  const draft = rows.create(homepage, { headline: "a" });
  const id = `${draft.documentId}/draft`;
  const first = await poll("homepage", cursor);
  assert.deepEqual(first.ids, [id, `${before?.documentId}/draft`]);
  rows.publish(homepage, draft);
  const second = await poll("homepage", first.cursor);
  assert.deepEqual(second.ids, [`${draft.documentId}/published`]);
  clock.now += 1_000;
  rows.update(homepage, draft, { headline: "b" });
  const updated = await poll("homepage", second.cursor);
  assert.deepEqual(updated.ids, [id]);
  rows.discard(homepage, draft);
  const third = await poll("homepage", updated.cursor);
  assert.deepEqual(third.ids, [id]);
  rows.unpublish(homepage, draft);
  const fourth = await poll("homepage", third.cursor);
  assert.deepEqual(fourth.hints, [{ type: "homepage", id: `${draft.documentId}/published` }]);
  assert.deepEqual((await poll("homepage", fourth.cursor)).ids, []);
});

test("files are told by their one time", async () => {
  const { rows, poll, cursor, asked } = await begun("file");
  rows.upload("a");
  const before = asked.length;
  assert.equal((await poll("file", cursor)).ids.length, 2, "told, and told again by the overlap");
  assert.ok(asked.slice(before).every(({ href }) => !href.includes("publishedAt%5D%5B%24gt")));
});

test("a webhook without an entry has the feed asked, and the engine finds what it was of", async (t) => {
  const { rows, provider, service, clock } = open();
  const sync = createSync({ providers: { strapi: provider }, store: memory() });
  t.after(() => sync.stop());
  await sync.drain();
  clock.now += 120_000;
  const draft = rows.create(article, { title: "a" });
  rows.publish(article, draft);
  rows.publish(article, draft);
  const [, replaced, last] = service.sent();
  assert.match(String(replaced?.body), /"entry":null/);
  assert.doesNotMatch(String(last?.body), /"entry":null/, "the last one has it");
  const { headers = {}, body = "" } = replaced ?? {};
  const posted = await sync.webhook(
    "strapi",
    new Request("http://x/", { method: "POST", headers, body: String(body) }),
  );
  assert.equal(posted.status, 202);
  await sync.drain();
  const told = (await take(sync.changes({ follow: false }))).map(({ type, id, via }) => `${type} ${id} ${via}`);
  const id = draft.documentId;
  assert.deepEqual(told.sort(), [`strapi.article ${id}/draft poll`, `strapi.article ${id}/published poll`]);
});
