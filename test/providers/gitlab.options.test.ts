/** What an application may pass, and what is declared of each type. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { api, contextOf, plugin, TOKEN, TYPES } from "./gitlab.kit.ts";

test("a wrong option fails at once and says what to write", () => {
  for (const token of [undefined, "", "two words", "line\n", 7]) assert.throws(() => plugin({ token }), /token/);
  for (const url of ["gitlab.example.com", "ftp://x", "https://root:pass@gitlab.example.com"]) {
    assert.throws(() => plugin({ url }), TypeError, url);
  }
  for (const projects of [null, "7", ["acme/app"], [7], ["07"], ["0"], [""], ["group/3"]]) {
    assert.throws(() => plugin({ projects }), /"278964"/, JSON.stringify(projects));
  }
  for (const groups of [null, "3", ["acme"], [3]]) assert.throws(() => plugin({ groups }), /"9970"/);
  assert.throws(() => plugin({ projects: [], groups: [], instance: false }), /or name groups, or the instance/);
  assert.throws(() => plugin({ types: [] }), /leave it out/);
  assert.throws(() => plugin({ types: ["issues"] }), /there is no "issues"; there are: project, issue/);
  assert.throws(() => plugin({ types: ["toString"] }), /there is no "toString"/);
  assert.throws(() => plugin({ types: ["issue_note"] }), /"issue_note" is listed within "issue"/);
  for (const backfill of ["some", new Date(Number.NaN), 0]) {
    assert.throws(() => plugin({ backfill }), /"all", "none" or a Date/);
  }
});

test("scopes are numbers of projects and groups, in whatever form they come", async () => {
  const scopesOf = async (options: object) => {
    const found: string[] = [];
    for await (const scope of (await plugin(options).scopes?.()) ?? []) found.push(scope);
    return found;
  };
  assert.deepEqual(await scopesOf({}), ["instance", "7", "group/3"]);
  assert.deepEqual(await scopesOf({ groups: [], instance: false }), ["7"]);
  const both = async function* () {
    yield* ["7", "8"];
  };
  assert.deepEqual(await scopesOf({ projects: both, groups: () => new Set(["9"]), instance: false }), [
    "7",
    "8",
    "group/9",
  ]);
  await assert.rejects(() => scopesOf({ projects: () => ["acme/app"] }), /"278964"/);
});

test("what is known of each type's order: its version, its incarnation, its read lag", () => {
  const { resources, feeds } = plugin();
  assert.deepEqual(Object.keys(resources), TYPES);
  const has = (field: "version" | "incarnation" | "list" | "fetchMany") =>
    TYPES.filter((type) => resources[type][field] !== undefined).join(" ");
  const notes = TYPES.filter((type) => type.endsWith("_note"));
  assert.equal(
    has("version"),
    "project issue issue_note merge_request merge_request_note snippet snippet_note milestone pipeline deployment feature_flag group_project epic",
  );
  assert.equal(has("incarnation"), "issue merge_request release feature_flag epic", "only their ids may come again");
  assert.equal(has("fetchMany"), "issue");
  assert.equal(has("list"), TYPES.filter((type) => !notes.includes(type) && type !== "commit").join(" "));
  assert.deepEqual(
    notes.map((type) => resources[type].within?.type),
    ["issue", "merge_request", "snippet"],
  );
  for (const type of TYPES) assert.deepEqual(resources[type].readLag, { fetch: 5_000, list: 10_000 }, type);
  assert.deepEqual(
    Object.entries(feeds ?? {}).map(([name, { types, every }]) => `${name}: ${types} ${every}`),
    [
      ...["issues: issue", "merge_requests: merge_request", "milestones: milestone", "pipelines: pipeline"],
      ...["deployments: deployment", "epics: epic", "jobs: job", "pushes: "],
    ].map((feed) => `${feed} 300000`),
  );
  assert.deepEqual(Object.keys(plugin({ types: ["label", "tag"] }).feeds ?? {}), ["pushes"]);
  assert.equal(plugin().bodyLimit, 26_214_400);
});

test("versions and incarnations are what the API says of them", () => {
  const { resources } = plugin();
  const at = { updated_at: "2026-01-01T00:00:01.500Z", last_activity_at: "2026-01-01T00:00:09.000Z" };
  const state = { ...at, id: 84, created_at: "2025-01-01T00:00:00.000Z" } as never;
  assert.equal(resources.issue.version?.(state), 1_767_225_601_500);
  assert.equal(resources.project.version?.(state), 1_767_225_609_000, "activity moves the one, an edit the other");
  assert.equal(resources.issue.incarnation?.(state), 84);
  assert.equal(resources.issue.incarnation?.({ id: "9007199254740993" } as never), 9007199254740992);
  assert.equal(resources.release.incarnation?.(state), Date.parse("2025-01-01"));
});

test("with nothing to backfill nothing is listed; from a date on, what can be told to be updated since", async () => {
  const { resources } = plugin({ backfill: "none" });
  for (const type of TYPES) assert.equal(resources[type].list, undefined, type);
  const { fetch, asked } = api(() => []);
  const since = plugin({ backfill: new Date("2026-01-01"), fetch });
  for (const type of ["issue", "milestone", "label"] as const) await since.resources[type].list?.(null, contextOf("7"));
  const [first, second, third] = asked.map(({ query }) => query.get("updated_after"));
  assert.deepEqual([first, second, third], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", null]);
});

test("the token goes along as a bearer, one for each scope if a function gives it", async () => {
  const { fetch, asked } = api(() => ({ id: 1, iid: 1 }));
  await plugin({ fetch }).resources.issue.fetch("1", contextOf("7"));
  const token = async (scope: string) => `token-of-${scope.replace("/", "-")}`;
  await plugin({ fetch, token }).resources.epic.fetch("1", contextOf("group/3"));
  assert.deepEqual(
    asked.map(({ headers }) => headers.get("authorization")),
    [`Bearer ${TOKEN}`, "Bearer token-of-group-3"],
  );
  const none = plugin({ fetch, token: () => "" });
  await assert.rejects(async () => none.resources.issue.fetch("1", contextOf("7")), /no access token/);
});

test("a GitLab may be anywhere, also below a path", async () => {
  const urls: string[] = [];
  const fetch = async ({ url }: Request) => {
    urls.push(url);
    return Response.json({ id: 1, iid: 1 });
  };
  for (const url of ["https://gitlab.com", "https://x.example/git/"]) {
    await plugin({ url, fetch }).resources.issue.fetch("1", contextOf("7"));
  }
  await plugin({ fetch }).resources.issue.fetch("1", contextOf("7"));
  const path = "api/v4/projects/7/issues/1";
  assert.deepEqual(urls, [`https://gitlab.com/${path}`, `https://x.example/git/${path}`, `https://gitlab.com/${path}`]);
});
