/** The Strapi provider: its options, and what it declares of each type. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { collection, type Entry, media, type StateOf, type StrapiFile, single, strapi } from "tidemark/strapi";
import { TOKEN, URL_OF_API } from "./strapi.emulator.ts";
import { models, open, plugin, types } from "./strapi.kit.ts";

test("an option that is wrong is refused with what to write instead", () => {
  const wrong: [Parameters<typeof plugin>[0], RegExp][] = [
    [{ token: "" }, /token/],
    [{ token: "two words" }, /token/],
    [{ token: undefined }, /token/],
    [{ url: "cms.example.com" }, /url/],
    [{ url: "https://user:pass@cms.example.com/api" }, /user or password/],
    [{ webhookSecret: undefined }, /webhookSecret/],
    [{ webhookSecret: " " }, /non-empty/],
    [{ signingSecret: "" }, /signingSecret.*non-empty/],
    [{ webhookHeader: "x secret" }, /webhookHeader/],
    [{ types: {} }, /types/],
    [{ types: undefined }, /types/],
    [{ types: { article: { uid: "api::article.article" } } }, /types/],
    [{ backfill: "some" }, /backfill/],
    [{ backfill: new Date(Number.NaN) }, /backfill/],
    [{ pollEvery: 0 }, /pollEvery/],
    [{ readLag: -1 }, /readLag/],
    [{ readLag: Number.POSITIVE_INFINITY }, /readLag/],
  ];
  for (const [over, message] of wrong) assert.throws(() => plugin(over), message);
});

test("a type that is wrong is refused with what to write instead", () => {
  const good = { uid: "api::article.article", path: "articles" };
  const wrong: [object, RegExp][] = [
    [{ ...good, uid: "article" }, /the uid must be like/],
    [{ ...good, uid: undefined }, /the uid must be like/],
    [{ ...good, path: "/articles" }, /the path must be/],
    [{ ...good, path: "articles?x" }, /the path must be/],
    [{ ...good, path: "../admin" }, /the path must be/],
    [{ ...good, statuses: [] }, /statuses/],
    [{ ...good, statuses: ["public"] }, /statuses/],
    [{ ...good, statuses: "draft" }, /statuses/],
  ];
  for (const [options, message] of wrong) assert.throws(() => collection(options as typeof good), message);
  assert.throws(() => single({ ...good, uid: "article" }), /single/);
});

test("no type has a version: times go back. Each is read from one database, at once", () => {
  const { resources, feeds = {}, bodyLimit } = plugin();
  assert.deepEqual(Object.keys(resources), Object.keys(types));
  for (const [name, { version, readLag, list, fetchMany }] of Object.entries(resources)) {
    assert.deepEqual([version, readLag, typeof list], [undefined, { fetch: 0, list: 0 }, "function"], name);
    assert.equal(fetchMany !== undefined, !["homepage", "file"].includes(name), name);
    assert.deepEqual([feeds[name]?.types, feeds[name]?.every], [[name], 300_000]);
  }
  assert.equal(bodyLimit, 10_485_760);
  const slow = plugin({ readLag: 3_000, pollEvery: 60_000, backfill: "none" });
  assert.deepEqual(slow.resources["note"]?.readLag, { fetch: 3_000, list: 3_000 });
  assert.equal(slow.feeds?.["note"]?.every, 60_000);
  for (const { list } of Object.values(slow.resources)) assert.equal(list, undefined);
});

test("states have the types that the application gives them", () => {
  type States = { [T in keyof typeof types]: StateOf<(typeof types)[T]> };
  const article = (state: States["article"]): string => state.title + state.documentId;
  const file = (state: States["file"]): StrapiFile => state;
  const entry = (state: States["note"]): Entry => state;
  // @ts-expect-error: it has no such field
  const wrong = (state: States["note"]): unknown => state.title;
  assert.equal([article, file, entry, wrong].length, 4);
  const { resources } = strapi({ url: URL_OF_API, token: TOKEN, webhookSecret: "x", types });
  const id: (state: States["article"]) => string = resources.article.id;
  assert.equal(typeof id, "function");
});

test("what a type says of comparisons and of what else to look at is passed on", () => {
  const related = ({ article }: { article?: { documentId: string } }) =>
    article ? [{ type: "article", id: `${article.documentId}/draft` }] : [];
  const note = collection<{ article?: { documentId: string } }>({
    ...{ uid: "api::note.note", path: "notes", populate: ["article"], volatile: ["cover.url"], related },
  });
  const { resources } = plugin({ types: { note, file: media({ volatile: ["url"] }) } });
  assert.deepEqual([resources["note"]?.volatile, resources["file"]?.volatile], [["cover.url"], ["url"]]);
  const hints = resources["note"]?.related?.({ article: { documentId: "a" } });
  assert.deepEqual(hints, [{ type: "article", id: "a/draft" }]);
});

test("backfill since a date lists what was created since", async () => {
  const { rows, clock, list } = open({ backfill: new Date("2026-11-21T12:00:01.000Z") });
  rows.create(models.note, { text: "before" });
  clock.now += 1_000;
  const later = rows.create(models.note, { text: "since" });
  assert.deepEqual(await list("note"), [later.documentId]);
});
