/** The log of a hook: what was not delivered is looked at all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost } from "tidemark";
import { api, contextOf, NOW, page, plugin, refOf } from "./gitlab.kit.ts";

const HOOK = "projects/7/hooks/12";
const issue = (iid: number) => ({ object_kind: "issue", project: { id: 7 }, object_attributes: { iid } });
/** One entry of the log. */
const entry = (id: number | string, response_status: string | number, request_data: unknown = issue(Number(id))) => ({
  ...{ id, response_status, request_data, trigger: "issues_hooks" },
  request_headers: {
    "Idempotency-Key": `key-of-${id}`,
    "X-Gitlab-Event": "Issue Hook",
    "X-Gitlab-Token": "[REDACTED]",
  },
});
type Entry = ReturnType<typeof entry>;

/** A log, the newest first, two a page. */
const logOf = (entries: readonly Entry[]) =>
  api(({ path, query }) => {
    if (path !== `${HOOK}/events`) return undefined;
    const begin = (Number(query.get("page")) - 1) * 2;
    return page(entries.slice(begin, begin + 2), begin + 2 < entries.length ? "page=x" : undefined);
  });

function feedOf(fetch: (request: Request) => Promise<Response>, options: object = {}) {
  const feed = plugin({ fetch, deliveries: () => HOOK, ...options }).feeds?.["deliveries"];
  return feed ?? assert.fail("there is no feed of deliveries");
}
const poll = async (entries: readonly Entry[], cursor: string | null) =>
  feedOf(logOf(entries).fetch).poll(cursor, contextOf("7"));
const done = (id: string) => JSON.stringify({ done: id });

test("the first look finds out where the log is; from then on what nobody took is looked at", async () => {
  const { hints: none, cursor } = await poll([entry(4, "500")], null);
  assert.deepEqual([none, cursor], [[], done("4")]);
  const log = [
    ...[entry(9, "200"), entry(8, "internal error"), entry(7, 404), entry(6, "302"), entry(5, "204")],
    ...[entry(4, "500")],
  ];
  const { hints, cursor: next } = await poll(log, cursor);
  assert.deepEqual(hints.map(refOf), ["issue 8 @7", "issue 7 @7", "issue 6 @7"]);
  assert.deepEqual(
    hints.map(({ event }) => event?.id),
    ["key-of-8", "key-of-7", "key-of-6"],
  );
  assert.equal(next, done("9"));
  assert.deepEqual(await poll(log, next), { hints: [], cursor: next });
  assert.equal((await poll([], null)).cursor, done("0"));
});

test("only as far back as the last look, and numbers beyond 2^53 are compared to their last digit", async () => {
  const [low, high] = ["9007199254740992", "9007199254740993"];
  const { fetch, asked } = logOf([entry(high, "500", issue(1)), entry(low, "500", issue(2)), entry(3, "500")]);
  const { hints, cursor } = await feedOf(fetch).poll(done(low), contextOf("7"));
  assert.deepEqual([hints.map(refOf), cursor], [["issue 1 @7"], done(high)]);
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.query.get("per_page"), "20", "more GitLab refuses");
});

test("a long way back is gone in several polls", async () => {
  const log = Array.from({ length: 150 }, (_, i) => entry(200 - i, i % 10 === 0 ? "500" : "200"));
  const { fetch, asked } = logOf(log);
  const first = await feedOf(fetch).poll(done("55"), contextOf("7"));
  assert.equal(asked.length, 50);
  assert.equal(first.cursor, JSON.stringify({ done: "55", top: "200", page: 51 }));
  const came = logOf([entry(202, "500"), entry(201, "500"), ...log]);
  const second = await feedOf(came.fetch).poll(first.cursor, contextOf("7"));
  assert.equal(second.cursor, done("200"), "what came meanwhile is for the next look");
  const failed = log.filter(({ id, response_status }) => Number(id) > 55 && response_status === "500");
  const ids = new Set([...first.hints, ...second.hints].map(({ id }) => id));
  assert.deepEqual(ids, new Set(failed.map(({ id }) => String(id))));
});

test("what the log cannot tell is a look at the type, or left to the sweeps", async () => {
  const log = [
    ...[entry(9, "500", { oversize: true }), entry(8, "500", "no payload"), entry(7, "500", null)],
    ...[entry(6, "500", { object_kind: "push", project: { id: "x" } }), entry(5, "500")],
  ];
  const { hints } = await poll(log, done("4"));
  assert.deepEqual(hints.map(refOf), ["issue @7", "issue 5 @7"]);
});

test("a group's hook tells of its projects; what is of another project than a project's hook is not believed", async () => {
  const other = { ...issue(1), project: { id: 8 } };
  const { hints: own } = await poll([entry(9, "500", other)], done("4"));
  assert.deepEqual(own, []);
  const { fetch } = api(() => [entry(9, "500", other)]);
  const group = feedOf(fetch, { deliveries: async () => "groups/3/hooks/1" });
  assert.deepEqual((await group.poll(done("4"), contextOf("7"))).hints.map(refOf), ["issue 1 @8"]);
});

test("who may not read the log is asked again after an hour; a revoked token is lost access", async () => {
  let now = NOW;
  let status = 403;
  const { fetch, asked } = api(() => new Response("{}", { status }));
  const feed = feedOf(fetch);
  const ask = () =>
    feed.poll(
      done("4"),
      contextOf("7", () => now),
    );
  for (status of [403, 404]) {
    assert.deepEqual(await ask(), { hints: [], cursor: null });
    now += 3_599_000;
    await ask();
    now += 1_000;
  }
  assert.equal(asked.length, 2);
  status = 401;
  await assert.rejects(ask, AccessLost);
});

test("a scope without a hook has no log, and what is no hook is told", async () => {
  const { fetch, asked } = api(() => []);
  const none = feedOf(fetch, { deliveries: () => undefined });
  assert.deepEqual(await none.poll(null, contextOf("7")), { hints: [], cursor: null });
  for (const hook of ["/projects/7/hooks/12", "projects/acme/hooks/12", "hooks/12", "projects/7/hooks/12/../13"]) {
    await assert.rejects(
      () => feedOf(fetch, { deliveries: () => hook }).poll(null, contextOf("7")),
      /which is no hook/,
    );
  }
  assert.deepEqual(asked, []);
  assert.equal(plugin().feeds?.["deliveries"], undefined);
});

test("after a week the log is a gap: what is not looked at as a whole is swept", () => {
  const { horizon, types } = feedOf(api(() => []).fetch);
  assert.equal(horizon, 604_800_000);
  for (const type of ["branch", "tag", "wiki_page", "vulnerability"] as const) assert.ok(!types.includes(type), type);
  assert.ok(types.includes("issue") && types.includes("group_member"));
});
