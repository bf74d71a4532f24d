/** The whole way with the real client against an emulated GitHub that keeps state and sends signed webhooks. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { createEmulator } from "emulate";
import { AccessLost, createSync, type EngineEvent } from "tidemark";
import { github } from "tidemark/github";
import { sqlite } from "tidemark/sqlite";
import { systemTime } from "../../src/time.ts";
import { fakeContext } from "./context.ts";
import { SECRET, sign } from "./github.kit.ts";

const repo = { owner: "acme", repo: "shop" };
const SCOPE = "acme/shop";
/** It has no list of all comments of a repository, so those are asked for one by one. */
const types = ["repository", "issue", "pull_request", "label", "milestone", "release", "branch"] as const;
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** What came over the network, by name; it comes some time after what it tells of was answered. */
class Heard {
  readonly #names = new Map<string, PromiseWithResolvers<void>>();
  #of(name: string): PromiseWithResolvers<void> {
    const one = this.#names.get(name) ?? Promise.withResolvers<void>();
    this.#names.set(name, one);
    return one;
  }
  tell(name: string): void {
    this.#of(name).resolve();
  }
  /** Resolves when each of these has come and was answered. */
  async all(names: string): Promise<void> {
    await Promise.all(names.split(" ").map((name) => this.#of(name).promise));
  }
}

/** An emulated GitHub, and an engine that it sends its webhooks to. `lose`: they are lost on the way. */
async function world(t: { after(run: () => unknown): void }, repos: () => string[] = () => [SCOPE]) {
  const clock = { ahead: 0 };
  const time = { ...systemTime, now: () => systemTime.now() + clock.ahead };
  const network = { lose: false };
  const heard = new Heard();
  const events: EngineEvent[] = [];
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    if (!network.lose) {
      const answer = await sync.webhook("github", new Request("http://x/", { method: "POST", headers, body }));
      assert.equal(answer.status, 202);
    }
    response.writeHead(network.lose ? 500 : 202).end();
    const { action } = JSON.parse(body.toString());
    const event = headers.get("x-github-event");
    heard.tell(action === undefined ? `${event}` : `${event}.${action}`);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const seed = {
    users: [{ login: "acme", name: "Acme" }],
    repos: ["shop", "site"].map((name) => ({ owner: "acme", name })),
  };
  const emulator = await createEmulator({ service: "github", port: 0, seed: { github: seed } });
  const client = new Octokit({ baseUrl: emulator.url.replace("localhost", "127.0.0.1"), auth: "acme", log });
  const provider = github({ client, webhookSecret: SECRET, repos, types: [...types, "issue_comment"] });
  // What answers from one memory does not lag; and it raises a milestone's time whenever that is read.
  const resources = Object.fromEntries(
    Object.entries(provider.resources).map(([type, { list, ...resource }]) => {
      const volatile = type === "milestone" ? ["updated_at"] : (resource.volatile ?? []);
      const one = { ...resource, volatile, readLag: { fetch: 0, list: 0 } };
      return [type, list && type !== "issue_comment" ? { ...one, list } : one];
    }),
  );
  const { issues } = provider.feeds ?? {};
  assert.ok(issues);
  const sync = createSync({
    providers: { github: { ...provider, resources, feeds: { issues } } },
    store: sqlite(":memory:", { time }),
    time,
    observe: (event) => void events.push(event),
  });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await client.repos.createWebhook({ ...repo, events: ["*"], config: { url, content_type: "json", secret: SECRET } });
  t.after(async () => {
    await sync.stop();
    await emulator.close();
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });
  return { client, sync, network, heard, events, provider, clock };
}

type World = Awaited<ReturnType<typeof world>>;

/** The changes of one resource. */
async function changesOf({ sync }: World, type: string, id: string | number) {
  const found = [];
  for await (const change of sync.changes({ follow: false })) {
    if (change.type === `github.${type}` && change.id === String(id)) found.push(change);
  }
  return found;
}

/** A state less what is not compared: when a milestone was last read here, and what it counts in each of its issues. */
function compared(type: string, state: object): unknown {
  const plain = JSON.parse(JSON.stringify(state));
  if (type === "github.milestone") delete plain.updated_at;
  return { ...plain, ...(plain.milestone && { milestone: plain.milestone.number }) };
}

/** What the log says there is, and what there is. */
async function bothSides({ sync, client }: World) {
  const known = new Map<string, unknown>();
  for await (const { type, id, after } of sync.changes({ follow: false })) {
    if (after === null) known.delete(`${type} ${id}`);
    else known.set(`${type} ${id}`, compared(type, after));
  }
  const truth = new Map<string, unknown>();
  const add = (type: string, id: string | number, state: object) => {
    truth.set(`github.${type} ${id}`, compared(`github.${type}`, state));
  };
  const all = { ...repo, state: "all", per_page: 100 } as const;
  const home = (await client.repos.get(repo)).data;
  add("repository", home.id, home);
  for (const issue of (await client.issues.listForRepo(all)).data)
    if (!issue.pull_request) add("issue", issue.number, issue);
  for (const { number } of (await client.pulls.list(all)).data) {
    add("pull_request", number, (await client.pulls.get({ ...repo, pull_number: number })).data);
  }
  for (const label of (await client.issues.listLabelsForRepo(repo)).data) add("label", label.name, label);
  for (const milestone of (await client.issues.listMilestones(all)).data) add("milestone", milestone.number, milestone);
  for (const release of (await client.repos.listReleases(repo)).data) add("release", release.id, release);
  for (const { name } of (await client.repos.listBranches(repo)).data) {
    add("branch", name, (await client.repos.getBranch({ ...repo, branch: name })).data);
  }
  return { known, truth };
}

/** Some of everything. */
async function populate({ client, heard }: World) {
  const milestone = (await client.issues.createMilestone({ ...repo, title: "one" })).data;
  const issue = (await client.issues.create({ ...repo, title: "first", milestone: milestone.number })).data;
  const comment = (await client.issues.createComment({ ...repo, issue_number: issue.number, body: "hello" })).data;
  const label = (await client.issues.createLabel({ ...repo, name: "kind/bug", color: "ff0000" })).data;
  const release = (await client.repos.createRelease({ ...repo, tag_name: "v1", name: "One" })).data;
  const { sha } = (await client.git.getRef({ ...repo, ref: "heads/main" })).data.object;
  await client.git.createRef({ ...repo, ref: "refs/heads/fix/a", sha });
  const pull = (await client.pulls.create({ ...repo, title: "fix", head: "fix/a", base: "main" })).data;
  await heard.all("milestone.created issues.opened issue_comment.created label.created release.published");
  await heard.all("create pull_request.opened");
  return { milestone, issue, comment, label, release, pull };
}

test("what webhooks tell is fetched and recorded: created, updated, deleted", { timeout: 30_000 }, async (t) => {
  const here = await world(t);
  const { client, sync, heard, events } = here;
  await sync.drain();
  const { issue, comment, label, release, pull } = await populate(here);
  await sync.drain();
  await client.issues.update({ ...repo, issue_number: issue.number, state: "closed" });
  await client.issues.updateComment({ ...repo, comment_id: comment.id, body: "hello again" });
  await client.issues.updateLabel({ ...repo, name: label.name, new_name: "kind/fault" });
  await client.pulls.update({ ...repo, pull_number: pull.number, title: "fix it" });
  await heard.all("issues.closed issue_comment.edited label.edited pull_request.edited");
  await sync.drain();
  await client.issues.deleteComment({ ...repo, comment_id: comment.id });
  await client.issues.deleteLabel({ ...repo, name: "kind/fault" });
  await client.repos.deleteRelease({ ...repo, release_id: release.id });
  await heard.all("issue_comment.deleted label.deleted");
  await sync.drain();

  const states = async (type: string, id: string | number, field: string) =>
    (await changesOf(here, type, id)).map(({ after }) => (after as Record<string, unknown> | null)?.[field] ?? null);
  assert.deepEqual((await states("issue", issue.number, "state")).slice(-1), ["closed"]);
  assert.deepEqual(await states("issue_comment", comment.id, "body"), ["hello", "hello again", null]);
  assert.deepEqual(await states("label", "kind/fault", "name"), ["kind/fault", null]);
  assert.deepEqual((await states("pull_request", pull.number, "title")).slice(-1), ["fix it"]);
  for (const { via } of await changesOf(here, "issue_comment", comment.id)) assert.equal(via, "webhook");
  // It does not tell a label's old name and that a release was deleted, as GitHub does.
  await sync.sweep();
  await sync.drain();
  assert.deepEqual(await states("label", "kind/bug", "name"), ["kind/bug", null]);
  assert.deepEqual(await states("release", release.id, "name"), ["One", null]);
  const { known, truth } = await bothSides(here);
  assert.ok(truth.size >= 6);
  assert.deepEqual(known, truth);
  assert.deepEqual(
    events.filter(({ kind }) => kind === "failed"),
    [],
  );
});

test("with every webhook lost the sweep finds it all, deletions too", { timeout: 30_000 }, async (t) => {
  const here = await world(t);
  const { client, sync, network, heard } = here;
  network.lose = true;
  const { issue, label, release, milestone } = await populate(here);
  await sync.sweep();
  await sync.drain();
  await client.issues.update({ ...repo, issue_number: issue.number, title: "second" });
  await client.issues.deleteLabel({ ...repo, name: label.name });
  await client.issues.deleteMilestone({ ...repo, milestone_number: milestone.number });
  await client.repos.deleteRelease({ ...repo, release_id: release.id });
  await client.git.deleteRef({ ...repo, ref: "heads/fix/a" });
  await heard.all("issues.edited label.deleted milestone.deleted");
  await sync.sweep();
  await sync.drain();

  const ends = async (type: string, id: string | number) =>
    (await changesOf(here, type, id)).map(({ after, initial }) => [after !== null, initial]);
  const deleted = [
    [true, true],
    [false, false],
  ];
  assert.deepEqual(await ends("issue", issue.number), [
    [true, true],
    [true, false],
  ]);
  assert.deepEqual(await ends("label", label.name), deleted);
  assert.deepEqual(await ends("milestone", milestone.number), deleted);
  assert.deepEqual(await ends("release", release.id), deleted);
  assert.deepEqual(await ends("branch", "fix/a"), deleted);
  const { known, truth } = await bothSides(here);
  assert.ok(truth.size >= 4);
  assert.deepEqual(known, truth);
});

test("with every webhook lost the feed finds what was updated", { timeout: 30_000 }, async (t) => {
  const here = await world(t);
  const { client, network, provider } = here;
  network.lose = true;
  const { issue, pull } = await populate(here);
  const context = fakeContext({ scope: SCOPE });
  const feed = provider.feeds?.["issues"];
  assert.ok(feed);
  const begun = await feed.poll(null, context);
  assert.ok(begun.hints.some(({ type, id }) => type === "issue" && id === String(issue.number)));
  await client.issues.update({ ...repo, issue_number: issue.number, title: "second" });
  const { hints } = await feed.poll(begun.cursor, context);
  const { updated_at } = (await client.issues.get({ ...repo, issue_number: issue.number })).data;
  const hint = hints.find(({ type, id }) => type === "issue" && id === String(issue.number));
  assert.equal(hint?.version, Date.parse(updated_at));
  assert.ok(hints.every(({ type, id }) => (type === "pull_request") === (id === String(pull.number))));
});

test("a repository that is no longer shown is lost access, and nothing of it is deleted", {
  timeout: 30_000,
}, async (t) => {
  const here = await world(t);
  const { client, sync } = here;
  const { issue } = await populate(here);
  await sync.drain();
  await client.repos.delete(repo);
  await assert.rejects(() => sync.sweep("github.issue"), AccessLost);
  await sync.drain();
  const changes = await changesOf(here, "issue", issue.number);
  assert.ok(changes.length > 0 && changes.every(({ after }) => after !== null));
});

test("an App gets a repository and loses it while the engine runs: it is recorded, and nothing is deleted", {
  timeout: 30_000,
}, async (t) => {
  let names = [SCOPE];
  const here = await world(t, () => names);
  const { client, sync, clock } = here;
  const site = { owner: "acme", repo: "site" };
  const { data: home } = await client.repos.get(site);
  const { data: issue } = await client.issues.create({ ...site, title: "first" });
  const tell = async (given: object) => {
    const body = JSON.stringify(given);
    const headers = { "x-hub-signature-256": sign(body), "x-github-event": "installation_repositories" };
    const answer = await sync.webhook("github", new Request("http://x/", { method: "POST", headers, body }));
    assert.equal(answer.status, 202);
    await sync.drain();
  };
  const one = { id: home.id, full_name: home.full_name };
  await sync.drain();
  assert.equal((await changesOf(here, "repository", home.id)).length, 0);

  names = [SCOPE, "acme/site"];
  clock.ahead += 11_000;
  await tell({ action: "added", repositories_added: [one] });
  await sync.sweep("github.issue", { scope: "acme/site" });
  await sync.drain();
  const recorded = async () => [
    ...(await changesOf(here, "repository", home.id)),
    ...(await changesOf(here, "issue", issue.number)),
  ];
  const first = await recorded();
  assert.deepEqual(
    first.map(({ type, scope }) => `${type} ${scope}`),
    ["github.repository acme/site", "github.issue acme/site"],
  );

  names = [SCOPE];
  await client.repos.delete(site);
  clock.ahead += 61_000;
  await tell({ action: "removed", repositories_removed: [one] });
  clock.ahead += 61_000;
  await sync.drain();
  assert.deepEqual(
    (await recorded()).map(({ cursor }) => cursor),
    first.map(({ cursor }) => cursor),
  );
  assert.equal((await sync.health()).ok, true, "a repository that left is no alarm");
});
