/** Conditional requests against a server that knows validators, and counts what its limit would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Keyv } from "keyv";
import { fakeContext } from "./context.ts";
import { issueOf, type Json, json, OCTOCAT, plugin, serve } from "./github.kit.ts";

const HOUR = 3_600_000;
const BEGIN = Date.parse("2026-01-01T00:00:00Z");

/** A server that answers each path with a body and its validator; only what is answered in full is charged. */
async function world(t: Parameters<typeof serve>[0]) {
  const here = { body: issueOf() as unknown, now: BEGIN, paid: 0, free: 0, etag: 'W/"1"', asked: [] as unknown[] };
  const client = await serve(t, (url, response, request) => {
    const validator = request.headers["if-none-match"];
    here.asked.push(validator);
    if (validator === here.etag) {
      here.free++;
      return void response.writeHead(304, { etag: here.etag }).end();
    }
    here.paid++;
    const body = url.searchParams.has("page") ? [here.body] : here.body;
    json(response, 200, body, { etag: here.etag, link: '<https://x/?page=2>; rel="next"' });
  });
  const cache = new Keyv();
  const context = fakeContext({ scope: OCTOCAT, cache, now: () => here.now });
  return { here, client, context, cache };
}

test("what has not changed is asked for with its validator, as it was given, and taken from the cache", async (t) => {
  const { here, client, context } = await world(t);
  const { issue } = plugin({ client }).resources;
  const first = await issue.fetch("1347", context);
  assert.deepEqual(await issue.fetch("1347", context), first);
  assert.deepEqual([here.asked, here.paid, here.free], [[undefined, 'W/"1"'], 1, 1]);
  Object.assign(here, { body: issueOf({ title: "new" }), etag: 'W/"2"' });
  assert.deepEqual(await issue.fetch("1347", context), issueOf({ title: "new" }));
  assert.deepEqual(await issue.fetch("1347", context), issueOf({ title: "new" }));
  assert.deepEqual([here.paid, here.free], [2, 2]);
});

test("a fresh read asks in full, and so does one an hour after the last that was full", async (t) => {
  const { here, client, context } = await world(t);
  const { issue } = plugin({ client }).resources;
  await issue.fetch("1347", context);
  await issue.fetch("1347", { ...context, fresh: true });
  assert.deepEqual([here.paid, here.free], [2, 0]);
  const stored = new Map<string, unknown>();
  await issue.fetch("1347", { ...context, fresh: true, cache: new Keyv({ store: stored }) });
  assert.equal(stored.size, 0, "sweeps fill no cache");
  here.paid = 2;
  for (const minutes of [20, 40, 59]) {
    here.now = BEGIN + minutes * 60_000;
    await issue.fetch("1347", context);
  }
  assert.deepEqual([here.paid, here.free], [2, 3]);
  // The validator sticks: the body is another.
  here.body = issueOf({ title: "new" });
  here.now = BEGIN + HOUR;
  assert.deepEqual(await issue.fetch("1347", context), issueOf({ title: "new" }));
  here.now = BEGIN - 1;
  await issue.fetch("1347", context);
  assert.equal(here.paid, 4, "a clock that stepped back knows no age");
});

test("what another client, or another request, was answered is not taken", async (t) => {
  const { here, client, context } = await world(t);
  await plugin({ client }).resources.issue.fetch("1347", context);
  const other = await serve(t, (_, response, request) => {
    here.asked.push(request.headers["if-none-match"]);
    json(response, 404, {});
  });
  assert.equal(await plugin({ client: other }).resources.issue.fetch("1347", context), null);
  const { resources } = plugin({ client });
  await resources.issue.fetch("1348", context);
  await resources.issue.fetch("1347", { ...context, scope: "octocat/other" });
  assert.deepEqual(here.asked, [undefined, undefined, undefined, undefined]);
});

test("a cache that is empty, broken or full of nonsense costs a request and nothing else", async (t) => {
  const { here, client, context, cache } = await world(t);
  const { issue } = plugin({ client }).resources;
  await issue.fetch("1347", context);
  await cache.clear();
  assert.deepEqual(await issue.fetch("1347", context), issueOf());
  const broken = async () => {
    throw new Error("no cache today");
  };
  const away = { get: broken, set: broken } as unknown as Keyv;
  assert.deepEqual(await issue.fetch("1347", { ...context, cache: away }), issueOf());
  const odd = { get: async () => ({ etag: 7 }), set: async () => true } as unknown as Keyv;
  assert.deepEqual(await issue.fetch("1347", { ...context, cache: odd }), issueOf());
  assert.equal(here.paid, 4);
  assert.ok(here.asked.every((validator) => validator === undefined));
});

test("a large body is not kept, and neither is one that came by a redirect", async (t) => {
  const { here, client, context } = await world(t);
  const { issue } = plugin({ client }).resources;
  here.body = issueOf({ body: "x".repeat(65_536) });
  for (let i = 0; i < 2; i++) await issue.fetch("1347", context);
  assert.deepEqual([here.paid, here.free], [2, 0]);
  const validators: unknown[] = [];
  const moved = await serve(t, (url, response, request) => {
    validators.push(request.headers["if-none-match"]);
    const location = `http://${request.headers.host}/repositories/7/issues/1347`;
    if (url.pathname === `/repos/${OCTOCAT}/issues/1347`) json(response, 301, {}, { location });
    else json(response, 200, { ...issueOf(), url: `https://api.github.com/repos/${OCTOCAT}` }, { etag: '"1"' });
  });
  for (let i = 0; i < 2; i++) await plugin({ client: moved }).resources.issue.fetch("1347", context);
  assert.deepEqual(validators.slice(0, 2), [undefined, undefined]);
  assert.ok(validators.slice(3, 5).every((validator) => validator === undefined));
});

test("a feed at rest pays for one of its twelve polls an hour; one that moves keeps one body", async (t) => {
  const { here, client, context } = await world(t);
  const updated_at = "2025-12-31T23:59:30Z";
  const rows: Json[] = [issueOf({ updated_at })];
  const link = "";
  const quiet = await serve(t, (_, response, request) => {
    const free = request.headers["if-none-match"] === here.etag;
    if (free) here.free++;
    else here.paid++;
    if (free) response.writeHead(304).end();
    else json(response, 200, rows, { etag: here.etag, link });
  });
  const stored = new Map<string, unknown>();
  const cache = new Keyv({ store: stored });
  const { issues } = plugin({ client: quiet }).feeds ?? {};
  let cursor: string | null = null;
  const hints: number[] = [];
  for (let poll = 0; poll < 24; poll++) {
    here.now = BEGIN + poll * 300_000;
    const answer: { hints: unknown[]; cursor: string | null } | undefined = await issues?.poll(cursor, {
      ...context,
      cache,
    });
    hints.push(answer?.hints.length ?? 0);
    cursor = answer?.cursor ?? null;
  }
  assert.deepEqual([here.paid, here.free], [3, 21], "the first begins earlier than the others");
  assert.deepEqual(new Set(hints), new Set([1]), "the cache's body is the answer");
  for (const minute of [1, 2, 3]) {
    const since = new Date(BEGIN + minute * 60_000).toISOString();
    await issues?.poll(JSON.stringify({ since }), { ...context, cache });
  }
  assert.equal(stored.size, 1);
  assert.equal(here.paid, 6, "another time is another request");
  assert.ok(client);
});

test("a list that goes on goes on from the cache, too", async (t) => {
  const { context, client, here } = await world(t);
  const { list } = plugin({ client }).resources.issue;
  for (let i = 0; i < 2; i++) assert.equal((await list?.(null, context))?.next, "2");
  assert.equal(here.free, 1);
});
