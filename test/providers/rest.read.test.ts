/** Reads by description: what a fetch may mean, every way of paging, lists that never end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, gone, Hidden, RetryLater } from "tidemark";
import type { Paging } from "tidemark/rest";
import { z } from "zod";
import { linkOf } from "../../providers/rest/paging.ts";
import { timeOf, valuesAt } from "../../providers/rest/values.ts";
import { BASE, context, NOW, over, pages } from "./rest.kit.ts";

const status = (code: number, headers = {}) => new Response("{}", { status: code, headers });

test("a fetch asks the path with the id in it, and whoever asks", async () => {
  const ids = ["a", "a/b", "ä ?#%", "9007199254740993", "a.b", "%2e%2e"];
  const { thing, asked } = over(
    (url) => ({ id: decodeURIComponent(url.pathname.split("/").at(-1) ?? "") }),
    { fetch: { path: "{scope}/things/{id}", query: { expand: ["a", "b"], of: "{scope}" } } },
    { auth: { bearer: (scope) => `token of ${scope}` }, headers: { "x-version": "2" } },
  );
  for (const id of ids) assert.deepEqual(await thing.fetch(id, context({ scope: "acme" })), { id });
  const paths = ids.map((id) => `${BASE}acme/things/${encodeURIComponent(id)}?expand=a&expand=b&of=acme`);
  assert.deepEqual(
    asked.map(({ url }) => url),
    paths,
  );
  assert.equal(asked[0]?.headers.get("authorization"), "Bearer token of acme");
  assert.equal(asked[0]?.headers.get("x-version"), "2");
});

test("an id that no path can hold is not there, and nothing is asked", async () => {
  const { thing, asked } = over(() => ({ id: ".." }));
  for (const id of ["", ".", ".."]) assert.equal(await thing.fetch(id, context()), null);
  assert.equal(asked.length, 0);
});

test("who asks is said as the service wants it", async () => {
  const said = async (auth: object, header: string) => {
    const { thing, asked } = over(() => ({ id: "1" }), {}, { auth: auth as never });
    await thing.fetch("1", context());
    return asked[0]?.headers.get(header);
  };
  const basic = `Basic ${Buffer.from("me:päss").toString("base64")}`;
  assert.equal(await said({ basic: { user: "me", password: "päss" } }, "authorization"), basic);
  assert.equal(await said({ header: "x-api-key", value: async () => "key" }, "x-api-key"), "key");
});

test("each status means what the description says", async () => {
  const read = (code: number, statuses = {}) => over(() => status(code), {}, { statuses }).thing.fetch("1", context());
  assert.equal(await read(404), null);
  assert.equal(await read(410), gone);
  await assert.rejects(read(451), Hidden);
  await assert.rejects(read(401), AccessLost);
  await assert.rejects(read(403), AccessLost);
  await assert.rejects(read(429), RetryLater);
  for (const code of [400, 422, 500, 503]) await assert.rejects(read(code), /Things answers \d+ to GET/);
  const own = { absent: [422], gone: [404], hidden: [403] };
  assert.equal(await read(422, own), null);
  assert.equal(await read(404, own), gone);
  await assert.rejects(read(403, own), Hidden);
  await assert.rejects(read(410, own), /Things answers 410/);
});

test("an answer that is not the resource is not believed", async () => {
  const read = (answer: object, thing = {}) => over(() => answer, thing).thing.fetch("1", context());
  await assert.rejects(read({ id: "2" }), Hidden);
  await assert.rejects(read({ name: "x" }), /resources.thing.id }\): a state has no id at "id"/);
  await assert.rejects(
    read({ data: null }, { fetch: { path: "things/{id}", item: "data" } }),
    /nothing stands at "data"/,
  );
  await assert.rejects(read([]), /resources.thing.state }\): the answer does not fit: the whole/);
  assert.deepEqual(await read({ data: { id: 1 } }, { fetch: { path: "things/{id}", item: "data" } }), { id: 1 });
});

test("a schema is kept to, and an error says where and never what", async () => {
  const read = (answer: object) =>
    over(() => answer, { state: z.object({ id: z.string(), name: z.string() }) }).thing.fetch("1", context());
  assert.deepEqual(await read({ id: "1", name: "x", more: 5 }), { id: "1", name: "x" });
  await assert.rejects(read({ id: "1", name: { secret: "s3cret" } }), (error: Error) => {
    assert.match(error.message, /does not fit: name \(invalid_type\)/);
    return !error.message.includes("s3cret");
  });
});

test("what is marked as deleted is gone, in a list, too; but not under another id", async () => {
  const rows = [{ id: "1" }, { id: "2", deleted_at: "2026-01-01" }, { id: "3", deleted_at: null }];
  const { thing } = over((url) => (url.pathname.endsWith("things") ? { data: rows } : (rows[1] as object)), {
    deleted: "deleted_at",
    state: z.object({ id: z.string(), name: z.string() }),
  });
  assert.equal(await thing.fetch("2", context()), gone);
  await assert.rejects(thing.fetch("1", context()), Hidden);
  assert.deepEqual((await pages(thing.list)).ids, ["1", "3"]);
});

test("places lead to what is there by itself, and nothing is inherited", () => {
  const value = { a: [{ b: 1 }, { b: 2 }, null], constructor: { name: "own" } };
  assert.deepEqual(valuesAt(value, "a.*.b"), [1, 2]);
  assert.deepEqual(valuesAt(value, "a.1.b"), [2]);
  assert.deepEqual(valuesAt(value, ""), [value]);
  assert.deepEqual(valuesAt(value, "constructor.name"), ["own"]);
  for (const place of ["toString", "a.push", "__proto__", "a.7.b", "a.b", "a.0.b.c"])
    assert.deepEqual(valuesAt(value, place), []);
});

test("a time without a zone means the same on every machine", () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "America/New_York";
  try {
    for (const text of ["2026-11-21T12:00:00", "2026-11-21 12:00"]) assert.equal(timeOf(text), NOW);
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

test("versions are times in ms or revisions, and one that is missing is said", async () => {
  const of = (version: object) => over(() => ({ id: "1" }), { version: version as never }).thing;
  const time = of({ time: "at", grain: 60_000 });
  const at = (value: unknown) => time.version?.({ id: "1", at: value } as never);
  assert.equal(at("2026-11-21T12:00:00Z"), NOW);
  assert.equal(at("2026-11-21T13:00:00+01:00"), NOW);
  assert.equal(at("2026-11-21 12:00:00"), NOW);
  assert.equal(at(NOW / 1_000), NOW);
  assert.equal(at(String(NOW)), NOW);
  for (const none of ["soon", "", null, {}, -5, Number.NaN, "2026-13-45"]) assert.equal(at(none), undefined);
  assert.deepEqual([time.versionKind, time.grain], [undefined, 60_000]);
  const latest = of({ time: ["a", "b"] });
  assert.equal(latest.version?.({ id: "1", a: 1_000, b: 2_000 } as never), 2_000_000);
  const revision = of({ revision: "rev" });
  assert.equal(revision.versionKind, "strict");
  assert.equal(revision.version?.({ id: "1", rev: "17" } as never), 17);
  assert.equal(revision.version?.({ id: "1", rev: 1.5 } as never), undefined);
  await assert.rejects(latest.fetch("1", context()), /resources.thing.version }\): a state has none at "a", "b"/);
});

test("a probe is the path that is named; what is not there is lost access", async () => {
  const probe = (code: number) => over(() => status(code), {}, { probe: "me" }).provider.probe?.("thing", context());
  await probe(200);
  for (const code of [401, 403, 404, 410]) await assert.rejects(async () => probe(code), AccessLost);
  await assert.rejects(async () => probe(500), /Things answers 500/);
  assert.equal(over(() => ({})).provider.probe, undefined);
});

/** Ten rows in pages of three, as each kind of service gives them. */
const all = Array.from({ length: 10 }, (_, i) => ({ id: String(i), key: `k${i}` }));
const cut = (from: number) => all.slice(from, from + 3);
const page = (url: URL, name: string, first: number) => Number(url.searchParams.get(name) ?? first);
const styles: Record<string, { paging: Paging; pages: number; answer(url: URL): Response | object }> = {
  link: {
    ...{ paging: { by: "link" }, pages: 4 },
    answer(url) {
      const at = page(url, "at", 0);
      const links = [
        `<${BASE}things?at=0>; rel="first"`,
        `</v1/things?at=${at + 3}&a=x,b>; title="rel=next"; rel="x next"`,
      ];
      return Response.json({ data: cut(at) }, { headers: at + 3 < 10 ? { link: links.join(", ") } : {} });
    },
  },
  url: {
    ...{ paging: { by: "url", next: "meta.next", more: "meta.has_more" }, pages: 4 },
    answer(url) {
      const at = page(url, "at", 0);
      return { data: cut(at), meta: { next: `?at=${at + 3}`, has_more: at + 3 < 10 } };
    },
  },
  cursor: {
    ...{ paging: { by: "cursor", next: "cursor", param: "c" }, pages: 4 },
    answer(url) {
      const at = page(url, "c", 0);
      return { data: cut(at), ...(at + 3 < 10 && { cursor: at + 3 }) };
    },
  },
  last: {
    ...{ paging: { by: "last", param: "after", id: "key" }, pages: 5 },
    answer(url) {
      const after = url.searchParams.get("after");
      return { data: cut(after === null ? 0 : Number(after.slice(1)) + 1) };
    },
  },
  "page that says whether there is more": {
    ...{ paging: { by: "page", param: "p", more: "more" }, pages: 4 },
    answer: (url) => ({ data: cut((page(url, "p", 1) - 1) * 3), more: page(url, "p", 1) < 4 }),
  },
  "page from 0": {
    ...{ paging: { by: "page", param: "p", first: 0 }, pages: 5 },
    answer: (url) => ({ data: cut(page(url, "p", 0) * 3) }),
  },
  offset: {
    ...{ paging: { by: "offset", param: "skip" }, pages: 5 },
    answer: (url) => ({ data: cut(page(url, "skip", 0)) }),
  },
};

for (const [name, style] of Object.entries(styles)) {
  test(`paging by ${name} reads all there is`, async () => {
    const list = { path: "things", rows: "data", query: { size: 3 }, paging: style.paging };
    const { thing, asked } = over(style.answer, { list });
    const found = await pages(thing.list);
    assert.deepEqual(found, { ids: all.map(({ id }) => id), pages: style.pages });
    assert.ok(asked[0]?.url.endsWith("things?size=3"));
  });
}

test("rows are what fetch gives only where the description says so", async () => {
  const rows = [{ id: "1", updated_at: "2026-11-21T12:00:00Z" }, { id: "2" }];
  const list = { path: "things", rows: "data" };
  const refs = await over(() => ({ data: rows }), { list, version: { time: "updated_at" } }).thing.list?.(
    null,
    context(),
  );
  assert.deepEqual(refs, { refs: [{ id: "1", version: NOW }, { id: "2" }], next: null });
  const whole = over(() => ({ data: rows }), { list: { ...list, whole: true } });
  assert.deepEqual(await whole.thing.list?.(null, context()), { items: rows, next: null });
});

test("how many there are in all stands where the description says, if a number does", async () => {
  const totalOf = async (meta: unknown, total?: string) => {
    const list = { path: "things", rows: "data", ...(total !== undefined && { total }) };
    const { thing } = over(() => ({ data: [{ id: "1" }], meta }), { list });
    return (await thing.list?.(null, context()))?.total;
  };
  assert.equal(await totalOf({ total: 7 }, "meta.total"), 7);
  assert.equal(await totalOf({ total: "7" }, "meta.total"), 7);
  for (const meta of [{ total: "many" }, { total: "" }, { total: true }, { total: null }, {}])
    assert.equal(await totalOf(meta, "meta.total"), undefined);
  assert.equal(await totalOf({ total: 7 }), undefined, "nothing is guessed");
});

test("what is no list is an error, never an empty one", async () => {
  for (const answer of [{}, { data: null }, { data: {} }, { items: [] }, []]) {
    await assert.rejects(
      pages(over(() => answer).thing.list),
      /resources.thing.list }\): the answer has no list at "data"/,
    );
  }
  await assert.rejects(pages(over(() => ({ data: [{ name: "x" }] })).thing.list), /a row has no id at "id"/);
  assert.deepEqual((await pages(over(() => [], { list: { path: "things" } }).thing.list)).ids, []);
});

test("a list that never ends is an error that says why", async () => {
  let n = 0;
  const row = () => ({ id: String(n++) });
  const of = (paging: Paging, answer: (url: URL) => object, most = 50) =>
    pages(over(answer, { list: { path: "things", rows: "data", paging, pages: most } }).thing.list);
  const cursor: Paging = { by: "cursor", next: "next", param: "c" };
  const same = /resources.thing.list }\): it gives the same page again: does it take the parameter/;
  const circles = /its pages go round in circles/;
  await assert.rejects(
    of({ by: "page", param: "p" }, () => ({ data: all })),
    same,
  );
  await assert.rejects(
    of({ by: "offset", param: "p" }, () => ({ data: all })),
    same,
  );
  await assert.rejects(
    of({ by: "last", param: "p" }, () => ({ data: all })),
    same,
  );
  await assert.rejects(
    of(cursor, () => ({ data: [row()], next: "x" })),
    circles,
  );
  await assert.rejects(
    of(cursor, (url) => ({ data: [row()], next: url.searchParams.get("c") === "a" ? "b" : "a" })),
    circles,
  );
  await assert.rejects(
    of({ by: "url", next: "next" }, () => ({ data: [row()], next: "/v1/things?x" })),
    circles,
  );
  await assert.rejects(
    of(cursor, () => ({ data: [row()], next: String(n) })),
    /it has more than 50 pages/,
  );
  await assert.rejects(
    of(cursor, () => ({ data: [], next: String(n++) })),
    /it has more than 50 pages/,
  );
});

test("an answer that does not say where the next page is, though it should, is an error", async () => {
  const of = (paging: Paging, answer: object) =>
    pages(over(() => answer, { list: { path: "things", rows: "data", paging } }).thing.list);
  const cursor: Paging = { by: "cursor", next: "next", param: "c", more: "more" };
  await assert.rejects(of(cursor, { data: all }), /does not say at "more" whether there is more/);
  await assert.rejects(of(cursor, { data: all, more: true }), /says at "more" that there is more, but not where/);
  await assert.rejects(
    of({ by: "page", param: "p", more: "more" }, { data: [], more: 1 }),
    /that there is more, but not where/,
  );
  await assert.rejects(of(cursor, { data: all, more: true, next: {} }), /what it has at "next" leads to no page/);
  assert.equal((await of(cursor, { data: all, more: false, next: "x" })).pages, 1);
});

test("a link that leads to another origin is not followed", async () => {
  for (const next of [
    "https://evil.example/things",
    "//evil.example/",
    "https://user:pass@api.example.com/",
    "file:///etc/passwd",
  ]) {
    const paging: Paging = { by: "url", next: "next" };
    const { thing, asked } = over(() => ({ data: all, next }), { list: { path: "things", rows: "data", paging } });
    await assert.rejects(pages(thing.list), /nothing was sent there/);
    assert.equal(asked.length, 1);
  }
});

test("a hostile Link header costs nothing", () => {
  const hostile = [
    "<".repeat(100_000),
    `<a>${"; ".repeat(50_000)}`,
    `<a>; rel=${" ".repeat(100_000)}`,
    `<a>;${"rel".repeat(30_000)}`,
  ];
  const begun = performance.now();
  // What is not read might be the next page: that is an error, and no end of the list.
  for (const header of hostile) assert.throws(() => linkOf(header), /more than 16384 characters/);
  for (const header of hostile) assert.equal(linkOf(header.slice(0, 16_384)), null);
  assert.ok(performance.now() - begun < 500);
  assert.equal(linkOf("<a>; REL=NEXT"), "a");
  assert.equal(linkOf('<a>; rel="prev", <b>; rel="next"'), "b");
  assert.equal(linkOf('<a; rel="next"'), null);
});

test("a text that says no is no deletion: some services write all that they have as text", async () => {
  for (const [deleted, expected] of [
    ...["0", "false", "False", "", "0000-00-00 00:00:00", "0000-00-00", 0, false, null].map(
      (no) => [no, false] as const,
    ),
    ...["1", "true", "2026-11-21T12:00:00Z", 1, true, "yes"].map((yes) => [yes, true] as const),
  ]) {
    const { thing } = over(() => ({ id: "1", deleted }), { deleted: "deleted" });
    assert.equal((await thing.fetch("1", context())) === gone, expected, JSON.stringify(deleted));
  }
});
