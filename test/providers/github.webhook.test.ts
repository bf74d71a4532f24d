/** Which requests are GitHub's, and where each event says to look. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, RetryLater, WebhookRejected } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import {
  bytesOf,
  deliver,
  fixture,
  GUID,
  HOME,
  type Json,
  payloads,
  plugin,
  receive,
  refOf,
  request,
  SECRET,
  sign,
} from "./github.kit.ts";
import { expected, OTHER } from "./github.payloads.ts";

const opened = bytesOf("webhooks/issues.opened.json");
test("each of the 135 recorded payloads is answered 202, and mapped to its refs or counted as ignored", async () => {
  assert.equal(payloads.length, 135);
  assert.deepEqual(
    Object.keys(expected).filter((name) => !payloads.includes(name)),
    [],
  );
  const seen = Object.values(expected).flatMap((refs) =>
    [...refs.matchAll(/@(\S+?)(?=,|$)/g)].map(([, scope]) => scope),
  );
  const repos = [HOME, ...seen.filter((scope) => scope?.includes("/"))];
  const orgs = ["Octocoders"];
  const outcomes: string[] = [];
  const sync = createSync({
    providers: { github: plugin({ repos, orgs }) },
    store: sqlite(":memory:"),
    observe: (event) => void (event.kind === "webhook" && outcomes.push(event.outcome)),
  });
  for (const name of payloads) {
    const body = bytesOf(`webhooks/${name}.json`);
    const [event = ""] = name.split(".");
    const hints = await deliver(body, event);
    assert.equal(hints.map(refOf).join(", "), expected[name] ?? "", name);
    const { action } = fixture(`webhooks/${name}.json`);
    const cause = { id: GUID, name: action === undefined ? event : `${event}.${action}` };
    for (const hint of hints) assert.deepEqual(hint.event, cause, name);

    const headers = {
      "x-hub-signature-256": sign(body),
      "x-github-event": event,
      "x-github-delivery": `${name}-delivery`,
    };
    const answer = await sync.webhook("github", new Request("http://x/", { method: "POST", body, headers }));
    assert.equal(answer.status, 202, name);
    assert.equal(outcomes.at(-1), expected[name] ? "accepted" : "ignored", name);
  }
  await sync.stop();
});

const url = (path: string) => `https://api.github.com/repos/${HOME}/${path}`;
const time = { updated_at: "2026-01-01T00:00:00Z" };
/** Any object that a payload may have. */
const parts: Json = {
  ref: "refs/heads/main",
  repository: { id: 1, full_name: HOME, ...time },
  issue: { number: 1, url: url("issues/1"), ...time },
  parent_issue: { number: 2, url: url("issues/2"), ...time },
  sub_issue: { number: 3, url: "https://api.github.com/repos/acme/lib/issues/3", ...time },
  blocked_issue: { number: 4, url: url("issues/4"), ...time },
  blocking_issue: { number: 5, url: url("issues/5"), ...time },
  comment: { id: 6, ...time },
  pull_request: { number: 7, ...time },
  label: { name: "bug" },
  milestone: { number: 8, ...time },
  release: { id: 9 },
  review: { id: 10, pull_request_url: url("pulls/7") },
  workflow_run: { id: 11, ...time },
  workflow_job: { id: 12, run_id: 11 },
  check_run: { id: 13 },
  deployment: { id: 14, ...time },
  member: { login: "mona" },
  membership: { user: { login: "mona" } },
  team: { slug: "core", name: "Core" },
  organization: { login: "acme" },
  repositories: [{ id: 15, full_name: "acme/lib" }],
  repositories_added: [{ id: 16, full_name: "acme/new" }],
  repositories_removed: [{ id: 17, full_name: "acme/old" }],
};

test("of all documented events just these say where to look, with each of their actions", async () => {
  const useful = new Map<string, string>();
  for (const { event, actions, payloadKeys } of fixture("_webhook-events.json")) {
    for (const action of Object.keys(actions)) {
      const keys: string[] = ["repository", ...payloadKeys];
      const body: Json = Object.fromEntries(keys.map((key) => [key, parts[key]]));
      if (action !== "(none)") body["action"] = action;
      if (event === "create" || event === "delete") Object.assign(body, { ref: "main", ref_type: "branch" });
      const types = (await deliver(body, event)).map(({ type }) => type);
      const milestones = types.includes("milestone") && event !== "milestone";
      const found = [...new Set(types.filter((type) => !milestones || type !== "milestone"))].join(" ");
      assert.equal(found, useful.get(event) ?? found, `${event}.${action}`);
      useful.set(event, found);
    }
  }
  assert.equal(useful.size, 75);
  assert.deepEqual(Object.fromEntries([...useful].filter(([, types]) => types !== "")), {
    branch_protection_rule: "branch",
    check_run: "check_run",
    commit_comment: "commit_comment",
    create: "branch",
    delete: "branch",
    deployment: "deployment",
    deployment_review: "workflow_run",
    deployment_status: "deployment",
    fork: "repository",
    installation: "repository",
    installation_repositories: "repository",
    issue_comment: "issue_comment issue",
    issue_dependencies: "issue",
    issues: "issue",
    label: "label",
    member: "collaborator",
    membership: "team collaborator",
    milestone: "milestone",
    organization: "organization_member",
    public: "repository",
    pull_request: "pull_request",
    pull_request_review: "review pull_request",
    pull_request_review_comment: "review_comment pull_request",
    pull_request_review_thread: "pull_request",
    push: "branch repository",
    release: "release",
    repository: "repository",
    star: "repository",
    sub_issues: "issue",
    team: "team collaborator",
    team_add: "team collaborator",
    workflow_job: "workflow_run",
    workflow_run: "workflow_run",
  });
});

/** The refs of a payload made here. */
const refs = async (event: string, body: Json, options = {}) =>
  (await deliver({ repository: parts["repository"], ...body }, event, plugin(options))).map(refOf);

test("a branch or a tag is looked at after a push, its creation and its deletion", async () => {
  const types = ["branch"];
  const zero = "0".repeat(40);
  assert.deepEqual(await refs("push", { ref: "refs/heads/fix/a", before: zero }, { types }), ["branch fix/a"]);
  assert.deepEqual(await refs("push", { ref: "refs/heads/fix/a", after: zero, deleted: true }, { types }), [
    "branch fix/a",
  ]);
  assert.deepEqual(await refs("push", { ref: "refs/tags/v1" }, { types }), []);
  assert.deepEqual(await refs("push", { ref: "refs/notes/v1" }), ["repository 1 v"]);
  const tags = { types: ["branch", "tag"] };
  assert.deepEqual(await refs("push", { ref: "refs/tags/v/1" }, tags), ["tag v/1"]);
  assert.deepEqual(await refs("create", { ref: "v/1", ref_type: "tag" }, tags), ["tag v/1"]);
  assert.deepEqual(await refs("delete", { ref: "v/1", ref_type: "tag" }, tags), ["tag v/1"]);
  assert.deepEqual(await refs("create", { ref: "fix/a", ref_type: "branch" }, { types }), ["branch fix/a"]);
  assert.deepEqual(await refs("delete", { ref: "fix/a", ref_type: "branch" }, { types }), ["branch fix/a"]);
  assert.deepEqual(await refs("delete", { ref: "v1", ref_type: "tag" }, { types }), []);
  assert.deepEqual(await refs("create", { ref: "repo", ref_type: "repository" }, { types }), []);
});

test("what changes its name is looked at under both", async () => {
  const label = { action: "edited", label: { name: "new" }, changes: { name: { from: "old" } } };
  assert.deepEqual(await refs("label", label), ["label new", "label old"]);
  const renamed = { action: "renamed", changes: { repository: { name: { from: "Old-World" } } } };
  assert.deepEqual(await refs("repository", renamed), ["repository 1 v", "repository 1 @Codertocat/Old-World"]);
  const owner = { from: { organization: { login: "acme" } } };
  assert.deepEqual(await refs("repository", { action: "transferred", changes: { owner } }), [
    "repository 1",
    "repository 1 @acme/Hello-World",
  ]);
});

test("an issue's comment on a pull request is one of the pull request", async () => {
  const issue = { number: 7, pull_request: { url: "x" }, ...time };
  assert.deepEqual(await refs("issue_comment", { action: "created", issue, comment: parts["comment"] }), [
    "issue_comment 6 v",
    "pull_request 7 v",
  ]);
});

test("a milestone is looked at when it counts anew, and only then", async () => {
  const milestone = { number: 8, ...time };
  const inIt = { number: 1, milestone, ...time };
  assert.deepEqual(await refs("issues", { action: "closed", issue: inIt }), ["issue 1 v", "milestone 8 v"]);
  assert.deepEqual(await refs("issues", { action: "labeled", issue: inIt }), ["issue 1 v"]);
  const left = { action: "demilestoned", issue: { ...inIt, milestone: null }, milestone };
  assert.deepEqual(await refs("issues", left), ["issue 1 v", "milestone 8 v"]);
  assert.deepEqual(await refs("pull_request", { action: "closed", pull_request: inIt }), [
    "pull_request 1 v",
    "milestone 8 v",
  ]);
  assert.deepEqual(await refs("pull_request", { action: "edited", pull_request: inIt }), ["pull_request 1 v"]);
});

test("the version is the time that the payload shows, also where a push writes it in seconds", async () => {
  const [hint] = await deliver({ repository: parts["repository"], issue: parts["issue"], action: "closed" }, "issues");
  assert.equal(hint?.version, Date.parse(time.updated_at));
  const repository = { id: 1, full_name: HOME, updated_at: "2019-05-15T15:20:41Z", pushed_at: 1_557_933_657 };
  const [, push] = await deliver({ repository, ref: "refs/tags/v1" }, "push");
  assert.equal(push?.version, 1_557_933_657_000);
});

test("issues that belong together are each looked at in their own repository", async () => {
  const both = { parent_issue: parts["parent_issue"], sub_issue: parts["sub_issue"] };
  assert.deepEqual(await refs("sub_issues", { action: "sub_issue_added", ...both }), [
    "issue 2 v",
    "issue 3 v @acme/lib",
  ]);
});

test("what came for one repository stays in it", async () => {
  const scope = OTHER;
  const transferred = bytesOf("webhooks/issues.transferred.json");
  const own = await receive(plugin({ repos: [OTHER] }), request(transferred, "issues", { scope }));
  assert.deepEqual(own.map(refOf), [`issue 1 @${OTHER}`]);
  await assert.rejects(() => receive(plugin(), request(opened, "issues", { scope })), WebhookRejected);
  const spelled = await receive(plugin(), request(opened, "issues", { scope: HOME.toLowerCase() }));
  assert.ok(spelled.length > 0 && spelled.every((hint) => hint.scope === HOME));
});

test("what belongs to an organisation is looked at there, what a team may do in its repository", async () => {
  const team = { slug: "core" };
  const organization = { login: "acme" };
  const given = { action: "added_to_repository", team, organization };
  assert.deepEqual(await refs("team", given), ["team core @acme", "collaborator"]);
  const renamed = { ...given, action: "edited", changes: { name: { from: "Kern" } } };
  assert.deepEqual((await deliver(renamed as Json, "team")).map(refOf), ["team core @acme", "team @acme"]);
  const orgs = ["ACME"];
  const [spelled] = await receive(plugin({ orgs }), request(JSON.stringify(given), "team", { scope: "acme" }));
  assert.equal(spelled?.scope, "ACME");
  const other = request(JSON.stringify(given), "team", { scope: "umbrella" });
  await assert.rejects(() => receive(plugin({ orgs }), other), WebhookRejected);
});

test("what an App gets or loses is looked at where it is, whatever is synchronized", async () => {
  const added = { action: "added", repositories_added: [{ id: 1, full_name: "acme/new" }], repositories_removed: [] };
  const removed = { action: "removed", repositories_removed: [{ id: 2, full_name: "acme/old" }] };
  const given = async (body: Json, options = {}) =>
    (await deliver(body, "installation_repositories", plugin(options))).map(refOf);
  assert.deepEqual(await given(added), ["repository 1 @acme/new"]);
  assert.deepEqual(await given(removed), ["repository 2 @acme/old"]);
  assert.deepEqual(await given(added, { types: ["team", "issue"] }), ["issue @acme/new"]);
  assert.deepEqual(await given(added, { types: ["team"] }), []);
});

test("after an installation changed the application is asked for its repositories anew", async () => {
  let names = ["acme/app"];
  const provider = plugin({ repos: () => names });
  const issue = { repository: { id: 1, full_name: "Acme/Lib" }, issue: { number: 1 }, action: "opened" };
  await deliver(issue, "issues", provider);
  names = ["acme/app", "acme/lib"];
  const scopeOf = async () => (await deliver(issue, "issues", provider))[0]?.scope;
  assert.equal(await scopeOf(), "Acme/Lib", "nobody asked again");
  await deliver({ action: "added", repositories_added: [{ id: 1, full_name: "Acme/Lib" }] }, "installation", provider);
  assert.equal(await scopeOf(), "acme/lib");
});

test("published signature vectors hold", async () => {
  const { vectors } = fixture("_signature-vectors.json");
  assert.equal(vectors.length, 2);
  for (const vector of vectors) {
    const provider = plugin({ webhookSecret: vector.secret });
    const given = (signature: string) => receive(provider, request(vector.payload, "ping", { signature }));
    assert.deepEqual(await given(vector["x-hub-signature-256"]), [], vector.name);
    await assert.rejects(() => given(sign(vector.payload, "another")), WebhookRejected, vector.name);
  }
});

test("a bad signature is rejected whatever is wrong with it", async () => {
  const good = sign(opened);
  const provider = plugin({ webhookSecret: ["new", SECRET] });
  const given = (signature: string | null, body: Uint8Array | string = opened) =>
    receive(provider, request(body, "issues", { signature }));
  assert.ok((await given(good)).length > 0);
  assert.ok((await given(sign(opened, "new"))).length > 0);
  const cut = [null, "", "sha256=", good.slice(0, -1), good.slice(0, -2), `${good}0`, `${good} `, good.slice(7)];
  const other = [
    good.toUpperCase(),
    `sha256=${good.slice(7).toUpperCase()}`,
    `sha1=${good.slice(7)}`,
    `SHA256=${good.slice(7)}`,
  ];
  const foreign = [sign(opened, "old"), sign(opened, ""), sign(""), `${good}, ${good}`, `${good},${good}`, ` ${good}`];
  for (const signature of [...cut, ...other, ...foreign]) {
    await assert.rejects(() => given(signature), WebhookRejected, String(signature));
  }
  const parsed = JSON.parse(opened.toString());
  for (const body of [JSON.stringify(parsed, null, 3), `${opened} `, opened.subarray(0, -1), ""]) {
    await assert.rejects(() => given(good, body), WebhookRejected);
  }
});

test("secrets may come from a function, for each scope anew; one that fails has the sender try again", async () => {
  const asked: (string | undefined)[] = [];
  const webhookSecret = async (scope?: string) => {
    asked.push(scope);
    return [SECRET];
  };
  await receive(plugin({ webhookSecret }), request(opened, "issues", { scope: HOME }));
  await receive(plugin({ webhookSecret }), request(opened, "issues"));
  assert.deepEqual(asked, [HOME, undefined]);
  const empty = () => "";
  const signature = sign(opened, "");
  await assert.rejects(
    () => receive(plugin({ webhookSecret: empty }), request(opened, "issues", { signature })),
    RetryLater,
  );
});

test("a hook that sends a form is understood", async () => {
  const body = new URLSearchParams({ payload: opened.toString() }).toString();
  assert.deepEqual((await deliver(body, "issues")).map(refOf), ["issue 1 v, milestone 1 v".split(", ")].flat());
});

test("signed, but unreadable: an error that is no rejection", async () => {
  for (const body of ["", "{", "[]", '"x"', '{"repository":7}', '{"repository":{"full_name":7}}', "payload=%7B"]) {
    await assert.rejects(
      () => deliver(body, "issues"),
      (error: Error) => ["SyntaxError", "ZodError"].includes(error.constructor.name),
      body,
    );
  }
});

test("an event that is not ours is not even read, whatever it calls itself", async () => {
  for (const event of ["ping", "gollum", "", "toString", "__proto__"]) {
    assert.deepEqual(await deliver("no JSON", event), [], event);
  }
  assert.deepEqual(await deliver({ action: "opened" }, "issues"), [], "no repository: of an organisation or an app");
  assert.deepEqual(await refs("issues", { action: "opened" }), []);
});

test("a delivery id that is no GUID is no key to repeats", async () => {
  for (const delivery of ["7", "", null, "issues.opened-delivery"]) {
    const hints = await receive(plugin(), request(opened, "issues", { delivery }));
    assert.ok(hints.length > 0 && hints.every((hint) => hint.event === undefined), String(delivery));
  }
});
