/** Webhooks by description: every kind of signature, and where an event says to look. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { createSync, type Hint, RetryLater, WebhookRejected } from "tidemark";
import { type Envelope, type Events, rest, type Signature } from "tidemark/rest";
import { sqlite } from "tidemark/sqlite";
import { described, NOW, type Thing, webhook } from "./rest.kit.ts";

const SECRET = "c2VjcmV0IG9mIHRoZSBzZXJ2aWNl";
const BODY = JSON.stringify({ type: "thing.changed", id: "evt_1", data: { id: "1" } });
const SECONDS = String(NOW / 1_000);
type Own = {
  signature?: Signature | "standard-webhooks";
  envelope?: Envelope;
  events?: Events<"thing">;
  secret?: string;
};

const provider = ({
  signature = { header: "x-signature" },
  envelope = { name: "type", id: "id" },
  events = { "thing.changed": { thing: "data.id" } },
  secret = SECRET,
}: Own = {}) => rest<{ thing: Thing }>(described({}, { webhook: { secret, signature }, envelope, events }));

const mac = (text: string, algorithm = "sha256", key: string | Buffer = SECRET) =>
  createHmac(algorithm, key).update(text).digest();
const hints = async (own: Own, ...given: Parameters<typeof webhook>) =>
  (await provider(own).webhook?.(webhook(...given))) as Hint[];
const believed = async (signature: Signature, headers: Record<string, string>, more = {}) =>
  (await hints({ signature }, BODY, headers, more)).length === 1;
const rejected = (signature: Signature, headers: Record<string, string>, more = {}) =>
  assert.rejects(hints({ signature }, BODY, headers, more), WebhookRejected);
const header = "x-signature";

test("each algorithm and encoding holds as it is described, and as no other", async () => {
  const kinds = ["sha1", "sha256", "sha512"].flatMap((algorithm) =>
    (["hex", "base64"] as const).map(
      (encoding) => ({ algorithm, encoding }) as Pick<Signature, "algorithm" | "encoding">,
    ),
  );
  for (const kind of kinds) {
    for (const other of kinds) {
      const headers = { [header]: mac(BODY, other.algorithm).toString(other.encoding) };
      if (kind === other) assert.ok(await believed({ header, ...kind }, headers));
      else await rejected({ header, ...kind }, headers);
    }
  }
});

test("a prefix belongs to the signature", async () => {
  const signed = mac(BODY).toString("hex");
  assert.ok(await believed({ header, prefix: "sha256=" }, { [header]: `sha256=${signed}` }));
  for (const wrong of [signed, `sha1=${signed}`, `sha256=sha256=${signed}`, `SHA256=${signed}`]) {
    await rejected({ header, prefix: "sha256=" }, { [header]: wrong });
  }
});

test("a secret is written as the description says", async () => {
  const bytes = Buffer.from(SECRET, "base64");
  const of = (key: Signature["key"], secret: string) =>
    hints({ signature: { header, ...(key && { key }) }, secret }, BODY, {
      [header]: mac(BODY, "sha256", bytes).toString("hex"),
    });
  assert.equal((await of("base64", SECRET)).length, 1);
  assert.equal((await of("hex", bytes.toString("hex"))).length, 1);
  assert.equal((await of("whsec", `whsec_${SECRET}`)).length, 1);
  await assert.rejects(of("utf8", SECRET), WebhookRejected);
  for (const [key, wrong] of [
    ["hex", "xyz"],
    ["hex", "abc"],
    ["base64", "ä"],
    ["whsec", "whsec_!"],
    ["base64", "a b"],
  ] as const) {
    assert.throws(() => provider({ signature: { header, key }, secret: wrong }), {
      name: "TypeError",
      message: `rest({ webhook.secret }) must be written in ${key}, as signature.key says`,
    });
  }
  for (const secret of ["", " ", null, []]) assert.throws(() => provider({ secret: secret as string }), TypeError);
});

test("a template is filled with what came, and a list in a header is read by its names", async () => {
  const slack = { header, prefix: "v0=", template: "v0:{timestamp}:{body}", timestamp: { header: "x-timestamp" } };
  const value = `v0=${mac(`v0:${SECONDS}:${BODY}`).toString("hex")}`;
  assert.ok(await believed(slack, { [header]: value, "x-timestamp": SECONDS }));
  await rejected(slack, { [header]: value, "x-timestamp": String(NOW / 1_000 + 1) });

  const paddle = { header, field: "h1", separator: ";", template: "{timestamp}:{body}", timestamp: { field: "ts" } };
  const h1 = mac(`${SECONDS}:${BODY}`).toString("hex");
  assert.ok(await believed(paddle, { [header]: `ts=${SECONDS};h1=${h1}` }));
  assert.ok(await believed(paddle, { [header]: `ts=${SECONDS};h1=${"0".repeat(64)};h1=${h1}` }), "a rotated secret");
  for (const wrong of [
    `h1=${h1}`,
    `ts=${SECONDS}`,
    `ts=${SECONDS};ts=${SECONDS};h1=${h1}`,
    `ts=${SECONDS};h2=${h1}`,
    `ts=${SECONDS},h1=${h1}`,
  ]) {
    await rejected(paddle, { [header]: wrong });
  }

  const called = { header, template: "{method} {url} {body}" };
  const signed = (url: string) => ({ [header]: mac(`POST ${url} ${BODY}`).toString("hex") });
  assert.ok(await believed(called, signed("https://app.example/hooks")));
  assert.ok(await believed({ ...called, url: "https://public.example/" }, signed("https://public.example/")));
  await rejected(called, signed("https://other.example/hooks"));
});

test("a time that is signed may be off by the tolerance, and is a number", async () => {
  const own = (unit: "s" | "ms", tolerance?: number): Signature => ({
    ...{ header, template: "{timestamp}.{body}" },
    timestamp: { header: "x-timestamp", unit, ...(tolerance !== undefined && { tolerance }) },
  });
  const at = (text: string) => ({ [header]: mac(`${text}.${BODY}`).toString("hex"), "x-timestamp": text });
  const off = (ms: number) => ({ now: NOW + ms });
  for (const ms of [0, 300_000, -300_000]) assert.ok(await believed(own("s"), at(SECONDS), off(ms)));
  for (const ms of [300_001, -300_001, 86_400_000]) await rejected(own("s"), at(SECONDS), off(ms));
  assert.ok(await believed(own("ms", 5), at(String(NOW)), off(5)));
  await rejected(own("ms", 5), at(String(NOW)), off(6));
  await rejected(own("s"), at(String(NOW)));
  for (const text of ["", "soon", `${SECONDS}.0`, `+${SECONDS}`, `${SECONDS}abc`, "1e9", "-1"])
    await rejected(own("s"), at(text));
});

test("a signed id is letters and digits, so that nothing of the body passes for a part of it", async () => {
  const own = { header, template: "{id}.{body}", id: "x-id" };
  const at = (id: string) => ({ [header]: mac(`${id}.${BODY}`).toString("hex"), "x-id": id });
  assert.ok(await believed(own, at("msg_1-2")));
  for (const id of ["", "a.b", "a b", "a,b", "x".repeat(257)]) await rejected(own, at(id));
  const [hint] = await hints({ signature: own, envelope: { name: "type" } }, BODY, at("msg_1"));
  assert.equal(hint?.event?.id, "msg_1");
});

test("headers that are too long are refused before anything is computed", async () => {
  await rejected({ header }, { [header]: "0".repeat(3_000) });
  const many = (count: number) => `${`v1=${"0".repeat(64)},`.repeat(count)}v1=${mac(BODY).toString("hex")}`;
  assert.ok(await believed({ header, field: "v1" }, { [header]: many(20) }));
  await rejected({ header, field: "v1" }, { [header]: many(40) });
});

test("Standard Webhooks: the signed id is the event's, unless the description names another", async () => {
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString("base64")}`;
  const value = `v1,${mac(`msg_1.${SECONDS}.${BODY}`, "sha256", key).toString("base64")}`;
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": SECONDS, "webhook-signature": value };
  const own = (envelope: Envelope) => hints({ signature: "standard-webhooks", secret, envelope }, BODY, headers);
  assert.deepEqual(await own({ name: "type" }), [
    { type: "thing", id: "1", event: { id: "msg_1", name: "thing.changed" } },
  ]);
  assert.equal((await own({ name: "type", id: "id" }))[0]?.event?.id, "evt_1");
  assert.equal((await own({ name: "type", id: { header: "webhook-id" } }))[0]?.event?.id, "msg_1");
  const forged = { ...headers, "webhook-id": "msg_2" };
  await assert.rejects(hints({ signature: "standard-webhooks", secret }, BODY, forged), WebhookRejected);
  assert.throws(
    () => provider({ signature: "standard-webhooks", secret: "whsec_short" }),
    /webhook.secret.* must be "whsec_"/,
  );
});

const signed = (own: Own, body: unknown, headers: Record<string, string> = {}, more = {}) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return hints(own, text, { ...headers, [header]: mac(text).toString("hex") }, more);
};

test("an id in a header that is not signed counts together with the body", async () => {
  const envelope = { name: { header: "x-event" }, id: { header: "x-delivery" } };
  const events = { "*": { thing: "id" } } as const;
  const id = async (body: object, delivery: string) => {
    const [hint] = await signed({ envelope, events }, body, { "x-event": "changed", "x-delivery": delivery });
    assert.equal(hint?.event?.name, "changed");
    return hint?.event?.id;
  };
  assert.equal(await id({ id: "1" }, "d1"), await id({ id: "1" }, "d1"));
  assert.notEqual(await id({ id: "1" }, "d1"), await id({ id: "1" }, "d2"));
  assert.notEqual(
    await id({ id: "1" }, "d1"),
    await id({ id: "2" }, "d1"),
    "an old webhook under the id of one to come",
  );
  const [without] = await signed({ envelope, events }, { id: "1" }, { "x-event": "changed" });
  assert.equal(without?.event, undefined);
});

test("an event says where to look in each of the ways that can be described", async () => {
  const look = async (events: Events<"thing">, event: object, thing = {}) => {
    const given = described(thing, {
      webhook: { secret: SECRET, signature: { header } },
      envelope: { name: "type" },
      events,
    });
    const text = JSON.stringify({ type: "thing.changed", ...event });
    const found = await rest<{ thing: Thing }>(given).webhook?.(webhook(text, { [header]: mac(text).toString("hex") }));
    return (found as Hint[]).map(({ type, ...rest }) => rest);
  };
  assert.deepEqual(await look({ "thing.changed": { thing: "a.b" } }, { a: { b: 7 } }), [{ id: "7" }]);
  assert.deepEqual(await look({ "thing.*": { thing: "items.*.id" } }, { items: [{ id: "1" }, { id: "2" }, {}] }), [
    { id: "1" },
    { id: "2" },
  ]);
  assert.deepEqual(await look({ "*": { thing: ["a", "b", "c"] } }, { a: "1", b: "1", c: "2" }), [
    { id: "1" },
    { id: "2" },
  ]);
  assert.deepEqual(await look({ "*": { thing: true } }, {}), [{}]);
  for (const odd of [{}, { id: null }, { id: "" }, { id: {} }, { id: 1.5 }, { id: true }]) {
    assert.deepEqual(await look({ "*": { thing: "id" } }, odd), [{}], "something of the type changed");
  }
  assert.deepEqual(await look({ thing: { thing: "id" }, "thing.changed.more": { thing: "id" } }, { id: "1" }), []);
  const versioned = { version: { time: "updated_at" } } as const;
  const target = { "*": { thing: { id: "id", version: "at" } } };
  assert.deepEqual(await look(target, { id: "1", at: "2026-11-21T12:00:00Z" }, versioned), [{ id: "1", version: NOW }]);
  assert.deepEqual(await look(target, { id: "1", at: "soon" }, versioned), [{ id: "1" }]);
  assert.deepEqual(await look(target, { id: "1", at: 5 }), [{ id: "1" }], "there is no version to compare it with");
  assert.deepEqual(await look({ "*": { thing: "constructor.name" } }, {}), [{}], "nothing is inherited");
});

test("a body may hold several events, and says when they happened and in which scope", async () => {
  const envelope = { name: "type", id: "id", at: "at", scope: "account", events: "events" };
  const event = (id: string, account?: number) => ({ type: "thing.changed", id, at: SECONDS, account, data: { id } });
  const found = await signed({ envelope }, { events: [event("1", 9), event("2")] });
  const common = (id: string) => ({ type: "thing", id, event: { id, name: "thing.changed", at: new Date(NOW) } });
  assert.deepEqual(found, [{ ...common("1"), scope: "9" }, common("2")]);
  await assert.rejects(signed({ envelope }, { events: {} }), /no list at "events"/);
  assert.equal((await signed({ envelope: { ...envelope, events: "" } }, [event("1")])).length, 1);
});

test("what is signed and no event is unreadable, and the engine says 400; another scope's 401", async (t) => {
  for (const body of ["", "no json", "[]", "null", "5", "{}", '{"type":5}', '{"type":""}']) {
    await assert.rejects(
      signed({}, body),
      (error: Error) => !(error instanceof WebhookRejected) && !(error instanceof RetryLater),
    );
  }
  const providers = { it: provider({ envelope: { name: "type", scope: "account" } }) };
  const sync = createSync({ providers, store: sqlite(":memory:") });
  t.after(() => sync.stop());
  const post = async (body: string, scope: string) => {
    const headers = { [header]: mac(body).toString("hex") };
    return (await sync.webhook("it", new Request("http://x/", { method: "POST", body, headers }), { scope })).status;
  };
  assert.equal(await post("{}", ""), 400);
  assert.equal(await post('{"type":"thing.changed","account":"b","data":{"id":"1"}}', "a"), 401);
  assert.equal(await post('{"type":"thing.changed","data":{"id":"1"}}', ""), 202);
});

test("an id beyond 2^53 keeps its digits", async () => {
  const [hint] = await signed({}, '{"type":"thing.changed","data":{"id":12345678901234567890}}');
  assert.equal(hint?.id, "12345678901234567890");
});
