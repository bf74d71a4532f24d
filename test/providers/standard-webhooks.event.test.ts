/** Standard Webhooks: what events mean, whose they are, and which options are wrong. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type ChangeOf, type Hint, type Resource, RetryLater, WebhookRejected, type WebhookRequest } from "tidemark";
import { type StandardEvent, standardWebhooks } from "tidemark/standard-webhooks";
import type { Delivery } from "tidemark/testing";
import { type Note, noteResource } from "./notes.emulator.ts";
import { cause, eventText, keyOf, NOW, sign } from "./standard-webhooks.kit.ts";

type Plain = { id: string };
const plain: Resource<Plain> = { fetch: async (id) => ({ id }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } };
const probe = async () => {};

function request({ headers, body, scope }: Delivery): WebhookRequest {
  const bytes = Buffer.from(body);
  const asked = { method: "POST", url: "http://x/", headers: new Headers(headers), body: bytes, now: NOW };
  return { ...asked, ...(scope !== undefined && { scope }) };
}
type AnyProvider = ReturnType<typeof standardWebhooks>;
const deliver = async (provider: AnyProvider, body: string, secret = keyOf(1), scope?: string): Promise<Hint[]> => {
  const given = await provider.webhook?.(
    request({ ...sign({ body }, secret, NOW), ...(scope !== undefined && { scope }) }),
  );
  assert.ok(Array.isArray(given));
  return given;
};

test("events: by names that the application gives; what is not there is of no use", async () => {
  const provider = standardWebhooks({
    secret: keyOf(1),
    resources: { invoice: plain, customer: plain },
    events: { "invoice.paid": "invoice", "checkout.completed": "customer" },
  });
  assert.deepEqual(await deliver(provider, eventText("checkout.completed", { id: "c1" })), [
    { type: "customer", id: "c1", ...cause("checkout.completed") },
  ]);
  for (const name of ["invoice.voided", "invoice", "toString", "__proto__", "constructor", ""]) {
    assert.deepEqual(await deliver(provider, eventText(name, { id: "i1" })), [], name);
  }
});

test("events: the longest beginning of the name that is a type", async () => {
  const resources = { checkout: plain, "checkout.session": plain };
  const provider = standardWebhooks({ secret: keyOf(1), resources });
  const typeOf = async (name: string) =>
    (await deliver(provider, eventText(name, { id: "1" }))).map(({ type }) => type);
  assert.deepEqual(await typeOf("checkout.session.completed"), ["checkout.session"]);
  assert.deepEqual(await typeOf("checkout.session"), ["checkout.session"]);
  assert.deepEqual(await typeOf("checkout.sessions.completed"), ["checkout"]);
  for (const name of ["check", ".checkout", "toString.x", "__proto__.x", `checkout.${"x".repeat(300)}`, "."]) {
    assert.deepEqual(await typeOf(name), [], name);
  }
});

test("events: a function reads what is written otherwise, several at once, and may name a scope or its own event", async () => {
  const events: StandardEvent[] = [];
  const provider = standardWebhooks({
    secret: keyOf(1),
    resources: { order: plain },
    events: (event) => {
      events.push(event);
      const { orders } = event.body as { orders: string[] };
      const own = { id: "own", name: "own" };
      return orders.map((id, n) => (n === 0 ? { type: "order", id, scope: "eu" } : { type: "order", id, event: own }));
    },
  });
  const body = '{"orders":["o1","o2"],"large":12345678901234567890}';
  assert.deepEqual(await deliver(provider, body), [
    { type: "order", id: "o1", scope: "eu", event: { id: "msg_1", name: "webhook" } },
    { type: "order", id: "o2", event: { id: "own", name: "own" } },
  ]);
  assert.deepEqual(events, [{ id: "msg_1", name: "", body: { orders: ["o1", "o2"], large: "12345678901234567890" } }]);
});

test("an odd time or id is as good as none; a body that is no JSON is unreadable, not forged", async () => {
  const provider = standardWebhooks({ secret: keyOf(1), resources: { note: plain } });
  for (const timestamp of ["yesterday", 5, null, ""]) {
    const [hint] = await deliver(provider, eventText("note.updated", { id: "n1" }, { timestamp }));
    assert.deepEqual(hint?.event, { id: "msg_1", name: "note.updated" });
  }
  for (const id of [null, "", 1.5, {}, ["n1"], true]) {
    const [hint] = await deliver(provider, eventText("note.updated", { id }));
    assert.deepEqual(hint, { type: "note", ...cause("note.updated") }, JSON.stringify(id));
  }
  await assert.rejects(deliver(provider, "{"), SyntaxError);
  await assert.rejects(deliver(provider, "{", keyOf(2)), WebhookRejected);
});

test("both vectors hold: by the secret and by the public key", async () => {
  const file = new URL("../fixtures/standard-webhooks/vectors.json", import.meta.url);
  const { published, own_ed25519: own } = JSON.parse(readFileSync(file, "utf8"));
  for (const [{ id, ts, payload, signature }, secret] of [
    [published, published.secret],
    [own, own.public_key],
  ]) {
    const provider = standardWebhooks({ secret, resources: { note: plain } });
    const headers = { "webhook-id": id, "webhook-timestamp": `${ts}`, "webhook-signature": signature };
    const good = { ...request({ headers, body: payload }), now: ts * 1_000 };
    assert.deepEqual(await provider.webhook?.(good), []);
    await assert.rejects(
      async () => provider.webhook?.({ ...good, body: Buffer.from(`${payload} `) }),
      WebhookRejected,
    );
  }
});

test("each scope may have its secret, and the tolerance its length", async () => {
  const provider = standardWebhooks({
    secret: (scope) => (scope === "a" ? keyOf(1) : keyOf(2)),
    resources: { note: plain },
    tolerance: 1_000,
  });
  const body = eventText("note.updated", { id: "n1" });
  assert.equal((await deliver(provider, body, keyOf(1), "a")).length, 1);
  await assert.rejects(deliver(provider, body, keyOf(1), "b"), WebhookRejected);
  const late = { ...request({ ...sign({ body }, keyOf(1), NOW), scope: "a" }), now: NOW + 2_000 };
  await assert.rejects(async () => provider.webhook?.(late), WebhookRejected);
});

test("what the application gives of a provider is kept, but for its webhook", async () => {
  const feeds = { all: { types: ["note"] as const, poll: async () => ({ hints: [], cursor: null }) } };
  const given = { resources: { note: plain }, scopes: () => ["a"], feeds, probe, limits: { rate: 3 }, bodyLimit: 9 };
  const provider = standardWebhooks({ secret: keyOf(1), ...given });
  const { webhook, ...rest } = provider;
  assert.deepEqual(rest, given);
  assert.equal(typeof webhook, "function");
});

test("an option that is wrong is refused at once, and says what to write", async () => {
  const good = { secret: keyOf(1), resources: { note: plain } };
  const wrong: [object, RegExp][] = [
    [{ resources: undefined }, /resources/],
    [{ resources: {} }, /resources/],
    [{ resources: null }, /resources/],
    [{ secret: "plain" }, /secret.*whsec_/],
    [{ secret: undefined }, /secret/],
    [{ events: { "note.updated": "nota" } }, /"note.updated" is of type "nota".*note/],
    [{ events: null }, /events/],
    [{ events: "note" }, /events/],
    [{ tolerance: -1 }, /tolerance/],
    [{ tolerance: Number.NaN }, /tolerance/],
    [{ tolerance: Number.POSITIVE_INFINITY }, /tolerance/],
  ];
  for (const [over, message] of wrong) {
    assert.throws(() => standardWebhooks({ ...good, ...over } as never), { name: "TypeError", message });
  }
  const late = standardWebhooks({ ...good, secret: () => "plain" });
  await assert.rejects(deliver(late, "{}"), RetryLater);
});

test("the stream's types come from the resources", () => {
  const notes = standardWebhooks({ secret: keyOf(1), resources: { note: noteResource(fetch), tag: plain } });
  type Change = ChangeOf<{ app: typeof notes }>;
  const text = (change: Change): string | undefined =>
    change.type === "app.note" ? change.after?.text : change.after?.id;
  const note: Note = { id: "n1", text: "hello", revision: 1 };
  const change = { type: "app.note", after: note } as Change;
  assert.equal(text(change), "hello");
  // @ts-expect-error: this is none of the types
  assert.throws(() => standardWebhooks({ secret: keyOf(1), resources: { note: plain }, events: { x: "nota" } }));
});
