/** Reads of a Strapi: entries, versions, locales, files; what an absence is, and what a broken answer is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gone, type Page } from "tidemark";
import { collection, media, single } from "tidemark/strapi";
import { models, open } from "./strapi.kit.ts";

const { article, note, page, homepage } = models;
const failure = (status: number, name = "NotFoundError") =>
  Response.json({ data: null, error: { status, name, message: "Not Found", details: {} } }, { status });

test("a draft and what is published of it are two resources", async () => {
  const { rows, fetch, list } = open();
  const draft = rows.create(article, { title: "one" });
  const id = draft.documentId;
  assert.equal(await fetch("article", `${id}/published`), null);
  assert.deepEqual(await list("article"), [`${id}/draft`]);
  rows.publish(article, draft);
  rows.update(article, draft, { title: "two" });
  assert.equal(((await fetch("article", `${id}/published`)) as { title: string }).title, "one");
  assert.equal(((await fetch("article", `${id}/draft`)) as { title: string }).title, "two");
  assert.deepEqual(await list("article"), [`${id}/draft`, `${id}/published`]);
  rows.unpublish(article, draft);
  assert.equal(await fetch("article", `${id}/published`), null);
});

test("a locale is a resource of its own; all are listed at once", async () => {
  const { rows, fetch, list, asked } = open();
  const { documentId } = rows.create(page, { title: "hello" });
  rows.create(page, { title: "hallo" }, documentId, "de");
  assert.equal(((await fetch("page", `${documentId}/de/draft`)) as { title: string }).title, "hallo");
  assert.equal(asked.at(-1)?.searchParams.get("locale"), "de");
  assert.equal(await fetch("page", `${documentId}/fr/draft`), null);
  assert.deepEqual(await list("page"), [`${documentId}/en/draft`, `${documentId}/de/draft`]);
  assert.equal(asked.at(-1)?.searchParams.get("locale"), "*");
});

test("an entry without a locale, in a type that was localized later, holds up no other", async () => {
  const { rows, list, poll, clock } = open();
  const { cursor } = await poll("page", null);
  clock.now += 1_000;
  const old = rows.create(page, { title: "old" });
  Object.assign(old, { locale: null });
  const { documentId } = rows.create(page, { title: "new" });
  assert.deepEqual(await list("page"), [`${documentId}/en/draft`]);
  assert.deepEqual(new Set((await poll("page", cursor)).ids), new Set([`${documentId}/en/draft`]));
});

test("without statuses nothing is said of them: what is published, or all there is", async () => {
  const { rows, fetch, asked } = open({ types: { article: collection({ uid: article.uid, path: "articles" }) } });
  const draft = rows.create(article, { title: "one" });
  assert.equal(await fetch("article", draft.documentId), null);
  rows.publish(article, draft);
  assert.ok(await fetch("article", draft.documentId));
  assert.deepEqual([...(asked.at(-1)?.searchParams ?? [])], []);
});

test("an id that there cannot be is gone, and nobody is asked", async () => {
  const { fetch, asked } = open();
  const bad = ["", ".", "..", "a", "a/b", "a/draft/b", "a/draft/", "../draft", "a b/draft", "%2e/draft", "a/Draft"];
  for (const id of bad) assert.equal(await fetch("article", id), gone, id);
  for (const id of ["a", "a/draft", "a/en", "a//draft", "a/../draft"]) assert.equal(await fetch("page", id), gone, id);
  for (const id of ["x", "1x", "-1", "1/draft"]) assert.equal(await fetch("file", id), gone, id);
  assert.deepEqual(asked, []);
});

test("a list goes through the numbers of rows, so that none slips through when one is published meanwhile", async () => {
  const { rows, provider, context } = open();
  const drafts = Array.from({ length: 25 }, (_, n) => rows.create(article, { title: `${n}` }));
  for (const draft of drafts) rows.publish(article, draft);
  const resource = provider.resources["article"];
  const seen = new Set<string>();
  let at: string | null = null;
  let pages = 0;
  do {
    const answer: Page<object> | undefined = await resource?.list?.(at, context());
    for (const item of answer?.items ?? []) seen.add(resource?.id(item) ?? "");
    at = answer?.next ?? null;
    pages++;
    // The rows at the front go away, and come back at the end.
    for (const draft of drafts.slice(0, 3)) rows.publish(article, draft);
    if (pages < 3)
      for (const draft of drafts.slice(0, 3))
        rows.discard(article, rows.find(article, draft.documentId, true) ?? draft);
  } while (at !== null && pages < 50);
  assert.equal(seen.size, 50);
  assert.ok(pages < 50);
});

test("a page that is cut by Strapi's own limit is not the last one", async () => {
  const { rows, list, asked } = open();
  for (let n = 0; n < 30; n++) rows.create(note, { text: `${n}` });
  assert.equal((await list("note")).length, 30);
  assert.equal(asked[0]?.searchParams.get("pagination[limit]"), "100");
  assert.equal(asked.length, 4, "10 at once, and one that is empty");
});

test("Strapi counts once, where one list is all there is", async () => {
  const { rows, provider, context, asked } = open();
  for (let n = 0; n < 30; n++) rows.create(note, { text: `${n}` });
  rows.create(article, { title: "a draft" });
  const totalOf = async (type: string, page: string | null) => {
    const { total } = (await provider.resources[type]?.list?.(page, context())) ?? assert.fail();
    return [total, asked.at(-1)?.searchParams.get("pagination[withCount]")];
  };
  assert.deepEqual(await totalOf("note", null), [30, "true"]);
  assert.deepEqual(await totalOf("note", "0:10"), [undefined, "false"]);
  assert.deepEqual(await totalOf("article", null), [undefined, "false"], "drafts are half of it");
});

test("a list that does not go on is an error, not the end, and not for ever", async () => {
  const { rows, between, list } = open();
  const row = rows.create(note, { text: "a" });
  const same = () => Response.json({ data: [{ ...row, id: 0 }], meta: { pagination: { start: 0, limit: 100 } } });
  between.answer = same;
  await assert.rejects(list("note"), /does not go on/);
});

test("several are read together by their version; each that is not in the answer alone", async () => {
  const { rows, provider, context, asked } = open();
  const drafts = ["a", "b", "c"].map((title) => rows.create(article, { title }));
  const [a, b, c] = drafts.map(({ documentId }) => documentId);
  for (const draft of drafts.slice(0, 2)) rows.publish(article, draft);
  const ids = [`${a}/draft`, "none/draft", `${b}/draft`, `${a}/published`, `${c}/draft`, "wrong", `${b}/published`];
  const states = await provider.resources["article"]?.fetchMany?.(ids, context());
  const titles = states?.map((state) =>
    state === null || state === gone ? state : (state as { title: string }).title,
  );
  assert.deepEqual(titles, ["a", null, "b", "a", "c", gone, "b"]);
  const paths = () => asked.splice(0).map(({ pathname }) => pathname.slice("/api/articles".length));
  assert.deepEqual(paths(), ["", "", "/none"]);
  await provider.resources["article"]?.fetchMany?.([`${a}/draft`, `${a}/published`], context());
  assert.deepEqual(paths(), [`/${a}`, `/${a}`], "one that is alone in its version is not listed");
});

test("many are read in requests whose URLs every proxy bears", async () => {
  const { rows, provider, context, asked } = open();
  const ids = Array.from({ length: 100 }, (_, n) => rows.create(note, { text: `${n}` }).documentId);
  const states = await provider.resources["note"]?.fetchMany?.(ids, context());
  assert.equal(states?.filter((state) => state !== null && state !== gone).length, 100);
  assert.ok(Math.max(...asked.map(({ href }) => href.length)) < 5_000);
  const lists = asked.filter(({ pathname }) => pathname.endsWith("/notes"));
  assert.equal(lists.length, 2);
});

test("relations are asked for wherever a whole entry is", async () => {
  const type = { uid: note.uid, path: "notes" };
  const named = open({ types: { note: collection({ ...type, populate: ["article", "article.author"] }) } });
  const { documentId } = named.rows.create(note, { text: "a" });
  const other = named.rows.create(note, { text: "b" });
  await named.fetch("note", documentId);
  await named.list("note");
  await named.provider.resources["note"]?.fetchMany?.([documentId, other.documentId], named.context());
  assert.equal(named.asked.length, 3);
  for (const { searchParams } of named.asked) {
    assert.deepEqual([searchParams.get("populate[0]"), searchParams.get("populate[1]")], ["article", "article.author"]);
  }
  const all = open({ types: { note: collection({ ...type, populate: ["*"] }) } });
  await all.list("note");
  assert.equal(all.asked[0]?.searchParams.get("populate"), "*");
});

test("a single type's entry that was deleted and created again is another one", async () => {
  const { rows, fetch, list } = open();
  const first = rows.create(homepage, { headline: "a" });
  assert.deepEqual(await list("homepage"), [`${first.documentId}/draft`]);
  rows.remove(homepage, first.documentId);
  assert.deepEqual(await list("homepage"), []);
  const second = rows.create(homepage, { headline: "b" });
  assert.equal(await fetch("homepage", `${first.documentId}/draft`), null);
  assert.ok(await fetch("homepage", `${second.documentId}/draft`));
});

test("another entry than the one that was asked for is not believed", async () => {
  const { rows, between, fetch } = open();
  const [one, other] = [rows.create(note, { text: "a" }), rows.create(note, { text: "b" })];
  between.answer = () => Response.json({ data: other, meta: {} });
  await assert.rejects(async () => fetch("note", one.documentId), /another entry/);
});

test("statuses of a type without Draft & Publish, or where its time is hidden, are lost access, and nothing is gone", async () => {
  const types = { note: collection({ uid: note.uid, path: "notes", statuses: ["draft"] }) };
  const { rows, fetch, between } = open({ types });
  const row = rows.create(note, { text: "a" });
  await assert.rejects(async () => fetch("note", `${row.documentId}/draft`), {
    name: "AccessLost",
    message: /statuses/,
  });
  const { publishedAt, ...hidden } = row;
  between.answer = () => Response.json({ data: hidden, meta: {} });
  await assert.rejects(async () => fetch("note", `${row.documentId}/draft`), { name: "AccessLost", message: /hide/ });
});

test("a state that does not say what it is, is none", () => {
  const { provider } = open();
  const article = provider.resources["article"];
  assert.throws(() => article?.id({ id: 1, documentId: "a" }), /does not say/);
  assert.throws(() => provider.resources["page"]?.id({ id: 1, documentId: "a", publishedAt: null }), /does not say/);
  assert.throws(() => provider.resources["note"]?.id({ id: 1 }), /does not say/);
  assert.equal(article?.id({ id: 1, documentId: "a", publishedAt: null }), "a/draft");
});

test("not found is an absence only where Strapi itself says so", async () => {
  const { between, fetch } = open();
  between.answer = () => failure(404);
  assert.equal(await fetch("note", "a"), null);
  const others = [
    () => new Response("<h1>Not Found</h1>", { status: 404 }),
    () => new Response(null, { status: 404 }),
    () => Response.json({ message: "no such route" }, { status: 404 }),
    () => failure(404, "PolicyError"),
  ];
  for (const answer of others) {
    between.answer = answer;
    await assert.rejects(async () => fetch("note", "a"), /not from Strapi/);
  }
});

test("a type that is not there, or may not be read, is lost access", async () => {
  const { between, list, provider, context } = open();
  for (const [answer, message] of [
    [() => failure(404), /name in the REST API/],
    [() => failure(401, "UnauthorizedError"), /401/],
    [() => failure(403, "ForbiddenError"), /403/],
  ] as const) {
    between.answer = answer;
    for (const type of ["article", "page", "file"]) {
      await assert.rejects(list(type), { name: "AccessLost", message });
      await assert.rejects(async () => provider.probe?.(type, context()), { name: "AccessLost", message });
    }
    await assert.rejects(async () => provider.probe?.("homepage", context()), { name: "AccessLost", message });
  }
});

test("a single type is proven readable though it has no entry", async () => {
  const { rows, provider, context, asked, list } = open();
  await provider.probe?.("homepage", context());
  assert.equal(asked[0]?.searchParams.get("filters[tidemark]"), "probe");
  rows.create(homepage, { headline: "a" });
  await provider.probe?.("homepage", context());
  assert.equal((await list("homepage")).length, 1);
});

test("a localized single type is read in each locale there is", async () => {
  const types = { home: single({ uid: homepage.uid, path: "homepage", localized: true }) };
  const { asked, list } = open({ types });
  assert.deepEqual(await list("home"), []);
  assert.deepEqual(
    asked.map(({ pathname, searchParams }) => `${pathname} ${searchParams.get("locale")}`),
    ["/api/i18n/locales null", "/api/homepage en", "/api/homepage de"],
  );
});

test("files have numbers for ids, and a list without pages", async () => {
  const { rows, fetch, list, provider, context, asked } = open({ types: { file: media() } });
  for (const name of ["a", "b", "c"]) rows.upload(name);
  const ids = await list("file");
  assert.equal(ids.length, 3);
  assert.equal(((await fetch("file", ids[1] ?? "")) as { name: string }).name, "b");
  assert.equal(asked[0]?.searchParams.get("limit"), "100");
  await provider.probe?.("file", context());
  assert.equal(asked.at(-1)?.searchParams.get("limit"), "1");
  assert.equal(await fetch("file", "999"), null);
});

test("a list of files that is cut by who knows what goes on to its end", async () => {
  const { rows, list, between } = open({ types: { file: media() } });
  for (const name of ["a", "b", "c"]) rows.upload(name);
  const files = [...rows.table("upload/files").values()];
  between.answer = ({ searchParams }) =>
    Response.json(files.filter(({ id }) => id > Number(searchParams.get("filters[id][$gt]"))).slice(0, 2));
  assert.equal((await list("file")).length, 3);
});

test("an answer of another shape is an error, and says nothing of what was in it", async () => {
  const { between, fetch, list } = open();
  const shapes = [{}, [], { data: [] }, { data: {} }, { data: "secret text" }, { data: { id: "secret text" } }];
  // A proxy that hides fields.
  const bare = { documentId: "a", publishedAt: "2026-11-21T12:00:00.000Z" };
  for (const shape of shapes) {
    between.answer = () => Response.json(shape);
    await assert.rejects(
      async () => fetch("note", "a"),
      (error: Error) => !error.message.includes("secret"),
    );
    if (!("data" in shape && Array.isArray(shape.data))) await assert.rejects(list("note"));
  }
  between.answer = () => Response.json({ data: bare });
  await assert.rejects(async () => fetch("note", "a"));
  between.answer = () => Response.json({ data: [bare], meta: { pagination: { start: 0, limit: 100 } } });
  await assert.rejects(list("note"));
});
