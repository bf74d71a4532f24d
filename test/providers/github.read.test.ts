/** Reads with the real client against a server of this machine: fetch, list and probe, and what errors mean. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, createSync, gone, Hidden, RetryLater } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { fakeContext } from "./context.ts";
import {
  example,
  fixture,
  issueOf,
  type Json,
  json,
  nextPage,
  OCTOCAT,
  ORG,
  ORG_TYPES,
  octocat,
  orgContext,
  plugin,
  type Route,
  serve,
  TYPES,
} from "./github.kit.ts";

const PERMISSION = "repos__get-collaborator-permission-level.200.response-if-user-has-admin-permissions";
const MEMBERSHIP =
  "orgs__get-membership-for-user.200.response-if-user-has-an-active-admin-membership-with-organization";
/** One of each type: its id, where it is, and what is there. */
const one: Record<(typeof TYPES)[number], [id: string, path: string, body: Json]> = {
  repository: ["1296269", "", example("repos__get.200.default-response")],
  issue: ["1347", "/issues/1347", issueOf()],
  pull_request: ["1347", "/pulls/1347", example("pulls__get.200")],
  issue_comment: ["1", "/issues/comments/1", example("issues__get-comment.200")],
  label: ["bug", "/labels/bug", example("issues__get-label.200")],
  milestone: ["1", "/milestones/1", example("issues__get-milestone.200")],
  release: ["1", "/releases/1", example("repos__get-release.200")],
  branch: ["main", "/branches/main", example("repos__get-branch.200")],
  tag: ["v/1", "/git/ref/tags/v%2F1", tagOf("v/1")],
  review: ["1347/80", "/pulls/1347/reviews/80", reviewOf(1347)],
  review_comment: ["10", "/pulls/comments/10", example("pulls__get-review-comment.200")],
  commit_comment: ["1", "/comments/1", example("repos__get-commit-comment.200")],
  workflow_run: ["30433642", "/actions/runs/30433642", here("actions__get-workflow-run.200")],
  check_run: ["4", "/check-runs/4", here("checks__get.200")],
  deployment: ["1", "/deployments/1", here("repos__get-deployment.200")],
  collaborator: ["octocat", "/collaborators/octocat/permission", example(PERMISSION)],
  team: ["justice-league", "/teams/justice-league", example("teams__get-by-name.200")],
  organization_member: ["octocat", "/memberships/octocat", { ...example(MEMBERSHIP), user: { login: "octocat" } }],
};
/** What serves one of a type, and the scope it is in. */
const contextOf = (type: string) => (ORG_TYPES.includes(type) ? orgContext : octocat);

/** An example of another repository, as if it were of this one. */
function here(name: string): Json {
  const state = example(name);
  return { ...state, url: state.url.replace(/repos\/[^/]+\/[^/]+/, `repos/${OCTOCAT}`) };
}
function reviewOf(number: number): Json {
  const url = `https://api.github.com/repos/${OCTOCAT}/pulls/${number}`;
  return { ...example("pulls__get-review.200"), pull_request_url: url };
}
function tagOf(name: string): Json {
  const ref = `refs/tags/${name}`;
  return { ...example("git__get-ref.200"), ref, url: `https://api.github.com/repos/${OCTOCAT}/git/${ref}` };
}

/** Serves everything by its path below the repository. */
const servePaths =
  (bodies: ReadonlyMap<string, unknown>): Route =>
  (url, response) => {
    const path = url.pathname.replace(/^\/(repos\/octocat\/Hello-World|orgs\/github)/, "");
    if (path === "/collaborators/octocat") return void response.writeHead(204).end();
    const body = bodies.get(path);
    json(response, body === undefined ? 404 : 200, body ?? { message: "Not Found" });
  };

test("every type is fetched as what it is, by its own path, with the version of the API pinned", async (t) => {
  const bodies = new Map(Object.values(one).map(([, path, body]) => [path, body]));
  const headers: unknown[] = [];
  const client = await serve(t, (url, response, request) => {
    assert.equal(url.search, "");
    headers.push([request.method, request.headers["x-github-api-version"], request.headers.authorization]);
    servePaths(bodies)(url, response, request);
  });
  const { resources, probe } = plugin({ client });
  for (const type of TYPES) {
    const [id, , body] = one[type];
    const resource = resources[type];
    const state = await resource.fetch(id, contextOf(type));
    assert.deepEqual(state, body, type);
    assert.equal(resource.id(state as never), id, type);
    assert.equal(await resource.fetch("404", contextOf(type)), null, type);
    const other = contextOf(type) === octocat ? orgContext : octocat;
    assert.equal(await resource.fetch(id, other), null, `${type} in a scope of the other sort`);
  }
  await probe?.("issue", octocat);
  for (const header of headers) assert.deepEqual(header, ["GET", "2022-11-28", "token token"]);
});

test("a name is one part of the path, whatever is in it", async (t) => {
  const asked: string[] = [];
  const client = await serve(t, (url, response) => {
    asked.push(url.pathname);
    json(response, 404, { message: "Not Found" });
  });
  const { branch, label } = plugin({ client }).resources;
  await branch.fetch("fix/a b", octocat);
  await label.fetch("100% ../x?y#z", octocat);
  assert.deepEqual(asked, [
    `/repos/${OCTOCAT}/branches/fix%2Fa%20b`,
    `/repos/${OCTOCAT}/labels/100%25%20..%2Fx%3Fy%23z`,
  ]);
});

test("what came back must be what was asked for", async (t) => {
  let body: unknown;
  const client = await serve(t, (_, response) => json(response, 200, body));
  const { resources, probe } = plugin({ client });
  for (const type of TYPES) {
    const [id, , state] = one[type];
    const names = { name: "another", slug: "another", ref: "refs/tags/another", user: { login: "another" } };
    body = { ...state, id: 999, number: 999, ...names };
    assert.equal(await resources[type].fetch(id, contextOf(type)), null, `${type}: another one`);
    const none = { id: null, number: null, name: null, slug: null, ref: null, user: null };
    for (body of [{}, [], "<html>", null, { ...state, ...none }, { ok: true }]) {
      await assert.rejects(async () => resources[type].fetch(id, contextOf(type)), `${type}: ${JSON.stringify(body)}`);
    }
  }
  for (body of [{}, [], "<html>", null]) await assert.rejects(async () => probe?.("issue", octocat));
});

test("a pull request is no issue, though the issues API answers for it", async (t) => {
  const client = await serve(t, (_, response) => json(response, 200, issueOf({ pull_request: { url: "x" } })));
  assert.equal(await plugin({ client }).resources.issue.fetch("1347", octocat), gone);
});

/** Serves what was recorded of a repository that had been renamed. */
const renamed: Route = (url, response, request) => {
  const path = url.pathname.replace(/\/(issues|labels|collaborators).*$/, "");
  const found = fixture("octokit-fixtures/rename-repository.json").find(
    (one: Json) => one["method"] === "get" && one["path"] === path,
  );
  if (!found) return json(response, 404, { message: "Not Found" });
  const location = `http://${request.headers.host}/repositories/1000${url.pathname.slice(path.length)}`;
  if (found.status === 301) return json(response, 301, found.response, { location });
  const home = found.response.url;
  if (url.pathname.endsWith("/collaborators/octocat")) return void response.writeHead(204).end();
  if (url.pathname.endsWith("/permission")) return json(response, 200, example(PERMISSION));
  if (url.pathname === path) return json(response, 200, found.response);
  const issue = issueOf({ number: 1, url: `${home}/issues/1`, repository_url: home });
  json(response, 200, url.pathname.endsWith("/issues") ? [issue] : issue);
};

test("a renamed repository is lost access that says its new name, never a deletion", async (t) => {
  const client = await serve(t, renamed);
  const { resources, probe, feeds } = plugin({ client });
  const context = fakeContext({ scope: "octokit-fixture-org/rename-repository" });
  const isLost = (error: Error) => error instanceof AccessLost && /rename-repository-newname/.test(error.message);
  await assert.rejects(() => resources.issue.fetch("1", context), isLost);
  await assert.rejects(() => resources.collaborator.fetch("octocat", context), isLost);
  assert.equal(await resources.repository.fetch("7", context).catch(() => null), null);
  await assert.rejects(async () => probe?.("issue", context), isLost);
  await assert.rejects(async () => resources.repository.list?.(null, context), isLost);
  await assert.rejects(async () => resources.issue.list?.(null, context), isLost);
  await assert.rejects(async () => feeds?.["issues"]?.poll(null, context), isLost);
});

test("what has moved, or has another name now, is not found under the old one", async (t) => {
  const moved = "https://api.github.com/repos/octocat/elsewhere";
  const client = await serve(t, (url, response) => {
    const to = (location: string) => json(response, 301, {}, { location });
    const path = url.pathname.replace(`/repos/${OCTOCAT}`, "");
    if (path === "/issues/1") to("/repositories/2/issues/9");
    else if (path === "/repositories/2/issues/9") json(response, 200, issueOf({ number: 1, url: `${moved}/issues/1` }));
    else if (path === "/branches/old") to(`/repos/${OCTOCAT}/branches/main`);
    else if (path === "/branches/main") json(response, 200, one.branch[2]);
    else if (path === "/labels/BUG") json(response, 200, one.label[2]);
    else json(response, 200, one.repository[2]);
  });
  const { resources, probe } = plugin({ client });
  assert.equal(await resources.issue.fetch("1", octocat), null, "transferred");
  assert.equal(await resources.branch.fetch("old", octocat), null, "renamed");
  assert.equal(await resources.label.fetch("BUG", octocat), null, "labels are found in any case");
  assert.equal(await resources.repository.fetch("7", octocat), null, "another repository took the name");
  await probe?.("issue", octocat);
  await probe?.("issue", fakeContext({ scope: OCTOCAT.toUpperCase() }));
});

test("lists are asked for whole pages, the oldest first where that is possible, and follow the link", async (t) => {
  const asked: Record<string, string> = {};
  const client = await serve(t, (url, response) => {
    asked[url.pathname.replace(`/repos/${OCTOCAT}`, "")] = url.searchParams.toString();
    if (url.pathname.endsWith("/actions/runs")) return json(response, 200, { total_count: 0, workflow_runs: [] });
    json(response, 200, url.pathname === `/repos/${OCTOCAT}` ? one.repository[2] : []);
  });
  const { resources } = plugin({ client, backfill: "all" });
  for (const type of TYPES) {
    const { list, within } = resources[type];
    const page = list ? await list("3", contextOf(type)) : await within?.list("7", "3", octocat);
    if (type === "check_run") continue;
    assert.equal(page?.next, null, type);
    assert.equal(page?.items?.length ?? page?.refs?.length, type === "repository" ? 1 : 0, type);
  }
  assert.deepEqual(asked, {
    "": "",
    "/issues": "state=all&sort=created&direction=asc&per_page=100&page=3",
    "/pulls": "state=all&sort=created&direction=asc&per_page=100&page=3",
    "/issues/comments": "sort=created&direction=asc&per_page=100&page=3",
    "/labels": "per_page=100&page=3",
    "/milestones": "state=all&per_page=100&page=3",
    "/releases": "per_page=100&page=3",
    "/branches": "per_page=100&page=3",
    "/git/matching-refs/tags": "per_page=100&page=3",
    "/pulls/7/reviews": "per_page=100&page=3",
    "/pulls/comments": "sort=created&direction=asc&per_page=100&page=3",
    "/comments": "per_page=100&page=3",
    "/actions/runs": "per_page=100&page=3",
    "/deployments": "per_page=100&page=3",
    "/collaborators": "per_page=100&page=3",
    "/orgs/github/teams": "per_page=100&page=3",
    "/orgs/github/members": "per_page=100&page=3",
  });
});

test("a recorded list of several pages is read to its end", async (t) => {
  const pages = fixture("octokit-fixtures/paginate-issues.json");
  const client = await serve(t, (url, response) => {
    const page = pages[Number(url.searchParams.get("page")) - 1];
    json(response, page.status, page.response, { link: page.headers.link });
  });
  const { list } = plugin({ client }).resources.issue;
  const context = fakeContext({ scope: "octokit-fixture-org/paginate-issues" });
  const numbers: number[] = [];
  let next: string | null = null;
  do {
    const page: Awaited<ReturnType<NonNullable<typeof list>>> | undefined = await list?.(next, context);
    numbers.push(...(page?.items ?? []).map(({ number }) => number));
    next = page?.next ?? null;
  } while (next !== null);
  assert.deepEqual(numbers, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

test("a page without issues or with few is not the last one, a full one may be", async (t) => {
  const pull = issueOf({ pull_request: { url: "x" } });
  const client = await serve(t, (url, response) => {
    const page = Number(url.searchParams.get("page"));
    if (page === 1) json(response, 200, Array(100).fill(pull), nextPage(2));
    else if (page === 2) json(response, 200, [issueOf(), pull], nextPage(3));
    else json(response, 200, Array(100).fill(issueOf()));
  });
  const list = plugin({ client }).resources.issue.list;
  const read = async (page: string | null) => {
    const { items, next } = (await list?.(page, octocat)) ?? {};
    return [items?.length, next];
  };
  assert.deepEqual(
    [await read(null), await read("2"), await read("3")],
    [
      [0, "2"],
      [1, "3"],
      [100, null],
    ],
  );
});

test("about how many there are is what the number of the last page says; the last page itself says nothing", async (t) => {
  const last =
    '<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?per_page=100&page=34>; rel="last"';
  const client = await serve(t, (url, response) => {
    json(response, 200, [issueOf()], url.searchParams.get("page") === "1" ? { link: last } : {});
  });
  const { issue, label } = plugin({ client }).resources;
  assert.equal((await issue.list?.(null, octocat))?.total, 3_400);
  assert.equal((await label.list?.(null, octocat))?.total, 3_400, "of a list of refs, too");
  assert.equal("total" in ((await issue.list?.("34", octocat)) ?? {}), false);
});

test("lists whose items are not what fetch gives name refs, with versions where there are some", async (t) => {
  const client = await serve(t, (url, response) =>
    json(response, 200, example(url.pathname.endsWith("/pulls") ? "pulls__list.200" : "repos__list-branches.200")),
  );
  const { pull_request, branch } = plugin({ client }).resources;
  const [pull] = example("pulls__list.200");
  const version = Date.parse(pull.updated_at);
  assert.deepEqual(await pull_request.list?.(null, octocat), { refs: [{ id: "1347", version }], next: null });
  assert.deepEqual(await branch.list?.(null, octocat), { refs: [{ id: "master" }], next: null });
});

test("lists whose items are taken as they are have, by the published examples, what fetch gives", () => {
  const { resources } = plugin();
  const pairs = {
    issue_comment: [example("issues__get-comment.200"), example("issues__list-comments-for-repo.200")[0]],
    label: [example("issues__get-label.200"), example("issues__list-labels-for-repo.200")[0]],
    milestone: [example("issues__get-milestone.200"), example("issues__list-milestones.200")[0]],
    release: [example("repos__get-release.200"), example("repos__list-releases.200")[0]],
    tag: [example("git__get-ref.200"), example("git__list-matching-refs.200")[0]],
    review: [example("pulls__get-review.200"), example("pulls__list-reviews.200")[0]],
    review_comment: [example("pulls__get-review-comment.200"), example("pulls__list-review-comments-for-repo.200")[0]],
    commit_comment: [example("repos__get-commit-comment.200"), example("repos__list-commit-comments-for-repo.200")[0]],
    workflow_run: [
      example("actions__get-workflow-run.200"),
      example("actions__list-workflow-runs-for-repo.200").workflow_runs[0],
    ],
    deployment: [example("repos__get-deployment.200"), example("repos__list-deployments.200")[0]],
  };
  for (const [type, [fetched, listed]] of Object.entries(pairs)) {
    const { volatile = [] } = resources[type as keyof typeof pairs];
    const compared = (state: Json) =>
      Object.keys(state)
        .filter((key) => !volatile.includes(key))
        .sort();
    assert.deepEqual(compared(fetched), compared(listed), type);
  }
});

test("a date to begin with is for issues and comments alone", async (t) => {
  const since: Record<string, string | null> = {};
  const client = await serve(t, (url, response) => {
    since[url.pathname.split("/").slice(4).join("/")] = url.searchParams.get("since");
    json(response, 200, url.pathname === `/repos/${OCTOCAT}` ? one.repository[2] : []);
  });
  const { resources } = plugin({ client, backfill: new Date("2026-02-03T04:05:06.789Z") });
  for (const type of TYPES) await resources[type].list?.(null, octocat).catch(() => {});
  const date = "2026-02-03T04:05:06Z";
  const none = { "": null, pulls: null, labels: null, milestones: null, releases: null, branches: null };
  const rest = "git/matching-refs/tags comments actions/runs deployments collaborators".split(" ");
  const without = { ...none, ...Object.fromEntries(rest.map((path) => [path, null])) };
  assert.deepEqual(since, { ...without, issues: date, "issues/comments": date, "pulls/comments": date });
});

test("what GitHub's errors mean", async (t) => {
  let answer: [status: number, body: unknown, headers?: Json] = [200, {}];
  let calls = 0;
  const client = await serve(t, (_, response) => {
    calls++;
    json(response, ...answer);
  });
  const { resources, probe, feeds } = plugin({ client });
  const context = { ...octocat, now: () => 1_000_000 };
  const fetch = () => resources.issue.fetch("1", context);
  const limited = (ms: number) => (error: unknown) => error instanceof RetryLater && error.ms === ms;
  const rejects = async (given: typeof answer, expected: Parameters<typeof assert.rejects>[1]) => {
    answer = given;
    for (const read of [fetch, async () => resources.label.list?.(null, context)]) await assert.rejects(read, expected);
    await assert.rejects(async () => probe?.("issue", context), expected);
    await assert.rejects(async () => feeds?.["issues"]?.poll(null, context), expected);
  };

  answer = [404, { message: "Not Found" }];
  assert.equal(await fetch(), null);
  await assert.rejects(async () => probe?.("issue", context), AccessLost);
  await assert.rejects(async () => resources.issue.list?.(null, context), AccessLost);
  await assert.rejects(async () => feeds?.["issues"]?.poll(null, context), AccessLost);
  answer = [410, { message: "This issue was deleted" }];
  assert.equal(await fetch(), gone);
  await rejects([410, { message: "Issues are disabled for this repo" }], AccessLost);
  await rejects([410, { message: "Issues has been disabled in this repository." }], AccessLost);
  await rejects([451, { message: "Repository access blocked" }], Hidden);
  await rejects([401, { message: "Bad credentials" }], AccessLost);
  const permission = { "x-accepted-github-permissions": "issues=read" };
  await rejects(
    [403, { message: "Resource not accessible by integration" }, permission],
    (error: Error) => error instanceof AccessLost && /issues=read/.test(error.message),
  );
  const remaining = { "x-ratelimit-remaining": "0" };
  const message = "API rate limit exceeded";
  await rejects([403, { message }, { ...remaining, "x-ratelimit-reset": "1090" }], limited(90_000));
  await rejects([429, { message }, { ...remaining, "x-ratelimit-reset": "1090" }], limited(90_000));
  await rejects([403, { message }, { ...remaining, "x-ratelimit-reset": "900" }], limited(1_000));
  await rejects([403, { message }, remaining], limited(60_000));
  await rejects([403, { message: "x" }, { "retry-after": "7", ...remaining }], limited(7_000));
  await rejects([429, { message: "x" }, { "retry-after": "0" }], limited(1_000));
  await rejects([429, { message: "x" }, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }], limited(60_000));
  await rejects([403, { message: "You have exceeded a secondary rate limit." }], limited(60_000));
  await rejects([429, "too fast"], limited(60_000));
  const before = calls;
  for (const status of [400, 422, 500, 502, 503]) await rejects([status, { message: "oops" }], { status });
  assert.equal(calls - before, 20, "the engine repeats, not the plugin");
});

test("a connection that breaks is tried once more, and no more", async (t) => {
  let broken = 1;
  let calls = 0;
  const client = await serve(t, (_, response, request) => {
    calls++;
    if (broken-- > 0) request.socket.destroy();
    else json(response, 200, issueOf());
  });
  const { fetch } = plugin({ client }).resources.issue;
  assert.deepEqual(await fetch("1347", octocat), issueOf());
  assert.equal(calls, 2);
  broken = 9;
  await assert.rejects(() => fetch("1347", octocat), { status: 500 });
  assert.equal(calls, 4);
});

test("a read ends when it is told to", { timeout: 5_000 }, async (t) => {
  const stop = new AbortController();
  const client = await serve(t, () => stop.abort(new Error("too long")));
  const { fetch } = plugin({ client }).resources.issue;
  await assert.rejects(() => fetch("1", { ...octocat, signal: stop.signal }));
  await assert.rejects(() => fetch("1", { ...octocat, signal: AbortSignal.abort(new Error("stopped")) }));
});

test("numbers beyond 2^53 become text", async (t) => {
  const url = `https://api.github.com/repos/${OCTOCAT}/x`;
  const body = `{"id":12345678901234567890,"number":1,"url":"${url}","pin":{"by":[98765432109876543210]}}`;
  const client = await serve(t, (request, response) =>
    json(response, 200, request.searchParams.has("page") ? `[${body}]` : body),
  );
  const { issue, issue_comment } = plugin({ client }).resources;
  const state = { id: "12345678901234567890", number: 1, url, pin: { by: ["98765432109876543210"] } };
  assert.deepEqual(await issue.fetch("1", octocat), state);
  assert.deepEqual(await issue_comment.fetch("12345678901234567890", octocat), state);
  assert.deepEqual((await issue.list?.(null, octocat))?.items, [state]);
});

/** What differs from read to read, or between the list and the fetch, and is no change. */
const noise: Record<string, Json> = {
  repository: { permissions: { admin: true }, temp_clone_token: "x" },
  issue: { closed_by: { login: "a" }, pinned_comment: {}, milestone: { ...one.milestone[2], open_issues: 77 } },
  pull_request: { mergeable: null, mergeable_state: "unknown", rebaseable: null, merge_commit_sha: "x" },
  issue_comment: { pin: { pinned_at: "x" } },
  release: { discussion_url: "x" },
  workflow_run: { referenced_workflows: [], previous_attempt_url: null },
};
/** What each list gives, where it is not beside what it lists. */
const lists: Record<string, unknown> = {
  branches: [{ name: "main", commit: one.branch[2]["commit"] }],
  "git/matching-refs/tags": [one.tag[2], { ref: "refs/tagsoup/x", url: one.tag[2]["url"] }],
  "actions/runs": { total_count: 1, workflow_runs: [one.workflow_run[2]] },
  collaborators: example("repos__list-collaborators.200"),
  teams: example("teams__list.200"),
  members: example("orgs__list-members.200"),
};

test("what differs on every read is recorded once; what is a change is recorded", async (t) => {
  const bodies = new Map<string, unknown>();
  const found = { ...lists };
  for (const type of TYPES) {
    const [, path, body] = one[type];
    bodies.set(path, body);
    const list = path.split("/").slice(1, -1).join("/");
    if (list !== "") found[list] ??= [body];
  }
  for (const [name, list] of Object.entries(found)) bodies.set(`/${name}`, list);
  const client = await serve(t, servePaths(bodies));
  const { feeds, ...provider } = plugin({ client, repos: [OCTOCAT], orgs: [ORG] });
  const resources = Object.fromEntries(
    Object.entries(provider.resources).map(([type, one]) => [type, { ...one, readLag: { fetch: 0, list: 0 } }]),
  );
  const sync = createSync({ providers: { github: { ...provider, resources } }, store: sqlite(":memory:") });
  t.after(() => sync.stop());
  const changes = async () => {
    const types: string[] = [];
    for await (const { type } of sync.changes({ follow: false })) types.push(type);
    return types.sort();
  };
  await sync.sweep();
  await sync.get("github.check_run", one.check_run[0], { scope: OCTOCAT, maxAge: 0 });
  await sync.drain();
  const all = TYPES.map((type) => `github.${type}`).sort();
  assert.deepEqual(await changes(), all);

  const read = async (more: Record<string, Json>) => {
    for (const type of TYPES) {
      const [id, path, body] = one[type];
      bodies.set(path, { ...body, ...more[type] });
      await sync.get(`github.${type}`, id, { scope: contextOf(type).scope, maxAge: 0 });
    }
  };
  await read(noise);
  assert.deepEqual(await changes(), all);
  await read(Object.fromEntries(TYPES.map((type) => [type, { ...noise[type], body: "new" }])));
  assert.deepEqual(await changes(), [...all, ...all].sort());
});

test("a client may be a function: each scope has its own, and one that has none is lost access", async (t) => {
  const paths: string[] = [];
  const client = await serve(t, (url, response) => {
    paths.push(url.pathname);
    json(response, 200, issueOf());
  });
  const asked: string[] = [];
  const failure = (status: number) =>
    Object.assign(new Error("no installation"), { status, response: { headers: {}, data: {} } });
  const { resources, probe, feeds } = plugin({
    client: async (scope: string) => {
      asked.push(scope);
      if (scope === "acme/gone") throw failure(404);
      if (scope === "acme/busy") throw failure(429);
      if (scope === "acme/broken") throw new Error("the database is away");
      return client;
    },
  });
  assert.ok(await resources.issue.fetch("1347", octocat));
  const at = (scope: string) => fakeContext({ scope });
  const reads = [
    (scope: string) => resources.issue.fetch("1", at(scope)),
    async (scope: string) => resources.issue.list?.(null, at(scope)),
    async (scope: string) => probe?.("issue", at(scope)),
    async (scope: string) => feeds?.["issues"]?.poll(null, at(scope)),
  ];
  for (const read of reads) {
    await assert.rejects(() => read("acme/gone"), AccessLost);
    await assert.rejects(() => read("acme/busy"), RetryLater);
    await assert.rejects(() => read("acme/broken"), /the database is away/);
  }
  assert.deepEqual([paths.length, asked[0]], [1, OCTOCAT]);
});

test("a token that an installation no longer gets is lost access, never a deletion", async (t) => {
  const client = await serve(t, (_, response) => json(response, 404, { message: "Not Found" }));
  // What Octokit's App authentication does before each request.
  client.hook.before("request", async () => {
    await fetchToken(client);
  });
  const { issue } = plugin({ client }).resources;
  await assert.rejects(() => issue.fetch("1", octocat), AccessLost);
});
async function fetchToken({ request }: Awaited<ReturnType<typeof serve>>) {
  const { url } = request.endpoint("POST /app/installations/1/access_tokens");
  const response = { url, status: 404 as const, headers: {}, data: {} };
  throw Object.assign(new Error("Not Found"), { status: 404, request: { url }, response });
}

test("everyone may read an organisation: what is in it is read before an absence is believed", async (t) => {
  let members = 200;
  const asked: string[] = [];
  const client = await serve(t, (url, response) => {
    asked.push(url.pathname);
    if (url.pathname.endsWith("/members")) json(response, members, []);
    else if (url.pathname === `/orgs/${ORG}`) json(response, 200, { login: "GitHub" });
    else json(response, 200, { login: "another" });
  });
  const { probe, resources } = plugin({ client, orgs: [ORG] });
  await probe?.("organization_member", orgContext);
  for (members of [404, 403]) {
    await assert.rejects(async () => probe?.("organization_member", orgContext), AccessLost);
  }
  await assert.rejects(async () => probe?.("team", fakeContext({ scope: "old" })), /old is now another/);
  asked.length = 0;
  await probe?.("team", octocat);
  await probe?.("issue", orgContext);
  for (const type of TYPES) {
    const { list } = resources[type];
    const page = await list?.(null, ORG_TYPES.includes(type) ? octocat : orgContext);
    if (page) assert.deepEqual(page, { items: [], next: null }, type);
  }
  assert.deepEqual(asked, [], "nothing of the other sort can be there");
});

test("whoever is no collaborator of a public repository is answered a permission, and is none", async (t) => {
  const client = await serve(t, (url, response) => {
    if (url.pathname.endsWith("/permission")) json(response, 200, { permission: "read", user: { login: "mona" } });
    else json(response, 404, { message: "Not Found" });
  });
  assert.equal(await plugin({ client }).resources.collaborator.fetch("mona", octocat), null);
});

test("a repository that nothing was pushed to has no tags", async (t) => {
  const client = await serve(t, (_, response) => json(response, 409, { message: "Git Repository is empty." }));
  const { tag } = plugin({ client }).resources;
  assert.equal(await tag.fetch("v1", octocat), null);
  assert.deepEqual(await tag.list?.(null, octocat), { items: [], next: null });
});

test("an owner may be called repositories", async (t) => {
  const asked: string[] = [];
  const url = "https://api.github.com/repos/repositories/7/issues/1";
  const client = await serve(t, (request, response) => {
    asked.push(request.pathname);
    json(response, 200, issueOf({ number: 1, url }));
  });
  const context = fakeContext({ scope: "repositories/7" });
  assert.ok(await plugin({ client }).resources.issue.fetch("1", context));
  assert.deepEqual(asked, ["/repos/repositories/7/issues/1"]);
});

test("a list of another repository is lost access, also if no redirect led there", async (t) => {
  const url = "https://api.github.com/repos/octocat/elsewhere/issues/1";
  const client = await serve(t, (_, response) => json(response, 200, [issueOf({ url })]));
  const { resources, feeds } = plugin({ client });
  await assert.rejects(async () => resources.issue.list?.(null, octocat), AccessLost);
  await assert.rejects(async () => feeds?.["issues"]?.poll(null, octocat), AccessLost);
});
