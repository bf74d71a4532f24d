/** What an application may pass, and how it may spell its repositories. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater } from "tidemark";
import { bytesOf, deliver, HOME, plugin, TYPES } from "./github.kit.ts";

const opened = bytesOf("webhooks/issues.opened.json");

test("a wrong option fails at once and says what to write", () => {
  for (const webhookSecret of ["", " ", [], [""], undefined]) {
    assert.throws(() => plugin({ webhookSecret }), /github\(\{ webhookSecret \}\)/);
  }
  for (const client of [undefined, {}, { request: "no" }]) assert.throws(() => plugin({ client }), /new Octokit/);
  for (const repos of [undefined, [], "acme/app", ["hello"], ["a/b", "a/b/c"], ["a /b"], [7]]) {
    assert.throws(() => plugin({ repos }), /"owner\/name"/, JSON.stringify(repos));
  }
  assert.throws(() => plugin({ types: ["issues"] }), /there is no "issues"; there are: repository, issue/);
  assert.throws(() => plugin({ types: ["toString"] }), /there is no "toString"/);
  assert.throws(() => plugin({ types: ["review"] }), /"review" is listed within "pull_request"/);
  for (const orgs of ["acme", ["acme/app"], [""], [7]]) assert.throws(() => plugin({ orgs }), /"acme"/);
  assert.throws(() => plugin({ types: [] }), /leave it out/);
  for (const backfill of ["some", new Date(Number.NaN), 0]) {
    assert.throws(() => plugin({ backfill }), /"all", "none" or a Date/);
  }
});

test("without a choice there is every type; a choice narrows types and feeds", () => {
  const provider = plugin();
  assert.deepEqual(Object.keys(provider.resources), TYPES);
  assert.deepEqual(
    Object.entries(provider.feeds ?? {}).map(([name, { types, every }]) => [name, types, every]),
    [
      ["issues", ["issue", "pull_request"], 300_000],
      ["comments", ["issue_comment"], 300_000],
      ["review_comments", ["review_comment"], 300_000],
    ],
  );
  const { resources, feeds, bodyLimit } = plugin({ types: ["pull_request", "label"] });
  assert.deepEqual(Object.keys(resources), ["pull_request", "label"]);
  assert.deepEqual(
    Object.entries(feeds ?? {}).map(([name, { types }]) => [name, types]),
    [["issues", ["pull_request"]]],
  );
  assert.equal(bodyLimit, 26_214_400);
});

test("what is known of each type's order: its version, its incarnation, its read lag", () => {
  const { resources } = plugin();
  const has = (field: "version" | "incarnation" | "list") =>
    TYPES.filter((type) => resources[type][field] !== undefined).join(" ");
  assert.equal(
    has("version"),
    "repository issue pull_request issue_comment milestone review_comment commit_comment workflow_run deployment team",
  );
  assert.equal(has("incarnation"), "issue pull_request milestone", "only their numbers begin anew");
  assert.equal(has("list"), TYPES.filter((type) => type !== "review" && type !== "check_run").join(" "));
  assert.equal(resources.review.within?.type, "pull_request");
  for (const type of TYPES) assert.deepEqual(resources[type].readLag, { fetch: 5_000, list: 10_000 }, type);
  const state = {
    updated_at: "2026-01-01T00:00:01Z",
    pushed_at: "2026-01-01T00:00:09Z",
    created_at: "2025-01-01T00:00:00Z",
  };
  const versionOf = (type: "repository" | "issue") => resources[type].version?.(state as never);
  assert.deepEqual([versionOf("repository"), versionOf("issue")], [1_767_225_609_000, 1_767_225_601_000]);
  assert.equal(resources.issue.incarnation?.(state as never), Date.parse("2025-01-01T00:00:00Z"));
});

test("with nothing to backfill nothing is listed", () => {
  const { resources } = plugin({ backfill: "none" });
  for (const type of TYPES) assert.equal(resources[type].list, undefined, type);
});

test("repositories may be a list, or come from a function in any of its forms", async () => {
  const scopesOf = async (repos: unknown) => {
    const names: string[] = [];
    for await (const name of (await plugin({ repos }).scopes?.()) ?? []) names.push(name);
    return names;
  };
  const both = ["acme/app", "acme/site"];
  assert.deepEqual(await scopesOf(both), both);
  assert.deepEqual(await scopesOf(() => both), both);
  assert.deepEqual(await scopesOf(async () => new Set(both)), both);
  assert.deepEqual(
    await scopesOf(async function* () {
      yield* both;
    }),
    both,
  );
  await assert.rejects(() => scopesOf(() => ["acme"]), /"owner\/name"/);
  const { scopes } = plugin({ repos: [], orgs: async () => ["acme"] });
  assert.deepEqual(await scopes?.(), ["acme"], "an organisation is a scope of its own");
  assert.deepEqual(await plugin({ repos: both, orgs: ["acme"] }).scopes?.(), [...both, "acme"]);
});

test("a repository is found however the application spells its name", async () => {
  const upper = HOME.toUpperCase();
  for (const repos of [[upper], () => [upper], async () => [upper]]) {
    const hints = await deliver(opened, "issues", plugin({ repos }));
    assert.ok(hints.length > 0);
    assert.ok(hints.every(({ scope }) => scope === upper));
  }
});

test("a function that cannot give the repositories has the sender try again", async () => {
  const repos = async () => {
    throw new Error("the database is away");
  };
  await assert.rejects(() => deliver(opened, "issues", plugin({ repos })), RetryLater);
});
