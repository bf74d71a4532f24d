/** Server-Sent Events as a browser's `EventSource` reads them: it is cut off, its server is killed, its session ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seen } from "./http.events.kit.ts";
import { ALL, type Filter, ONE, setUp } from "./http.events.log.ts";

test("an EventSource that is cut off, and whose server is killed, has every change once and in order", async (t) => {
  const { server, browser, log, write } = await setUp(t);
  await write(20);
  const begun = (await log()).at(-1) ?? "";
  const views: [query: string, cookie: string, filter: Filter, after?: string][] = [
    ["", ALL, {}],
    ["types=desk.note", ALL, { types: ["desk.note"] }],
    ["types=board.note&scope=two", ALL, { types: ["board.note"], scope: "two" }],
    ["", ONE, { scope: "one" }],
    ["from=now", ALL, {}, begun],
    [`after=${begun}&types=board.note`, ONE, { types: ["board.note"], scope: "one" }, begun],
  ];
  const sources: Seen[] = [];
  for (const [i, [query, cookie]] of views.entries())
    sources.push(await browser.open(`${i}`, `${server.url}/sync/changes?${query}`, cookie));
  const [everything] = sources;
  if (!everything) throw new Error("never");
  for (let round = 1; round <= 8; round++) {
    const before = everything.ids.length;
    const writing = write(20);
    // In the midst of what comes, wherever that is.
    await browser.until(() => everything.ids.length > before + round);
    if (round % 4 === 0) {
      await server.kill();
      await write(10);
      await server.start();
    } else await server.ask("cut");
    await writing;
  }
  const truths = await Promise.all(views.map(([, , filter, after = null]) => log(filter, after)));
  await browser.until(() => sources.every(({ ids }, i) => ids.length >= (truths[i]?.length ?? 0)));
  for (const [i, { ids, cuts, closed, lost }] of sources.entries()) {
    assert.deepEqual(ids, truths[i], `source ${i}`);
    assert.ok(cuts >= 8, `source ${i} was cut off ${cuts} times`);
    assert.deepEqual([closed, lost], [false, false]);
  }
  t.diagnostic(`${sources.length} sources, each cut off 8 times: ${truths[0]?.length} changes once and in order`);
});

test("an EventSource that has seen nothing yet goes on from where it began", async (t) => {
  const { server, browser, log, write } = await setUp(t);
  await write(6);
  const changes = `${server.url}/sync/changes?from=now`;
  const quiet = await browser.open("quiet", `${changes}&types=board.note&scope=two`, ALL);
  const begun = (await log()).at(-1) ?? "";
  const other = await browser.open("other", changes, ALL);
  await write(3);
  // What came later on another connection has come, so what was there when this one began has, too.
  await browser.until(() => other.ids.length === 3);
  assert.equal(quiet.ids.length, 0);
  await server.kill();
  await write(30);
  await server.start();
  const truth = await log({ types: ["board.note"], scope: "two" }, begun);
  await browser.until(() => quiet.ids.length >= truth.length);
  assert.deepEqual(quiet.ids, truth);
  assert.ok(truth.length >= 5);
});

test("an EventSource that is refused, or whose session has ended, does not come back", async (t) => {
  const { server, browser, write } = await setUp(t);
  await write(2);
  const url = `${server.url}/sync/changes`;
  const nobody = await browser.open("nobody", url, "session=forged");
  const theirs = await browser.open("theirs", `${url}?scope=two`, ONE);
  assert.deepEqual([nobody.closed, nobody.open, theirs.closed, theirs.open], [true, false, true, false]);
  const one = await browser.open("one", url, ONE);
  const all = await browser.open("all", url, ALL);
  await browser.until(() => one.ids.length === 1 && all.ids.length === 2);
  await server.ask("revoke");
  await server.ask("cut");
  await write(2);
  await browser.until(() => one.closed && all.ids.length === 4);
  assert.deepEqual([one.ids.length, all.closed], [1, false]);
});

test("an EventSource that comes while the server cannot answer comes again, until it can", async (t) => {
  const { server, browser, log, write } = await setUp(t);
  await write(3);
  const source = await browser.open("all", `${server.url}/sync/changes`, ALL);
  await browser.until(() => source.ids.length === 3);
  await server.ask("ail");
  await server.ask("cut");
  await browser.until(() => source.cuts >= 2);
  await write(3);
  await server.ask("heal");
  await browser.until(() => source.ids.length >= 6);
  assert.deepEqual([source.ids, source.closed], [await log(), false]);
});

test("a server that is asked to end lets its streams end, and the next one goes on with them", async (t) => {
  const { server, browser, log, write } = await setUp(t);
  const source = await browser.open("all", `${server.url}/sync/changes`, ALL);
  await write(5);
  await browser.until(() => source.ids.length === 5);
  assert.deepEqual(await server.ask("stop"), { late: 0 }, "nobody comes back over the connection of an ended stream");
  await server.kill();
  await write(5);
  await server.start();
  await browser.until(() => source.ids.length >= 10);
  assert.deepEqual([source.ids, source.closed], [await log(), false]);
});

test("an EventSource whose place is of another log, or was compacted, is at an end", async (t) => {
  const { server, browser, store, write } = await setUp(t);
  await write(4);
  const url = `${server.url}/sync/changes`;
  const foreign = await browser.open("foreign", `${url}?after=abcdef.1.1`, ALL);
  assert.deepEqual([foreign.closed, foreign.open], [true, false]);
  const source = await browser.open("old", url, ALL);
  await browser.until(() => source.ids.length === 4);
  await server.kill();
  await write(20);
  await store.compact(20, 0);
  await server.start();
  await browser.until(() => source.closed);
  assert.deepEqual([source.ids.length, source.lost], [4, false]);
});
