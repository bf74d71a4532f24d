/** Server-Sent Events to a browser that stops reading, as a laptop that is shut: what it costs, and what it has afterwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser } from "./http.events.kit.ts";
import { ALL, setUp } from "./http.events.log.ts";

test("a browser that stops reading costs bounded memory, and has everything when it reads again", async (t) => {
  const { server, browser, log, flood } = await setUp(t);
  const source = await browser.open("shut", `${server.url}/sync/changes`, ALL);
  const quick = await openBrowser(t);
  const other = await quick.open("quick", `${server.url}/sync/changes?from=now`, ALL);
  const before = await server.ask("tell");
  browser.freeze();
  const [NOTES, CHARACTERS] = [2_400, 16_000];
  await flood(NOTES, CHARACTERS);
  await quick.until(() => other.ids.length === NOTES);
  const { bytes = 0, waiting = 0 } = await server.ask("tell");
  const grown = bytes - (before.bytes ?? 0);
  const said = `${(NOTES * CHARACTERS) / 1e6} MB were written: the heap grew by ${(grown / 1e6).toFixed(1)} MB, ${waiting} bytes wait`;
  assert.ok(grown < 20e6 && waiting < 500_000, said);
  assert.ok(source.ids.length < NOTES);
  browser.thaw();
  await browser.until(() => source.ids.length >= NOTES);
  assert.deepEqual(source.ids, await log());
  assert.deepEqual([source.cuts, other.ids.length], [0, NOTES]);
  t.diagnostic(said);
});

test("a browser that slept while history was compacted is told that it lost its place, and does not come back", async (t) => {
  const { server, browser, store, log, flood, write } = await setUp(t);
  await write(1);
  const source = await browser.open("asleep", `${server.url}/sync/changes`, ALL);
  await browser.until(() => source.ids.length === 1);
  browser.freeze();
  await flood(600, 32_000);
  const { length } = await log();
  await write(20);
  await store.compact(length + 15, 0);
  browser.thaw();
  await browser.until(() => source.closed);
  assert.equal(source.lost, true);
  assert.ok(source.ids.length < length);
});
