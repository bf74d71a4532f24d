/** Feeds: what was updated, which jobs are done, what was pushed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater } from "tidemark";
import { type Asked, api, contextOf, fixture, NOW, page, plugin, stamp } from "./gitlab.kit.ts";

const project = contextOf("7");
const poll = async (fetch: (request: Request) => Promise<Response>, name: string, cursor: string | null) =>
  (await plugin({ fetch }).feeds?.[name]?.poll(cursor, project)) ?? assert.fail(`there is no feed ${name}`);
const since = (ms: number) => JSON.stringify({ since: stamp(ms) });

test("a feed begins five minutes before now, and goes on a little before the latest time it has seen", async () => {
  const issue = { iid: 4, updated_at: stamp(NOW + 5_000) };
  const { fetch, asked } = api(() => [issue]);
  const { cursor } = await poll(fetch, "issues", null);
  const { hints, cursor: next } = await poll(fetch, "issues", cursor);
  const event = { id: `issue 4 ${issue.updated_at}`, name: "updated", at: new Date(NOW + 5_000) };
  assert.deepEqual(hints, [{ type: "issue", id: "4", version: NOW + 5_000, event }]);
  assert.equal(next, cursor, "nothing newer came");
  assert.equal(cursor, since(NOW + 5_000));
  const [first, second] = asked.map(({ query }) => Object.fromEntries(query));
  assert.deepEqual(first, {
    ...{ per_page: "100", sort: "asc", scope: "all", pagination: "keyset", order_by: "updated_at" },
    updated_after: stamp(NOW - 420_000),
  });
  assert.equal(second?.["updated_after"], stamp(NOW - 115_000));
});

/** More than is read at once was updated, each a second after the other; two a page, rows counted. */
function endless({ query }: Asked): Response {
  const from = Math.max(0, Math.ceil((Date.parse(query.get("updated_after") ?? "") - NOW) / 1_000));
  const rows = [from, from + 1].map((n) => ({ iid: n + 1, updated_at: stamp(NOW + n * 1_000) }));
  return page(rows, `${query}&page=2`);
}

test("a poll ends, and the next one goes on from there", async () => {
  const { fetch, asked } = api(endless);
  const { hints, cursor } = await poll(fetch, "merge_requests", since(NOW));
  assert.equal(asked.length, 50);
  assert.ok(asked.every(({ query }) => !query.has("page")));
  assert.equal(new Set(hints.map(({ id }) => id)).size, 51, "each page begins with the last row of the one before");
  const next = `per_page=100&sort=asc&scope=all&order_by=updated_at&updated_after=${encodeURIComponent(stamp(NOW + 50_000))}`;
  assert.deepEqual(JSON.parse(cursor ?? ""), { since: stamp(NOW), pass: { next, latest: NOW + 50_000, told: NOW } });
  await poll(fetch, "merge_requests", cursor);
  assert.equal(asked[50]?.query.get("updated_after"), stamp(NOW + 50_000));
});

test("a place that GitLab no longer knows begins anew; one that it never takes is an error", async () => {
  const { fetch, asked } = api(({ query }) =>
    query.has("cursor") ? Response.json({}, { status: 400 }) : [{ iid: 1, updated_at: stamp(NOW) }],
  );
  const at = (told: number) =>
    JSON.stringify({ since: stamp(NOW - 90_000), pass: { next: "cursor=x", latest: NOW - 80_000, told } });
  const { hints } = await poll(fetch, "issues", at(NOW - 60_000));
  assert.equal(hints.length, 1);
  assert.equal(asked[1]?.query.get("updated_after"), stamp(NOW - 210_000));
  await assert.rejects(() => poll(fetch, "issues", at(NOW - 59_000)), { status: 400 });
});

/** Polls as the engine does: all that is told until the feed has nothing to add, and in how many polls. */
async function drain(fetch: (request: Request) => Promise<Response>, name: string, cursor: string | null) {
  const ids = new Set<string | undefined>();
  for (let at = cursor, polls = 1; polls < 20; polls++) {
    const answer = await poll(fetch, name, at);
    for (const { id } of answer.hints) ids.add(id);
    if (answer.cursor === at || answer.hints.length === 0) return { ids, polls, cursor: answer.cursor };
    at = answer.cursor;
  }
  throw new Error("the feed does not come to an end");
}

test("more within the overlap than one poll reads is all told, and the feed comes to an end", async () => {
  for (const name of ["merge_requests", "milestones"]) {
    // A script has updated them all in one instant; two a page.
    const all = Array.from({ length: 230 }, (_, n) => ({ id: n + 1, iid: n + 1, updated_at: stamp(NOW + 60_000) }));
    const { fetch } = api(({ query }) => {
      const begin = (Number(query.get("page") ?? 1) - 1) * 2;
      const after = Date.parse(query.get("updated_after") ?? "");
      const rows = all.filter(({ updated_at }) => Date.parse(updated_at) >= after);
      const next = new URLSearchParams(query);
      next.set("page", String(begin / 2 + 2));
      return page(rows.slice(begin, begin + 2), begin + 2 < rows.length ? next.toString() : undefined);
    });
    const first = await drain(fetch, name, since(NOW));
    assert.equal(first.ids.size, 230, name);
    assert.equal(first.cursor, since(NOW + 60_000));
    all.push({ id: 231, iid: 231, updated_at: stamp(NOW + 90_000) });
    const second = await drain(fetch, name, first.cursor);
    assert.ok(second.ids.has("231"), name);
    assert.equal(second.cursor, since(NOW + 90_000));
  }
});

test("a time far ahead of every clock, as an owner may give to an issue, does not stop the feed", async () => {
  for (const name of ["issues", "milestones"]) {
    const rows = [
      { id: 1, iid: 1, updated_at: stamp(NOW + 60_000) },
      { id: 2, iid: 2, updated_at: "2037-01-01T00:00:00.000Z" },
    ];
    const { fetch } = api(() => rows);
    const { ids, cursor } = await drain(fetch, name, since(NOW));
    assert.deepEqual([ids, cursor], [new Set(["1", "2"]), since(NOW + 60_000)], name);
  }
});

test("where GitLab cannot sort by update time, the time moves on when all is read", async () => {
  const row = { id: 1, updated_at: stamp(NOW + 1_000) };
  const { fetch } = api(({ query }) => page([row], `page=${Number(query.get("page") ?? 1) + 1}`));
  const { cursor } = await poll(fetch, "milestones", since(NOW));
  assert.deepEqual(JSON.parse(cursor ?? ""), {
    since: stamp(NOW),
    pass: { next: "page=51", latest: NOW + 1_000, told: NOW },
  });
  const { fetch: older } = api(() => [{ id: 2, updated_at: stamp(NOW - 1_000) }]);
  const { cursor: ended } = await poll(older, "milestones", cursor);
  const to = { since: stamp(NOW + 1_000), ended: true };
  assert.deepEqual(JSON.parse(ended ?? ""), to, "the latest of all its pages, whichever poll read it");
  const { fetch: whole, asked } = api(() => [row]);
  assert.equal((await poll(whole, "milestones", since(NOW))).cursor, since(NOW + 1_000));
  assert.equal(asked[0]?.query.has("order_by"), false);
});

test("a time before the cursor does not take it back", async () => {
  const { fetch } = api(() => [{ id: 1, updated_at: stamp(NOW - 60_000) }]);
  assert.equal((await poll(fetch, "pipelines", since(NOW))).cursor, since(NOW));
});

const job = (id: number, status: string) => ({ id, status });
/** GitLab's jobs, the newest first; two a page. */
const jobs = (all: readonly { id: number; status: string }[]) =>
  api(({ query }) => {
    const open = query.getAll("scope[]");
    const from = Number(query.get("cursor") ?? Number.MAX_SAFE_INTEGER);
    const found = all.filter(({ id, status }) => id < from && (open.length === 0 || open.includes(status)));
    const rows = found.slice(0, 2);
    const next = new URLSearchParams(query);
    next.set("cursor", String(rows.at(-1)?.id));
    return page(rows, found.length > 2 ? next.toString() : undefined);
  });
const told = (hints: readonly { id?: string; event?: { id: string } }[]) =>
  hints.map(({ id, event }) => `${id} ${event?.id ?? "-"}`);

test("jobs: the new ones, those under way, and those that were and are no more", async () => {
  const before = jobs([job(6, "running"), job(5, "pending"), job(4, "success"), job(3, "manual")]);
  const { hints: none, cursor } = await poll(before.fetch, "jobs", null);
  assert.deepEqual(none, [], "what was there before is for the sweep");
  assert.deepEqual(JSON.parse(cursor ?? ""), { latest: "6", open: ["6", "5"] });
  const after = jobs([
    ...[job(9, "failed"), job(8, "created"), job(7, "success")],
    ...[job(6, "success"), job(5, "running"), job(4, "success"), job(3, "manual")],
  ]);
  const { hints, cursor: next } = await poll(after.fetch, "jobs", cursor);
  assert.deepEqual(told(hints), [
    ...["9 job 9 failed", "8 job 8 created", "7 job 7 success"],
    ...["8 job 8 created", "5 job 5 running", "6 -"],
  ]);
  assert.deepEqual(JSON.parse(next ?? ""), { latest: "9", open: ["8", "5"] });
  const cursors = after.asked.map(({ query }) => `${query.has("scope[]") ? "open" : "new"} ${query.get("cursor")}`);
  assert.deepEqual(cursors, ["new null", "new 8", "open null"], "jobs that were seen are not read again");
  assert.ok(
    after.asked.every(({ query }) => query.get("pagination") === "keyset" && query.get("order_by") === "id"),
    "a job that is done meanwhile must not have another slip onto a page that was read",
  );
});

test("jobs: numbers are compared as numbers, and a project without jobs has none", async () => {
  const cursor = JSON.stringify({ latest: "9", open: [] });
  const { hints } = await poll(jobs([job(10, "success"), job(9, "failed")]).fetch, "jobs", cursor);
  assert.deepEqual(told(hints), ["10 job 10 success"]);
  const empty = await poll(jobs([]).fetch, "jobs", null);
  assert.equal(empty.cursor, JSON.stringify({ latest: "0", open: [] }));
  assert.deepEqual((await poll(jobs([job(1, "success")]).fetch, "jobs", empty.cursor)).hints.length, 1);
});

test("jobs: a poll ends", async () => {
  const many = Array.from({ length: 200 }, (_, i) => job(1_000 - i, "running"));
  const { fetch, asked } = jobs(many);
  await poll(fetch, "jobs", JSON.stringify({ latest: "1", open: [] }));
  assert.equal(asked.length, 30);
});

const push = (ms: number, action: string, ref: string | null, ref_type = "branch") => ({
  ...{ id: ms, created_at: stamp(NOW + ms), action_name: "pushed to" },
  push_data: { action, ref_type, ref, commit_to: action === "removed" ? null : "c0ffee" },
});

test("pushes: branches and tags that came, moved and went", async () => {
  const events = [push(3_000, "removed", "fix/a"), push(2_000, "created", "v1", "tag"), push(1_000, "pushed", "main")];
  const { fetch, asked } = api(() => [...events, fixture("gitlab4j/project-events.json")[0]]);
  const { hints, cursor } = await poll(fetch, "pushes", since(NOW));
  assert.deepEqual(
    hints.map(({ type, id, event }) => `${type} ${id} ${event?.name}`),
    ["branch fix/a push.removed", "tag v1 push.created", "branch main push.pushed"],
  );
  assert.deepEqual(new Set(hints.map(({ event }) => event?.id)).size, 3);
  assert.equal(cursor, since(NOW + 3_000));
  assert.deepEqual(Object.fromEntries(asked[0]?.query ?? []), {
    ...{ action: "pushed", per_page: "100" },
    after: stamp(NOW - 120_000 - 86_400_000).slice(0, 10),
  });
});

test("pushes: of many at once GitLab tells no names, so all are looked at, and once", async () => {
  const { fetch } = api(() => [push(1_000, "created", null)]);
  const { hints, cursor } = await poll(fetch, "pushes", since(NOW));
  assert.deepEqual(hints, [{ type: "branch" }]);
  assert.deepEqual((await poll(fetch, "pushes", cursor)).hints, []);
  assert.deepEqual(
    plugin().feeds?.["pushes"]?.types,
    [],
    "a feed that named branches would be asked instead of the list",
  );
});

test("pushes: the first poll begins five minutes early, because our clock may be ahead", async () => {
  const { fetch } = api(() => [push(-200_000, "created", "new"), push(-420_001, "created", "old")]);
  const { hints, cursor } = await poll(fetch, "pushes", null);
  assert.deepEqual(
    hints.map(({ id }) => id),
    ["new"],
  );
  assert.equal(cursor, since(NOW - 200_000));
});

test("pushes: events are read back to the last time, and no further", async () => {
  const pages: Record<string, unknown[]> = {
    1: [push(9_000, "pushed", "a")],
    2: [push(8_000, "pushed", "b"), push(-120_000, "pushed", "late"), push(-120_001, "pushed", "old")],
    3: [push(-200_000, "pushed", "older")],
  };
  const { fetch, asked } = api(({ query }) => {
    const n = Number(query.get("page") ?? 1);
    return page(pages[n] ?? [], `page=${n + 1}`);
  });
  const { hints } = await poll(fetch, "pushes", since(NOW));
  assert.deepEqual(
    hints.map(({ id }) => id),
    ["a", "b", "late"],
  );
  assert.equal(asked.length, 2);
  const { fetch: flood, asked: more } = api(() => page([push(9_000, "pushed", "a")], "page=2"));
  await poll(flood, "pushes", since(NOW));
  assert.equal(more.length, 20);
});

test("pushes: only what is synchronized", async () => {
  const { fetch } = api(() => [push(1, "created", "v1", "tag"), push(1, "created", "main")]);
  const { feeds } = plugin({ fetch, types: ["tag"] });
  const { hints = [] } = (await feeds?.["pushes"]?.poll(since(NOW), project)) ?? {};
  assert.deepEqual(
    hints.map(({ type }) => type),
    ["tag"],
  );
});

test("a limit has the scope rest as long as GitLab says; a server that rests is no failure", async () => {
  const limit = (status: number, headers: Record<string, string>) => () =>
    Response.json({ message: "Retry later" }, { status, headers });
  for (const [headers, ms] of [
    [{ "retry-after": "7" }, 7_000],
    [{ "ratelimit-reset": String(NOW / 1_000 + 9) }, 9_000],
    [{}, 10_000],
  ] as const) {
    const { fetch, asked } = api(limit(429, headers));
    await assert.rejects(
      () => poll(fetch, "issues", null),
      (error) => error instanceof RetryLater && error.ms === ms,
    );
    assert.equal(asked.length, 1, "nothing is asked again");
  }
});
