/** Webhooks of a Strapi: who is believed, and where each says to look. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { WebhookRejected } from "tidemark";
import { collection, media } from "tidemark/strapi";
import { signed } from "./strapi.emulator.ts";
import { plugin, receive, recorded, request, SECRET } from "./strapi.kit.ts";

const body = JSON.stringify(recorded.get("004-entry.update"));
const verdict = async (provider: ReturnType<typeof plugin>, headers: Record<string, string>): Promise<boolean> => {
  try {
    await provider.webhook?.(request(body, headers));
    return true;
  } catch (error) {
    assert.ok(error instanceof WebhookRejected);
    return false;
  }
};

test("the secret is in the header Authorization as a bearer's, or in another one alone", async () => {
  const usual = plugin();
  assert.equal(await verdict(usual, { authorization: `Bearer ${SECRET}` }), true);
  assert.equal(await verdict(usual, { authorization: SECRET }), false);
  assert.equal(await verdict(usual, { authorization: `bearer ${SECRET}` }), false);
  assert.equal(await verdict(usual, { "x-secret": SECRET }), false);
  const own = plugin({ webhookHeader: "X-Secret" });
  assert.equal(await verdict(own, { "x-secret": SECRET }), true);
  assert.equal(await verdict(own, { "x-secret": `Bearer ${SECRET}` }), false);
  assert.equal(await verdict(own, { authorization: `Bearer ${SECRET}` }), false);
});

test("with a secret to sign with, the header alone is not enough, nor the signature", async () => {
  const both = plugin({ signingSecret: "another" });
  const token = signed(body, SECRET, "token");
  const good = signed(body, "another", "hmac");
  const wrong = signed(`${body} `, "another", "hmac");
  assert.equal(await verdict(both, { ...token, ...good }), true);
  assert.equal(await verdict(both, token), false);
  assert.equal(await verdict(both, good), false);
  assert.equal(await verdict(both, { ...token, ...wrong }), false);
  const bare = { "x-strapi-signature-256": good["x-strapi-signature-256"]?.slice("sha256=".length) ?? "" };
  assert.equal(await verdict(both, { ...token, ...bare }), false, "the algorithm is named");
  // Who did not ask for signatures does not look at them.
  assert.equal(await verdict(plugin(), { ...token, ...wrong }), true);
});

test("a cause is named by what was sent, and has Strapi's time", async () => {
  const [hint] = await receive(body);
  const id = createHash("sha256").update(body).digest("hex");
  assert.deepEqual(hint?.event, { id, name: "entry.update", at: new Date("2026-11-21T02:07:36.682Z") });
  const deletes = ["015-entry.delete", "016-entry.delete"].map((name) => receive(recorded.get(name) ?? {}));
  const [draft, published] = (await Promise.all(deletes)).map(([first]) => first);
  assert.notEqual(draft?.event?.id, published?.event?.id);
  const [undated] = await receive({ event: "entry.update", uid: "api::note.note", entry: { documentId: "a" } });
  assert.deepEqual(undated, { type: "note", id: "a" }, "it may be of another change than the one before it");
  const odd = { event: "entry.update", createdAt: "soon", uid: "api::note.note", entry: { documentId: "a" } };
  assert.equal((await receive(odd))[0]?.event, undefined);
});

test("an entry that another write replaced is missing: its type is asked", async () => {
  const event = recorded.get("900-entry.publish-NULL-entry");
  assert.equal(event?.entry, null);
  assert.deepEqual(await receive(event), [{ type: "article" }]);
  const { entry, ...without } = event;
  assert.deepEqual(await receive(without), [{ type: "article" }], "or left out");
});

const entry = { id: 7, documentId: "abc", publishedAt: null };
const of = (uid: string, over: object = {}) => ({ event: "entry.update", uid, entry: { ...entry, ...over } });
const ids = async (...args: Parameters<typeof receive>) => (await receive(...args)).map(({ id }) => id);

test("the row says which version changed; where it does not, all are looked at", async () => {
  const article = "api::article.article";
  assert.deepEqual(await ids(of(article)), ["abc/draft"]);
  assert.deepEqual(await ids(of(article, { publishedAt: "2026-11-21T12:00:00.000Z" })), ["abc/published"]);
  assert.deepEqual(await ids(of(article, { publishedAt: undefined })), ["abc/draft", "abc/published"]);
  const published = collection({ uid: article, path: "articles", statuses: ["published"] });
  const drafts = collection({ uid: article, path: "articles", statuses: ["draft"] });
  const all = collection({ uid: article, path: "articles" });
  const provider = plugin({ types: { published, drafts, all } });
  assert.deepEqual(
    (await receive(of(article), provider)).map(({ type, id }) => `${type} ${id}`),
    ["drafts abc/draft", "all abc"],
  );
});

test("a localized entry says its locale; one that does not has its type asked", async () => {
  assert.deepEqual(await ids(of("api::page.page", { locale: "zh-Hans" })), ["abc/zh-Hans/draft"]);
  assert.deepEqual(await receive(of("api::page.page", { locale: null })), [{ type: "page" }]);
  assert.deepEqual(await receive(of("api::page.page", { locale: "../x" })), [{ type: "page" }]);
  assert.deepEqual(await ids(of("api::article.article", { locale: "en" })), ["abc/draft"]);
});

test("what cannot be an id has its type asked, and reaches no path", async () => {
  for (const documentId of [undefined, null, 5, "", "..", "a/b", "a?b", { a: 1 }]) {
    assert.deepEqual(await receive(of("api::note.note", { documentId })), [{ type: "note" }], `${documentId}`);
  }
  assert.deepEqual(await receive({ event: "media.update", media: { id: "1/2" } }), [{ type: "file" }]);
  assert.deepEqual(await receive({ event: "media.update", media: null }), [{ type: "file" }]);
});

test("what is no type of the application's is of no use", async () => {
  assert.deepEqual(await receive(of("api::other.other")), []);
  assert.deepEqual(await receive(of("plugin::users-permissions.user")), []);
  assert.deepEqual(await receive({ event: "trigger-test" }), []);
  assert.deepEqual(await receive({ event: "entry.update", entry }), []);
  const provider = plugin({ types: { note: collection({ uid: "api::note.note", path: "notes" }) } });
  assert.deepEqual(await receive({ event: "media.create", media: { id: 1 } }, provider), []);
  assert.deepEqual(await ids({ event: "media.create", media: { id: 1 } }, plugin({ types: { a: media() } })), ["1"]);
});

test("a release has every type of entries asked; a stage of a review its entry, or its type", async () => {
  const asked = (await receive({ event: "releases.publish", release: { id: 1 } })).map(({ type, id }) => [type, id]);
  assert.deepEqual(
    asked,
    ["article", "note", "page", "homepage"].map((type) => [type, undefined]),
  );
  const stage = "review-workflows.updateEntryStage";
  assert.deepEqual(await ids({ ...of("api::note.note"), event: stage }), ["abc"]);
  assert.deepEqual(await receive({ event: stage, uid: "api::note.note", entry: { id: 7 } }), [{ type: "note" }]);
});

test("what is signed and no webhook of Strapi's is an error, without what was in it", async () => {
  for (const text of ["", "{", "[]", "null", '{"event":5}', '{"event":""}', '{"event":"x","entry":"secret text"}']) {
    await assert.rejects(receive(text), (error: Error) => !error.message.includes("secret text"));
  }
});
