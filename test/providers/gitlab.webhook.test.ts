/** Which requests are GitLab's, and what is made of those that say less than they should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryLater, WebhookRejected } from "tidemark";
import { deliver, fixture, NOW, PLAIN, plugin, refOf, request, SIGNING, signed } from "./gitlab.kit.ts";
import { payloads } from "./gitlab.payloads.ts";

const issue = JSON.stringify({
  object_kind: "issue",
  project: { id: 7 },
  object_attributes: { iid: 1, action: "open" },
});
const good = signed(issue, SIGNING[0], NOW);
const plain = signed(issue, PLAIN[0], NOW);
const receive = async (webhookSecret: unknown, headers: Record<string, string>) =>
  plugin({ webhookSecret }).webhook?.(request(issue, headers));

test("each webhook says where to look, and nothing else", async () => {
  for (const { name, body, hints } of payloads) {
    const expected = typeof hints === "string" ? [] : hints.map(refOf);
    assert.deepEqual((await deliver(String(body))).map(refOf), expected, name);
  }
});

test("while a signing token takes the place of a secret token both are accepted", async () => {
  const both = [PLAIN[0], SIGNING[0]];
  for (const headers of [good, plain, { ...good, ...plain }]) {
    assert.equal(((await receive(both, headers)) as unknown[]).length, 1);
  }
});

test("a signature that is there must hold, whatever the secret token", async () => {
  const both = [PLAIN[0], SIGNING[0]];
  const wrong = signed(issue, SIGNING[1], NOW);
  for (const signature of [wrong["webhook-signature"] ?? "", "", "v1,", "v1a,AAAA"]) {
    const headers = { ...good, ...plain, "webhook-signature": signature };
    await assert.rejects(() => receive(both, headers), WebhookRejected, signature);
  }
  // The hook has both, the application knows only the secret token.
  await assert.rejects(() => receive(PLAIN[0], { ...good, ...plain }), WebhookRejected);
  await assert.rejects(() => receive(both, { ...signed(issue, SIGNING[0], NOW - 301_000), ...plain }), WebhookRejected);
});

test("a signing token is never accepted as a secret token", async () => {
  await assert.rejects(() => receive(SIGNING[0], { "x-gitlab-token": SIGNING[0] }), WebhookRejected);
  await assert.rejects(() => receive(SIGNING, {}), WebhookRejected);
});

test("a signing token that is none is refused at once, from a function when it is used", async () => {
  for (const webhookSecret of ["whsec_", "whsec_short", "whsec_c2hvcnQ=", `${SIGNING[0]}!`]) {
    assert.throws(() => plugin({ webhookSecret }), TypeError, webhookSecret);
  }
  await assert.rejects(() => receive(() => "whsec_short", good), RetryLater);
});

test("a delivery is recognised by its idempotency key and by nothing else", async () => {
  const body = { object_kind: "issue", project: { id: 7 }, object_attributes: { iid: 1, action: "open" } };
  const [hint] = await deliver(body);
  assert.deepEqual(hint?.event, { id: good["idempotency-key"], name: "issue.open" });
  const [same] = (await receive(SIGNING[0], { ...good, "idempotency-key": "not-what-was-signed" })) as (typeof hint)[];
  assert.equal(same?.event?.id, good["webhook-id"]);
  const shared = { "x-gitlab-event-uuid": "one-for-a-chain-of-hooks", "x-gitlab-webhook-uuid": "another-each-time" };
  for (const key of ["", "7", "a key, and another", "x".repeat(200)]) {
    const headers = { ...plain, ...shared, "idempotency-key": key };
    const [without] = (await receive(PLAIN[0], headers)) as { event?: unknown }[];
    assert.equal(without?.event, undefined, key);
  }
});

test("no webhook gives a version: its times are of another precision than the API's", async () => {
  const body = fixture("webhooks-goplayground/issue-event.json");
  for (const hint of await deliver(body)) assert.equal(hint.version, undefined);
});

test("what the application named a scope for stays in it", async () => {
  const provider = plugin({ projects: ["7", "15"] });
  const ask = async (body: object, scope: string) => (await deliver({ ...body }, { scope, provider })).map(refOf);
  const push = fixture("webhooks-goplayground/push-event.json");
  assert.equal((await ask(push, "15")).length, 3);
  await assert.rejects(() => ask(push, "7"), WebhookRejected);
  await assert.rejects(() => ask(push, "group/3"), WebhookRejected);
  const create = { event_name: "subgroup_create", group_id: 10, parent_group_id: 3 };
  assert.deepEqual(await ask(create, "group/3"), ["subgroup 10 @group/3"]);
  assert.deepEqual(await ask(create, "group/10"), ["group 10 @group/10"]);
  await assert.rejects(() => ask(create, "group/4"), WebhookRejected);
});

test("an event that names no place is looked at where it was received, or in the only place there is", async () => {
  const epic = fixture("gitlab4j/workitem-event.json");
  const wiki = fixture("webhooks-goplayground/wikipage-event.json");
  const many = plugin({ projects: ["7", "15"], groups: async () => ["3"], instance: false });
  const ask = async (body: object, options = {}) => (await deliver({ ...body }, options)).map(refOf);
  assert.deepEqual(await ask(epic), ["epic 1 @group/3"]);
  assert.deepEqual(await ask(epic, { provider: many, scope: "group/9" }), ["epic 1 @group/9"]);
  assert.deepEqual(await ask(wiki, { provider: many, scope: "15" }), ["wiki_page awesome @15"]);
  for (const body of [epic, wiki, { event_name: "user_create", user_id: 4 }]) {
    assert.deepEqual(await ask(body, { provider: many }), []);
  }
});

test("a body that does not say what happened has all of the type looked at", async () => {
  const many = plugin({ projects: ["7", "15"] });
  const ask = async (event: string, options = {}) => (await deliver({ text: "hi" }, { event, ...options })).map(refOf);
  assert.deepEqual(await ask("Confidential Issue Hook"), ["issue @7"]);
  assert.deepEqual(await ask("Member Hook"), ["group_member @group/3"]);
  assert.deepEqual(await ask("Push Hook", { provider: many, scope: "15" }), ["branch @15"]);
  await assert.rejects(() => ask("Push Hook", { provider: many }), /template/);
  for (const event of ["Some Hook", "toString", "Emoji Hook"]) assert.deepEqual(await ask(event), []);
  assert.deepEqual(await ask("Issue Hook", { provider: plugin({ types: ["label"] }) }), [], "not synchronized");
});

test("only what is synchronized is hinted at", async () => {
  const push = fixture("webhooks-goplayground/push-event.json");
  assert.deepEqual((await deliver(push, { provider: plugin({ types: ["branch"] }) })).map(refOf), [
    "branch master @15",
  ]);
});
