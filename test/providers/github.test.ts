import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { AccessLost, createSync, gone, Hidden, RetryLater, WebhookRejected } from "tidemark";
import { github } from "tidemark/github";
import { sqlite } from "tidemark/sqlite";
import { fakeContext } from "./context.ts";

const at = (path: string) => new URL(`../fixtures/github/${path}`, import.meta.url);
const read = (path: string) => readFileSync(at(path));
const rest = (name: string) => JSON.parse(read(`rest/${name}.json`).toString());
const secret = "It's a Secret to Everybody";
const client = new Octokit();
const sign = (body: string | Uint8Array, key = secret) =>
  `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
const guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
const HOME = "Codertocat/Hello-World";
const plugin = (options = {}) => github({ client, webhookSecret: secret, repos: [HOME], ...options });

function request(body: Uint8Array | string, event: string, signature: string | null = sign(body), scope?: string) {
  const headers: Record<string, string | null> = {
    "x-hub-signature-256": signature,
    "x-github-event": event,
    "x-github-delivery": guid,
  };
  const bytes = Buffer.from(body);
  const get = (name: string) => headers[name] ?? null;
  return { method: "POST", url: "/", body: bytes, now: 0, headers: { get }, ...(scope !== undefined && { scope }) };
}
const deliver = async (body: Uint8Array | string, event: string, provider = plugin()) => {
  const hints = (await provider.webhook?.(request(body, event))) ?? [];
  assert.ok(Array.isArray(hints));
  return hints;
};

/** Where each payload says to look; `v`: with the version that it shows. What is not here is of no use. */
const expected: Record<string, string> = {
  fork: "repository 186853002",
  "issue_comment.created": "issue_comment 492700400 v, issue 1",
  "issue_comment.deleted": "issue_comment 492700400, issue 1",
  "issue_comment.edited": "issue_comment 492700400 v, issue 1",
  "issues.deleted": "issue 1, milestone 1",
  "issues.demilestoned": "pull_request 2 v, milestone 1",
  "issues.milestoned": "pull_request 2 v, milestone 1",
  "issues.transferred": "issue 1 @octo-org/octo-repo, issue 1 v",
  ...each("issues", "issue 1 v, milestone 1", "assigned edited labeled opened reopened unassigned"),
  ...each("issues", "issue 1 v", "locked pinned unlabeled unlocked unpinned"),
  ...each("label", "label :bug: Bugfix", "created deleted edited"),
  ...each("milestone", "milestone 1 v", "closed created"),
  "milestone.deleted": "milestone 1",
  public: "repository 186853002",
  ...each(
    "pull_request",
    "pull_request 2 v",
    "assigned closed converted_to_draft labeled locked opened ready_for_review",
  ),
  ...each(
    "pull_request",
    "pull_request 2 v",
    "reopened review_request_removed review_requested synchronize unassigned unlabeled unlocked",
  ),
  ...each("pull_request_review", "pull_request 2", "dismissed submitted"),
  ...each("pull_request_review_comment", "pull_request 2", "created deleted edited"),
  "pull_request_review_thread.resolved": "pull_request 118 @octo-org/octo-repo",
  "pull_request_review_thread.unresolved": "pull_request 2",
  ...each("push", "repository 186853002", "created deleted"),
  ...each("release", "release 17372790", "created deleted edited prereleased published released"),
  ...each("repository", "repository 186853261 @Octocoders/Hello-World", "created edited renamed transferred"),
  ...each("repository", "repository 186853002", "privatized publicized"),
  ...each("star", "repository 186853002", "created deleted"),
};
function each(event: string, refs: string, actions: string): Record<string, string> {
  return Object.fromEntries(actions.split(" ").map((action) => [`${event}.${action}`, refs]));
}

test("each of the 135 recorded payloads is answered 202, and mapped to its refs or counted as ignored", async () => {
  const files = readdirSync(at("webhooks"));
  assert.equal(files.length, 135);
  const repos = [HOME, "octo-org/octo-repo", "Octocoders/Hello-World"];
  const outcomes: string[] = [];
  const sync = createSync({
    providers: { github: plugin({ repos }) },
    store: sqlite(":memory:"),
    observe: (event) => void (event.kind === "webhook" && outcomes.push(event.outcome)),
  });
  for (const file of files) {
    const name = file.replace(".json", "");
    const body = read(`webhooks/${file}`);
    const [event = ""] = name.split(".");
    const hints = await deliver(body, event);
    const refs = hints.map(({ type, id, version, scope }) => {
      return `${type} ${id}${version === undefined ? "" : " v"}${scope === HOME ? "" : ` @${scope}`}`;
    });
    assert.equal(refs.join(", "), expected[name] ?? "", name);
    for (const hint of hints) assert.equal(hint.event?.id, guid);

    const headers = {
      "x-hub-signature-256": sign(body),
      "x-github-event": event,
      "x-github-delivery": `${file}-delivery`,
    };
    const answer = await sync.webhook("github", new Request("http://x/", { method: "POST", body, headers }));
    assert.equal(answer.status, 202, name);
    assert.equal(outcomes.at(-1), expected[name] ? "accepted" : "ignored", name);
  }
  await sync.stop();
});

test("a branch is looked at after a push, its creation and its deletion, and so is a label's old name", async () => {
  const repository = { id: 1, full_name: HOME };
  const zero = "0".repeat(40);
  const provider = plugin({ types: ["branch", "label"] });
  const refs = async (event: string, body: object) =>
    (await deliver(JSON.stringify({ repository, ...body }), event, provider)).map(({ type, id }) => `${type} ${id}`);
  assert.deepEqual(await refs("push", { ref: "refs/heads/fix/a", before: zero }), ["branch fix/a"]);
  assert.deepEqual(await refs("push", { ref: "refs/tags/v1" }), []);
  assert.deepEqual(await refs("create", { ref: "fix/a", ref_type: "branch" }), ["branch fix/a"]);
  assert.deepEqual(await refs("delete", { ref: "v1", ref_type: "tag" }), []);
  const label = { action: "edited", label: { name: "new" }, changes: { name: { from: "old" } } };
  assert.deepEqual(await refs("label", label), ["label new", "label old"]);
});

test("published signature vectors hold", async () => {
  for (const vector of JSON.parse(read("_signature-vectors.json").toString()).vectors) {
    const provider = plugin({ webhookSecret: vector.secret });
    const outcome = async () => provider.webhook?.(request(vector.payload, "issues", vector["x-hub-signature-256"]));
    await outcome().catch((error: Error) => assert.ok(!(error instanceof WebhookRejected), vector.name));
  }
});

test("a bad signature is rejected whatever is wrong with it", async () => {
  const body = read("webhooks/issues.opened.json");
  const good = sign(body);
  const provider = plugin({ webhookSecret: ["new", secret] });
  assert.ok(await provider.webhook?.(request(body, "issues", good)));
  assert.ok(await provider.webhook?.(request(body, "issues", sign(body, "new"))));
  const bad = [
    null,
    "",
    "sha256=",
    good.slice(0, -1),
    `${good}0`,
    good.toUpperCase(),
    good.slice(7),
    `sha1=${good.slice(7)}`,
    sign(body, "old"),
    `${good}, ${good}`,
  ];
  for (const signature of bad) {
    await assert.rejects(
      async () => provider.webhook?.(request(body, "issues", signature)),
      WebhookRejected,
      String(signature),
    );
  }
  const again = JSON.stringify(JSON.parse(body.toString()), null, 3);
  await assert.rejects(
    async () => provider.webhook?.(request(again, "issues", good)),
    WebhookRejected,
    "re-serialised",
  );
});

test("a delivery of another repository than the request is for is rejected", async () => {
  const body = read("webhooks/issues.opened.json");
  await assert.rejects(
    async () => plugin().webhook?.(request(body, "issues", sign(body), "other/repo")),
    WebhookRejected,
  );
  assert.ok(await plugin().webhook?.(request(body, "issues", sign(body), HOME)));
});

test("a repository is found however the application spells its name", async () => {
  const hints = await deliver(read("webhooks/issues.opened.json"), "issues", plugin({ repos: [HOME.toUpperCase()] }));
  assert.equal(hints[0]?.scope, HOME.toUpperCase());
});

test("a delivery id that is no GUID is no key to repeats", async () => {
  const body = read("webhooks/issues.opened.json");
  const headers: Record<string, string> = {
    "x-hub-signature-256": sign(body),
    "x-github-event": "issues",
    "x-github-delivery": "7",
  };
  const hints = await plugin().webhook?.({
    ...request(body, "issues"),
    headers: { get: (name) => headers[name] ?? null },
  });
  assert.ok(Array.isArray(hints) && hints.length > 0 && hints.every((hint) => hint.event === undefined));
});

test("a wrong option fails at once and says what to write", () => {
  for (const webhookSecret of ["", " ", [], undefined]) assert.throws(() => plugin({ webhookSecret }), /webhookSecret/);
  assert.throws(() => plugin({ client: {} }), /new Octokit/);
  assert.throws(() => plugin({ repos: ["hello"] }), /"owner\/name"/);
  assert.throws(() => plugin({ types: ["issues"] }), /there is no "issues"; there are: repository/);
});

// -- Against a server ---------------------------------------------------------------------------------------------------

type Route = (url: URL, response: ServerResponse, request: IncomingMessage) => void;
async function serve(t: { after(run: () => unknown): void }, route: Route) {
  const server = createServer((req, res) => route(new URL(req.url ?? "/", "http://x"), res, req));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  return new Octokit({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log });
}
const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  void response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));
const octocat = fakeContext({ scope: "octocat/Hello-World" });

test("every type is fetched as what it is", async (t) => {
  const issue = {
    ...rest("issues__list-for-repo.200")[0],
    pull_request: undefined,
    repository_url: "https://api.github.com/repos/octocat/Hello-World",
  };
  const samples: Record<string, unknown> = {
    "": rest("repos__get.200.default-response"),
    "/issues/1347": issue,
    "/pulls/1347": rest("pulls__get.200"),
    "/issues/comments/1": {
      ...rest("issues__get-comment.200"),
      issue_url: "https://api.github.com/repos/octocat/Hello-World/issues/1",
    },
    "/labels/bug": rest("issues__get-label.200"),
    "/milestones/1": rest("issues__get-milestone.200"),
    "/releases/1": rest("repos__get-release.200"),
    "/branches/main": { ...rest("repos__get-branch.200"), name: "main" },
  };
  const local = await serve(t, (url, response, request) => {
    assert.equal(request.headers["x-github-api-version"], "2022-11-28");
    const found = samples[url.pathname.replace("/repos/octocat/Hello-World", "")];
    json(response, found ? 200 : 404, found ?? { message: "Not Found" });
  });
  const { resources } = plugin({ client: local });
  const ids = {
    repository: "1296269",
    issue: "1347",
    pull_request: "1347",
    issue_comment: "1",
    label: "bug",
    milestone: "1",
    release: "1",
    branch: "main",
  };
  for (const [type, id] of Object.entries(ids)) {
    const resource = resources[type as keyof typeof resources];
    const state = await resource.fetch(id, octocat);
    assert.ok(state !== null && state !== gone, type);
    assert.equal(resource.id(state as never), id, type);
    assert.equal(
      await resource.fetch("404", octocat).catch((error: Error) => error.name),
      type === "repository" ? "TypeError" : null,
      type,
    );
  }
});

test("a pull request is no issue, though the issues API answers for it", async (t) => {
  const issue = {
    ...rest("issues__list-for-repo.200")[0],
    repository_url: "https://x/repos/octocat/Hello-World",
    pull_request: {},
  };
  const local = await serve(t, (url, response) => {
    if (url.pathname.endsWith("/issues"))
      json(
        response,
        200,
        url.searchParams.get("page") === "1"
          ? Array(100).fill(issue)
          : [{ ...issue, number: 7, pull_request: undefined }],
      );
    else json(response, 200, issue);
  });
  const { issue: resource } = plugin({ client: local }).resources;
  assert.equal(await resource.fetch(String(issue.number), octocat), gone);
  const first = await resource.list?.(null, octocat);
  assert.deepEqual([first?.items, first?.next], [[], "2"]);
  const second = await resource.list?.("2", octocat);
  assert.deepEqual([second?.items?.length, second?.next], [1, null]);
});

test("lists whose items are not what fetch gives name refs, with versions where there are some", async (t) => {
  const local = await serve(t, (url, response) =>
    json(response, 200, url.pathname.endsWith("/pulls") ? rest("pulls__list.200") : rest("repos__list-branches.200")),
  );
  const { pull_request, branch } = plugin({ client: local }).resources;
  const [pull] = rest("pulls__list.200");
  assert.deepEqual((await pull_request.list?.(null, octocat))?.refs, [
    { id: String(pull.number), version: Date.parse(pull.updated_at) },
  ]);
  assert.deepEqual((await branch.list?.(null, octocat))?.refs, [{ id: "master" }]);
});

test("what moved to another repository is not found here, and a renamed repository is lost access, not a deletion", async (t) => {
  const issue = {
    ...rest("issues__list-for-repo.200")[0],
    number: 1,
    pull_request: undefined,
    repository_url: "https://x/repos/octocat/new-name",
  };
  const local = await serve(t, (url, response) => {
    if (url.pathname === "/repos/octocat/Hello-World/issues/1")
      json(response, 301, {}, { location: "/repositories/1/issues/1" });
    else if (url.pathname === "/repositories/1/issues/1") json(response, 200, issue);
    else json(response, 200, { id: 1, full_name: "octocat/new-name" });
  });
  const provider = plugin({ client: local });
  assert.equal(await provider.resources.issue.fetch("1", octocat), null);
  await assert.rejects(
    async () => provider.probe?.("issue", octocat),
    (error: Error) => error instanceof AccessLost && /octocat\/new-name/.test(error.message),
  );
});

test("what GitHub's errors mean", async (t) => {
  let answer: [status: number, body: unknown, headers?: object] = [200, {}];
  const local = await serve(t, (_, response) => json(response, ...answer));
  const { fetch } = plugin({ client: local }).resources.issue;
  const get = () => fetch("1", { ...octocat, now: () => 1_000_000 });
  const limited = (ms: number) => (error: unknown) => error instanceof RetryLater && error.ms === ms;

  answer = [404, { message: "Not Found" }];
  assert.equal(await get(), null);
  answer = [410, { message: "This issue was deleted" }];
  assert.equal(await get(), gone);
  answer = [410, { message: "Issues are disabled for this repo" }];
  await assert.rejects(get, AccessLost);
  answer = [451, { message: "Repository access blocked" }];
  await assert.rejects(get, Hidden);
  answer = [401, { message: "Bad credentials" }];
  await assert.rejects(get, AccessLost);
  answer = [403, { message: "Resource not accessible" }, { "x-accepted-github-permissions": "issues=read" }];
  await assert.rejects(get, (error: Error) => error instanceof AccessLost && /issues=read/.test(error.message));
  answer = [403, { message: "API rate limit exceeded" }, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1090" }];
  await assert.rejects(get, limited(90_000));
  answer = [429, { message: "secondary" }, { "retry-after": "7" }];
  await assert.rejects(get, limited(7_000));
  answer = [403, { message: "You have exceeded a secondary rate limit" }];
  await assert.rejects(get, limited(60_000));
  answer = [500, { message: "oops" }];
  await assert.rejects(get, { status: 500 });
});

test("a broken connection is tried once more, and numbers beyond 2^53 become text", async (t) => {
  let calls = 0;
  const local = await serve(t, (_, response, request) => {
    if (++calls === 1) request.socket.destroy();
    else json(response, 200, '{"number":1,"node":12345678901234567890}');
  });
  const state = await plugin({ client: local }).resources.issue.fetch("1", octocat);
  assert.deepEqual(state, { number: 1, node: "12345678901234567890" });
});

test("a feed reads first pages from the last time on, and passes a second that fills a page", async (t) => {
  const asked: string[] = [];
  const item = (number: number, second: number) => ({
    id: number,
    number,
    updated_at: `2026-01-01T00:01:${String(second).padStart(2, "0")}Z`,
  });
  const all = [
    ...Array.from({ length: 60 }, (_, i) => item(i, 1)),
    ...Array.from({ length: 150 }, (_, i) => item(100 + i, 5)),
    item(999, 9),
  ];
  const local = await serve(t, (url, response) => {
    const { since, page } = Object.fromEntries(url.searchParams);
    asked.push(`${since?.slice(17, 19)} ${page}`);
    const rows = all
      .filter(({ updated_at }) => updated_at >= (since ?? ""))
      .slice((Number(page) - 1) * 100, Number(page) * 100);
    json(response, 200, rows);
  });
  const poll = plugin({ client: local }).feeds?.["issues"]?.poll;
  const { hints = [], cursor = null } =
    (await poll?.(JSON.stringify({ since: "2026-01-01T00:01:00Z" }), octocat)) ?? {};
  assert.equal(new Set(hints.map(({ id }) => id)).size, 211);
  assert.deepEqual(asked, ["00 1", "05 1", "05 2"]);
  assert.equal(cursor, JSON.stringify({ since: "2026-01-01T00:01:09Z" }));
  assert.ok(hints.every(({ type, version }) => type === "issue" && version !== undefined));
});
