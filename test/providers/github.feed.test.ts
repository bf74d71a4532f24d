/** The feeds against a server that keeps rows, which change while they are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hint } from "tidemark";
import { type Json, json, nextPage, OCTOCAT, octocat, plugin, type Route, serve } from "./github.kit.ts";

/** A row, updated so many seconds after the beginning. */
const BEGIN = Date.parse("2026-01-01T00:00:00Z");
const timeAt = (second: number) => `${new Date(BEGIN + second * 1_000).toISOString().slice(0, 19)}Z`;
interface Item extends Json {
  id: number;
  updated_at: string;
}
const item = (number: number, second: number, more: Json = {}): Item => ({
  ...{ id: 1_000_000 + number, number, updated_at: timeAt(second) },
  ...{ url: `https://api.github.com/repos/${OCTOCAT}/issues/${number}`, ...more },
});

/** GitHub's list by the time of update. */
function listOf(items: readonly Item[], url: URL): { rows: Item[]; more: boolean; page: number } {
  const query = Object.fromEntries(url.searchParams);
  assert.deepEqual([query["sort"], query["direction"], query["per_page"]], ["updated", "asc", "100"]);
  const page = Number(query["page"]);
  const all = items
    .filter(({ updated_at }) => updated_at >= (query["since"] ?? ""))
    .sort((a, b) => a.updated_at.localeCompare(b.updated_at) || a.id - b.id);
  return { rows: all.slice((page - 1) * 100, page * 100), more: all.length > page * 100, page };
}

/** Serves the items of now, and writes down what was asked for: `since` in seconds, and the page. */
const serveItems =
  (items: () => readonly Item[], asked: string[] = []): Route =>
  (url, response) => {
    const since = (Date.parse(url.searchParams.get("since") ?? "") - BEGIN) / 1_000;
    asked.push(`${since} ${url.searchParams.get("page")}`);
    const { rows, more, page } = listOf(items(), url);
    json(response, 200, rows, more ? nextPage(page + 1) : {});
  };

const cursorAt = (second: number) => JSON.stringify({ since: timeAt(second) });
const names = (hints: readonly Hint[]) => hints.map(({ type, id }) => `${type} ${id}`);

/** Polls as the engine does: again at once while the cursor moves and hints come. */
async function pollAll(
  poll: (cursor: string | null) => Promise<{ hints: Hint[]; cursor: string | null }>,
  from: string | null,
) {
  const found: Hint[] = [];
  for (let cursor = from, turns = 1; ; turns++) {
    const answer = await poll(cursor);
    found.push(...answer.hints);
    if (answer.cursor === cursor || answer.hints.length === 0) return { found, cursor: answer.cursor, turns };
    cursor = answer.cursor;
    assert.ok(turns < 100, "it never comes to rest");
  }
}

async function feedOf(t: Parameters<typeof serve>[0], route: Route, name = "issues", options = {}) {
  const client = await serve(t, route);
  const feed = plugin({ client, ...options }).feeds?.[name];
  assert.ok(feed);
  return (cursor: string | null, now = BEGIN + 600_000) => feed.poll(cursor, { ...octocat, now: () => now });
}

test("the first poll begins six minutes ago; what it sees is hinted with its version, and named by it", async (t) => {
  const asked: string[] = [];
  const poll = await feedOf(
    t,
    serveItems(() => [item(1, 100), item(2, 290)], asked),
  );
  const { hints, cursor } = await poll(null);
  assert.deepEqual(asked, ["240 1"]);
  const at = new Date(timeAt(290));
  const event = { id: `issues 2 ${timeAt(290)}`, name: "updated", at };
  assert.deepEqual(hints, [{ type: "issue", id: "2", version: at.getTime(), event }]);
  assert.equal(cursor, cursorAt(300), "never before where it began");
});

test("a minute before the last time seen is read again, and then it rests", async (t) => {
  const asked: string[] = [];
  const poll = await feedOf(
    t,
    serveItems(() => [item(1, 50), item(2, 200), item(3, 260)], asked),
  );
  const { found, cursor, turns } = await pollAll(poll, cursorAt(120));
  assert.deepEqual(names(found), ["issue 2", "issue 3", "issue 2", "issue 3"]);
  assert.deepEqual([asked, cursor, turns], [["60 1", "200 1"], cursorAt(260), 2]);
});

test("pull requests are told apart, and what is not wanted is left out", async (t) => {
  const items = [item(1, 100), item(2, 100, { pull_request: { url: "x" } }), item(3, 101, { pull_request: null })];
  const serveAll = serveItems(() => items);
  const both = await feedOf(t, serveAll);
  assert.deepEqual(names((await both(cursorAt(100))).hints), ["issue 1", "pull_request 2", "issue 3"]);
  const one = await feedOf(t, serveAll, "issues", { types: ["pull_request"] });
  assert.deepEqual(names((await one(cursorAt(100))).hints), ["pull_request 2"]);
});

test("the issues feed asks for closed ones, too; comments are named by their own id", async (t) => {
  const asked: string[] = [];
  const route: Route = (url, response) => {
    asked.push(`${url.pathname.replace(`/repos/${OCTOCAT}`, "")} ${url.searchParams.get("state")}`);
    json(response, 200, listOf([item(1, 100, { number: undefined })], url).rows);
  };
  const comments = await feedOf(t, route, "comments");
  assert.deepEqual(names((await comments(cursorAt(100))).hints), ["issue_comment 1000001"]);
  const issues = await feedOf(
    t,
    serveItems(() => []),
    "issues",
  );
  assert.deepEqual(await issues(cursorAt(100)), { hints: [], cursor: cursorAt(100) });
  const closed = await feedOf(t, (url, response) => {
    asked.push(`${url.pathname.replace(`/repos/${OCTOCAT}`, "")} ${url.searchParams.get("state")}`);
    json(response, 200, []);
  });
  await closed(null);
  assert.deepEqual(asked, ["/issues/comments null", "/issues all"]);
});

test("first pages are read, from the last time on; pages only where one second fills a page", async (t) => {
  const asked: string[] = [];
  const items = [
    ...Array.from({ length: 60 }, (_, i) => item(i, 101)),
    ...Array.from({ length: 250 }, (_, i) => item(100 + i, 105)),
    item(999, 109),
  ];
  const poll = await feedOf(
    t,
    serveItems(() => items, asked),
  );
  const { hints, cursor } = await poll(cursorAt(120));
  assert.equal(new Set(hints.map(({ id }) => id)).size, 311);
  assert.deepEqual(asked, ["60 1", "105 1", "105 2", "105 3"]);
  assert.equal(cursor, cursorAt(120));
});

test("what slips onto a page that was read, because something was updated meanwhile, is found all the same", async (t) => {
  const items = Array.from({ length: 350 }, (_, i) => item(i, 100 + i));
  let calls = 0;
  const poll = await feedOf(
    t,
    serveItems(() => {
      // Before each page ten of the oldest are updated, and all others move forward by ten.
      const from = 10 * calls++;
      for (let i = from; i < from + 10 && i < 60; i++) items[i] = item(i, 1_000 + i);
      return items;
    }),
  );
  const { found, cursor } = await pollAll(poll, cursorAt(100));
  assert.equal(new Set(found.map(({ id }) => id)).size, 350);
  for (const { id, updated_at, number } of items.filter(({ updated_at }) => updated_at >= timeAt(1_000))) {
    const told = found.some((hint) => hint.id === String(number) && hint.version === Date.parse(updated_at));
    assert.ok(told, `${id} in its last version`);
  }
  assert.equal(
    cursor,
    items
      .map(({ updated_at }) => JSON.stringify({ since: updated_at }))
      .sort()
      .at(-1),
  );
});

test("a page with few rows is not the last if GitHub names a next one", async (t) => {
  const asked: string[] = [];
  const poll = await feedOf(t, (url, response) => {
    asked.push(url.searchParams.get("since") ?? "");
    if (asked.length === 1) json(response, 200, [item(1, 100)], nextPage(2));
    else if (asked.length === 2) json(response, 200, [], nextPage(2));
    else json(response, 200, [item(2, 130)]);
  });
  const { hints, cursor } = await poll(cursorAt(110));
  assert.deepEqual(names(hints), ["issue 1", "issue 2"]);
  assert.deepEqual([asked, cursor], [[timeAt(50), timeAt(100), timeAt(100)], cursorAt(130)]);
});

test("a flood that fills the overlap many times over is passed, piece by piece", async (t) => {
  // 12,000 rows within a minute: more than a poll reads.
  const items = Array.from({ length: 12_000 }, (_, i) => item(i, 100 + Math.floor(i / 200)));
  const poll = await feedOf(
    t,
    serveItems(() => items),
  );
  let cursor: string | null = cursorAt(100);
  const found = new Set<string | undefined>();
  for (let polls = 1; cursor !== cursorAt(159); polls++) {
    assert.ok(polls < 20, `${cursor} after ${polls} polls`);
    const answer = await poll(cursor);
    for (const { id } of answer.hints) found.add(id);
    cursor = answer.cursor;
  }
  assert.equal(found.size, 12_000);
});

test("a list that never ends is left after a while", { timeout: 10_000 }, async (t) => {
  let calls = 0;
  const poll = await feedOf(t, (_, response) => {
    calls++;
    json(response, 200, [item(1, 100)], nextPage(2));
  });
  const { hints, cursor } = await poll(cursorAt(100));
  assert.deepEqual([calls, hints.length, cursor], [50, 50, cursorAt(100)]);
});

test("rows that are no answer of GitHub's are no hints", async (t) => {
  for (const body of [{}, "<html>", [7], [{ number: 1 }], [{ url: `https://x/repos/${OCTOCAT}/issues/1` }]]) {
    const poll = await feedOf(t, (_, response) => json(response, 200, body));
    await assert.rejects(() => poll(null), JSON.stringify(body));
  }
});

test("review comments have a feed of their own; in an organisation no feed asks for anything", async (t) => {
  const asked: string[] = [];
  const route: Route = (url, response) => {
    asked.push(url.pathname.replace(`/repos/${OCTOCAT}`, ""));
    json(response, 200, listOf([item(1, 100, { number: undefined })], url).rows);
  };
  const poll = await feedOf(t, route, "review_comments");
  assert.deepEqual(names((await poll(cursorAt(100))).hints), ["review_comment 1000001"]);
  const client = await serve(t, route);
  for (const feed of Object.values(plugin({ client }).feeds ?? {})) {
    assert.deepEqual(await feed.poll(null, { ...octocat, scope: "github" }), { hints: [], cursor: null });
  }
  assert.deepEqual(asked, ["/pulls/comments"]);
});
