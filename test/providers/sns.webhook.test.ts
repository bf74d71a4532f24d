/** What SNS sends: whose it is, what is believed of it, and what is done for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createSync,
  type Endpoint,
  type Hint,
  type Provider,
  RetryLater,
  WebhookRejected,
  type WebhookRequest,
} from "tidemark";
import { type SnsNotification, type SnsOptions, sns } from "tidemark/sns";
import { sqlite } from "tidemark/sqlite";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { systemTime } from "../../src/time.ts";
import { type Note, noteResource } from "./notes.emulator.ts";
import * as amazon from "./sns.emulator.ts";
import { bodyOf, CERTIFICATE, fixture, type Json, OTHER_TOPIC, pem, signBody, TOPIC } from "./sns.emulator.ts";

const NOW = 1_800_000_000_000;
type Types = { note: Note };

const inner: Provider<Types> = {
  resources: { note: noteResource(async () => assert.fail("a webhook is read without asking the API")) },
};
const hints = (message: string) => [{ type: "note" as const, id: message }];

/** A provider, and what it asked SNS for. */
function open(options: Partial<SnsOptions<Types>> = {}, answer: (request: Request) => Response = amazon.answerSns) {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(request.url);
    return answer(request);
  };
  const seen: SnsNotification[] = [];
  const read = (message: string, _: unknown, notification: SnsNotification) => {
    seen.push(notification);
    return [{ type: "note" as const, id: message }];
  };
  const provider = sns<Types>({ topics: TOPIC, inner, hints: read, fetch, ...options });
  return { provider, asked, seen };
}

const request = (body: Json | string, headers: Record<string, string> = {}, now = NOW): WebhookRequest => {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { method: "POST", url: "http://x/", headers: new Headers(headers), body: bytes, now };
};
const post = async (provider: Provider, ...args: Parameters<typeof request>) => provider.webhook?.(request(...args));
const rejects = (provider: Provider, body: Json | string, why?: string, now = NOW) =>
  assert.rejects(post(provider, body, {}, now), WebhookRejected, why);

const fixtures = ["notification", "notification-nosubject", "subscription-confirmation", "unsubscribe-confirmation"];

test("every recorded message holds in both versions, and not when anything that is signed is another", async () => {
  for (const name of fixtures.flatMap((one) => [`${one}-v1`, `${one}-v2`])) {
    const { headers, body, stringToSign } = fixture(name);
    const { provider, seen } = open();
    const given = await post(provider, body, headers);
    assert.ok(Array.isArray(given), name);
    assert.deepEqual(signBody(body, String(body["SignatureVersion"])), body, "the emulator signs as they were signed");
    const lines = stringToSign.split("\n");
    for (const field of Object.keys(body).filter((key) => lines.includes(key))) {
      await rejects(provider, { ...body, [field]: `${body[field]}x` }, `${name}: ${field}`);
      const { [field]: _, ...rest } = body;
      await rejects(provider, rest, `${name} without ${field}`);
    }
    await rejects(provider, { ...body, SignatureVersion: body["SignatureVersion"] === "1" ? "2" : "1" });
    assert.equal(seen.length, name.startsWith("notification") ? 1 : 0, name);
  }
});

test("what SNS says of a message is handed on: its subject, its time, its attributes by name", async () => {
  const { provider, seen } = open();
  const { body } = fixture("notification-v2");
  const expected: Partial<SnsNotification> = {
    id: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    topic: TOPIC,
    message: '{"event":"order.updated","id":"o_1","nul":"café ✓"}',
    subject: "My First Message",
    at: new Date("2026-05-02T00:54:06.655Z"),
    attributes: { kind: "order" },
  };
  assert.deepEqual(await post(provider, body), [
    { type: "note", id: expected.message, event: { id: expected.id, name: "MyTopic", at: expected.at } },
  ]);
  assert.deepEqual(seen, [expected]);
  await post(provider, fixture("notification-nosubject-v2").body);
  assert.deepEqual(Object.keys(seen[1] ?? {}), ["id", "topic", "message", "attributes", "at"]);
  await post(provider, { ...bodyOf(), MessageAttributes: "odd" });
  assert.deepEqual(seen[2]?.attributes, {}, "attributes are not signed, and nothing depends on their form");
});

test("a hint may have an event of its own, and a scope; a promise of hints is awaited", async () => {
  const own = { id: "own", name: "own" };
  const { provider } = open({ hints: async () => [{ type: "note", id: "n1", scope: "eu", event: own }] });
  assert.deepEqual(await post(provider, bodyOf()), [{ type: "note", id: "n1", scope: "eu", event: own }]);
  for (const error of [new SyntaxError("x"), new RetryLater(1_000)]) {
    const failing = open({ hints: () => Promise.reject(error) });
    await assert.rejects(post(failing.provider, bodyOf()), error);
  }
});

test("as a Lambda function is given it: another spelling, a null for a subject", async () => {
  const { SigningCertURL, ...rest } = bodyOf();
  const { provider } = open();
  assert.equal(
    ((await post(provider, { ...rest, SigningCertUrl: SigningCertURL, Subject: null })) as Hint[]).length,
    1,
  );
  await rejects(provider, { ...rest, SigningCertUrl: "https://evil.example/x.pem" });
  await rejects(provider, rest);
});

test("a topic that is not among the topics is not believed, though SNS signed it, and has nothing fetched", async () => {
  const { provider, asked } = open();
  for (const topic of [
    OTHER_TOPIC,
    `${TOPIC}2`,
    TOPIC.replace("us-east-1", "eu-west-1"),
    TOPIC.replace("0", "1"),
    "",
  ]) {
    await rejects(provider, bodyOf({ TopicArn: topic }), topic);
  }
  assert.deepEqual(asked, []);
  const both = open({ topics: (scope) => (scope === undefined ? [TOPIC, OTHER_TOPIC] : OTHER_TOPIC) });
  assert.ok(await post(both.provider, bodyOf({ TopicArn: OTHER_TOPIC })));
  assert.ok(await post(both.provider, bodyOf()));
  await assert.rejects(async () => both.provider.webhook?.({ ...request(bodyOf()), scope: "a" }), WebhookRejected);
});

const NAME = "SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
const PLACES = [
  ...[
    "sns.eu-west-1.amazonaws.com",
    "sns.us-east-1.amazonaws.com.cn",
    "sns.amazonaws.com",
    "sns.us-east-1.amazonaws.co",
  ],
  ...["sns.us-east-1.amazonaws.com.evil.example", "sns.us-east-1.amazonaws.com@evil.example", "evil.example"],
  ...["xsns.us-east-1.amazonaws.com", "sns.s3-us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com:443"],
  ...["sns.us-east-1.amazonaws.com:8443", "user@sns.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com."],
  ...[
    "SNS.us-east-1.amazonaws.com",
    "sns.us-east-1.amazonaws.com%2eevil.example",
    "sns.us-east-1.amazonaws.com\\.evil",
  ],
  ...["169.254.169.254", "[::1]", "localhost", "", "sns.us-east-1.amazonaws.com/x/..", "sns.us-east-1.amazonaws.com/x"],
].map((host) => `https://${host}/${NAME}`);
const PATHS = [
  ...["", "/", "/SimpleNotificationService-.pem", "/SimpleNotificationService-0123.pem", `/${NAME}/`, `//${NAME}`],
  ...[`/${NAME}?x=1`, `/${NAME}?`, `/${NAME}#x`, `/${NAME.toUpperCase()}`, `/x/../${NAME}`, `/./${NAME}`, `/${NAME}.x`],
  ...[`/%53${NAME.slice(1)}`, "/?Action=Publish", "/SimpleNotificationService-g123456789abcdef0123456789abcdef.pem"],
  ...["/SimpleNotificationService-0123456789ABCDEF0123456789ABCDEF.pem", `/${NAME} `, `/${NAME}\n`, `/a${NAME}`],
].map((path) => `https://sns.us-east-1.amazonaws.com${path}`);
const SCHEMES = ["http:", "HTTPS:", "ftp:", "file:", "data:", ""].map((scheme) =>
  CERTIFICATE.replace("https:", scheme),
);

test("a certificate is fetched from SNS in the topic's region and from nowhere else", async () => {
  const { provider, asked } = open({}, () => new Response(pem));
  const places = [...PLACES, ...PATHS, ...SCHEMES];
  assert.ok(places.length >= 45);
  for (const url of places) await rejects(provider, bodyOf({ SigningCertURL: url }), url);
  assert.deepEqual(asked, []);
  await post(provider, bodyOf());
  assert.deepEqual(asked, [CERTIFICATE]);
  await post(provider, bodyOf());
  assert.equal(asked.length, 1, "and kept");
});

test("regions and partitions have their own hosts", async () => {
  for (const [arn, host] of [
    ["arn:aws:sns:eu-central-1:123456789012:t", "sns.eu-central-1.amazonaws.com"],
    ["arn:aws:sns:ap-southeast-4:123456789012:t", "sns.ap-southeast-4.amazonaws.com"],
    ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "sns.us-gov-west-1.amazonaws.com"],
    ["arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn"],
  ] as const) {
    const url = `https://${host}/${NAME}`;
    const { provider, asked } = open({ topics: arn }, () => new Response(pem));
    assert.ok(await post(provider, bodyOf({ TopicArn: arn, SigningCertURL: url })));
    assert.deepEqual(asked, [url]);
    await rejects(provider, bodyOf({ TopicArn: arn }), "the host of another region");
  }
});

test("a certificate must be in force; where it cannot be had, SNS tries again", async () => {
  const { provider } = open();
  await rejects(provider, bodyOf(), "not yet", Date.parse("2026-11-20T00:00:00Z"));
  await rejects(provider, bodyOf(), "no longer", Date.parse("2126-10-29T00:00:00Z"));
  await assert.rejects(post(open({}, () => new Response("", { status: 503 })).provider, bodyOf()), RetryLater);
  await rejects(open({}, () => new Response("", { status: 404 })).provider, bodyOf());
});

test("a version that is not wanted is refused, and one that there is not", async () => {
  const { provider } = open({ versions: ["2"] });
  assert.ok(await post(provider, bodyOf({}, "2")));
  await rejects(provider, bodyOf({}, "1"));
  for (const version of ["3", "0", "", "toString", "constructor"]) {
    await rejects(open().provider, { ...bodyOf(), SignatureVersion: version }, version);
  }
});

test("a signature has one spelling", async () => {
  const { provider } = open();
  const body = bodyOf();
  const good = String(body["Signature"]);
  const odd = [
    "",
    "=",
    good.slice(0, -2),
    `${good}=`,
    `${good}AAAA`,
    good.replaceAll("+", "-").replaceAll("/", "_"),
    "é",
  ];
  for (const signature of odd) if (signature !== good) await rejects(provider, { ...body, Signature: signature });
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = good.at(-3) ?? "";
  const unused = `${good.slice(0, -3)}${digits[digits.indexOf(last) ^ 1]}==`;
  assert.deepEqual(Buffer.from(unused, "base64"), Buffer.from(good, "base64"), "a decoder takes it for the same");
  await rejects(provider, { ...body, Signature: unused });
});

test("one signed text can be read in one way only: no part of a message passes for another field", async () => {
  const { provider } = open();
  const message = "first\nMessageId\n11111111-1111-1111-1111-111111111111\nSubject\nsecond";
  const body = bodyOf({ Message: message });
  assert.ok(await post(provider, body));
  // The same text, cut elsewhere: what was a part of the message becomes an id, and the id a subject.
  const [text, ...rest] = message.split("\nMessageId\n");
  const moved = { ...body, Message: text, MessageId: `${rest.join("")}\nMessageId\n${body["MessageId"]}` };
  await rejects(provider, moved);
  const subject = bodyOf({ Subject: "plain" });
  await rejects(provider, { ...subject, Subject: undefined, MessageId: `${subject["MessageId"]}\nSubject\nplain` });
  for (const field of ["MessageId", "Subject", "Timestamp"]) {
    await rejects(provider, bodyOf({ [field]: "2027-01-15T08:00:00.000Z\nx" }), field);
  }
});

test("half a character does not pass for the sign of a broken one, which is signed alike", async () => {
  const { provider } = open();
  const body = bodyOf({ Message: "a\ufffdb" });
  assert.ok(await post(provider, body));
  for (const half of ["\ud800", "\udfff"]) await rejects(provider, { ...body, Message: `a${half}b` });
  assert.ok(await post(provider, bodyOf({ Message: "a\u{1f600}b" })));
});

test("what is no envelope is rejected, and a message of a type that there is not", async () => {
  const { provider, asked } = open();
  const deep = "[".repeat(100_000);
  for (const body of ["", "{", "null", "[]", "{}", "5", '"text"', deep, '{"Type":"Notification"}', "\u0000"]) {
    await rejects(provider, body, body.slice(0, 30));
  }
  for (const type of ["Other", "notification", "", "toString"]) await rejects(provider, bodyOf({ Type: type }), type);
  for (const field of ["Message", "MessageId", "TopicArn", "Timestamp", "Signature", "SigningCertURL"]) {
    for (const value of [undefined, null, 5, {}, ["x"]])
      await rejects(provider, { ...bodyOf(), [field]: value }, field);
  }
  for (const time of ["", "now", "1800000000", "2027-01-15"])
    await rejects(provider, bodyOf({ Timestamp: time }), time);
  assert.deepEqual(asked, []);
});

test("the header's word for what it is counts for nothing", async () => {
  const { provider, seen } = open();
  await post(provider, fixture("subscription-confirmation-v2").body, { "x-amz-sns-message-type": "Notification" });
  assert.deepEqual(seen, []);
  await post(provider, fixture("notification-v2").body, { "x-amz-sns-message-type": "SubscriptionConfirmation" });
  assert.equal(seen.length, 1);
});

const token = String(fixture("subscription-confirmation-v2").body["Token"]);

test("a subscription to one of the topics is confirmed, at SNS and not where the message says", async () => {
  const { provider, asked } = open();
  const { body } = fixture("subscription-confirmation-v2");
  const elsewhere = signBody({ ...body, SubscribeURL: "https://evil.example/?Action=ConfirmSubscription" });
  for (const one of [body, elsewhere]) {
    asked.length = 0;
    assert.deepEqual(await post(provider, one), []);
    const [url = ""] = asked.slice(-1);
    assert.equal(new URL(url).origin, "https://sns.us-east-1.amazonaws.com");
    const query = Object.fromEntries(new URL(url).searchParams);
    assert.deepEqual(query, { Action: "ConfirmSubscription", TopicArn: TOPIC, Token: token });
  }
  asked.length = 0;
  await rejects(provider, signBody({ ...body, TopicArn: OTHER_TOPIC }), "of another topic");
  await rejects(provider, { ...body, Token: `${token}0` }, "not signed");
  assert.deepEqual(asked, []);
  const odd = "a&Action=Publish#";
  await post(provider, signBody({ ...body, Token: odd }));
  const [last = ""] = asked.slice(-1);
  assert.equal(new URL(last).searchParams.get("Token"), odd, "a token stays a token");
  assert.equal(new URL(last).searchParams.getAll("Action").join(), "ConfirmSubscription");
});

test("a confirmation that fails is asked for again; no redirect is followed", async () => {
  const { body } = fixture("subscription-confirmation-v2");
  for (const status of [302, 400, 403, 500]) {
    const modes: string[] = [];
    const { provider } = open({}, (asked) => {
      modes.push(asked.redirect);
      const headers = { location: "https://evil.example/" };
      return asked.url === CERTIFICATE ? new Response(pem) : new Response(null, { status, headers });
    });
    await assert.rejects(post(provider, body), RetryLater, `${status}`);
    assert.deepEqual(modes, ["manual", "manual"]);
  }
  const unreachable = (asked: Request) => {
    if (asked.url === CERTIFICATE) return new Response(pem);
    throw new TypeError("fetch failed");
  };
  await assert.rejects(post(open({}, unreachable).provider, body), RetryLater);
});

test("the application may confirm by itself, and is told when it was unsubscribed", async () => {
  const told: unknown[] = [];
  const { provider, asked } = open({
    confirm: (subscription) => void told.push(["confirm", subscription]),
    unsubscribed: async (subscription) => void told.push(["unsubscribed", subscription]),
  });
  assert.deepEqual(await post(provider, fixture("subscription-confirmation-v2").body), []);
  assert.deepEqual(await post(provider, fixture("unsubscribe-confirmation-v2").body), []);
  const subscription = { topic: TOPIC, token };
  assert.deepEqual(told, [
    ["confirm", subscription],
    ["unsubscribed", subscription],
  ]);
  assert.deepEqual(asked, [CERTIFICATE], "nobody subscribes again by himself");
  const failing = open({ confirm: () => Promise.reject(new Error("x")), unsubscribed: () => assert.fail("x") });
  for (const name of ["subscription-confirmation-v2", "unsubscribe-confirmation-v2"]) {
    await assert.rejects(post(failing.provider, fixture(name).body), RetryLater);
  }
  assert.deepEqual(await post(open().provider, fixture("unsubscribe-confirmation-v2").body), []);
});

const RAW = { "x-amz-sns-rawdelivery": "true", "x-amz-sns-topic-arn": TOPIC, "x-amz-sns-message-id": "m1" };
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

test("raw delivery is refused: nothing in it is signed", async () => {
  const { provider, seen } = open();
  for (const body of ["n1", JSON.stringify(bodyOf())]) {
    await assert.rejects(post(provider, body, RAW), WebhookRejected);
    await assert.rejects(post(provider, body, { ...RAW, ...basic("sns:secret") }), WebhookRejected);
    await assert.rejects(post(provider, body, { ...RAW, ...basic(":") }), WebhookRejected);
  }
  await rejects(provider, "n1", "nor is it an envelope without the header");
  assert.deepEqual(seen, []);
});

test("with a secret of one's own raw delivery is asked for the password, and believed with it", async () => {
  const { provider, seen, asked } = open({ rawSecret: ["secret", "old:er"] });
  const challenge = await post(provider, "n1", RAW);
  assert.ok(challenge instanceof Response);
  assert.equal(challenge.status, 401);
  assert.match(challenge.headers.get("www-authenticate") ?? "", /^Basic realm="[^"]+"$/);
  const event = { id: "m1", name: "MyTopic" };
  for (const text of ["sns:secret", ":secret", "sns:old:er"]) {
    assert.deepEqual(await post(provider, "n1", { ...RAW, ...basic(text) }), [{ type: "note", id: "n1", event }], text);
  }
  assert.deepEqual(seen.at(-1), { id: "m1", topic: TOPIC, message: "n1", attributes: {} });
  const { "x-amz-sns-message-id": _, ...nameless } = RAW;
  assert.deepEqual(await post(provider, "n1", { ...nameless, ...basic("a:secret") }), [{ type: "note", id: "n1" }]);
  for (const text of ["", "secret", "sns:", "sns:secre", "sns:secrets", "sns:Secret", "sns:er", "sns:secret,old:er"]) {
    await assert.rejects(post(provider, "n1", { ...RAW, ...basic(text) }), WebhookRejected, text);
  }
  for (const authorization of [
    "",
    "Basic",
    "Bearer secret",
    "secret",
    "Basic secret",
    `Digest ${btoa("sns:secret")}`,
  ]) {
    await assert.rejects(post(provider, "n1", { ...RAW, authorization }), WebhookRejected, authorization);
  }
  const elsewhere = { ...RAW, "x-amz-sns-topic-arn": OTHER_TOPIC, ...basic("sns:secret") };
  await assert.rejects(post(provider, "n1", elsewhere), WebhookRejected);
  const { "x-amz-sns-topic-arn": __, ...homeless } = { ...RAW, ...basic("sns:secret") };
  await assert.rejects(post(provider, "n1", homeless), WebhookRejected);
  assert.deepEqual(asked, []);
  assert.equal(((await post(provider, bodyOf())) as Hint[]).length, 1, "what is signed needs no password");
  await rejects(provider, { ...bodyOf(), Signature: "AAAA" }, "and a password is no signature");
  await assert.rejects(post(provider, "n1", basic("sns:secret")), WebhookRejected);
});

test("what SNS is answered: saved, for good refused, try again, or asked for the password", async (t) => {
  let up = false;
  const { provider } = open({ rawSecret: "secret" }, (asked) =>
    up ? amazon.answerSns(asked) : new Response("", { status: 503 }),
  );
  const clock = { now: NOW };
  const time = { ...systemTime, now: () => clock.now };
  const sync = createSync({ providers: { app: provider }, store: sqlite(":memory:", { time }), time });
  t.after(() => sync.stop());
  const send = async (body: Json | string, headers: Record<string, string> = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = { "content-type": "text/plain; charset=UTF-8" };
    return sync.webhook(
      "app",
      new Request("http://x/", { method: "POST", body: text, headers: { ...type, ...headers } }),
    );
  };
  const down = await send(bodyOf());
  assert.equal(down.status, 503);
  assert.ok(down.headers.has("retry-after"));
  up = true;
  clock.now += 30_000;
  assert.equal((await send(bodyOf())).status, 202);
  assert.equal((await send(bodyOf({ Type: "SubscriptionConfirmation", SubscribeURL: "x", Token: token }))).status, 202);
  assert.equal((await send({ ...bodyOf(), Message: "forged" })).status, 401);
  const challenge = await send("n1", RAW);
  assert.equal(challenge.status, 401);
  assert.ok(challenge.headers.has("www-authenticate"));
  assert.equal((await send("n1", { ...RAW, ...basic("sns:secret") })).status, 202);
  assert.equal((await send("n1", { ...RAW, ...basic("sns:other") })).status, 401);
});

test("what the inner provider has is kept, but for its webhook, and the endpoint that would send it", async () => {
  const resources = inner.resources;
  const given = { resources, scopes: () => ["a"], feeds: {}, probe: async () => {}, limits: { rate: 3 } };
  const endpoint: Endpoint = { check: async () => assert.fail(), ensure: async () => assert.fail() };
  const before = standardWebhooks<Types>({ secret: `whsec_${"a".repeat(32)}`, ...given, endpoint });
  assert.equal(before.endpoint, endpoint);
  const { webhook, bodyLimit = 0, ...rest } = sns<Types>({ topics: TOPIC, inner: before, hints });
  assert.deepEqual(rest, given);
  assert.notEqual(webhook, before.webhook);
  assert.ok(bodyLimit >= 2 * 262_144, "a message of 256 KiB whose every character is escaped");
});

test("the stream's types come from the inner provider, also where all is written in one", async () => {
  const resources = inner.resources;
  const secret = `whsec_${"a".repeat(32)}`;
  const sync = createSync({
    store: sqlite(":memory:"),
    providers: {
      a: sns({ topics: TOPIC, inner, hints: (message) => [{ type: "note", id: message }] }),
      b: standardWebhooks({ secret, resources, events: ({ id }) => [{ type: "note", id }] }),
      c: sns({ topics: TOPIC, inner: standardWebhooks({ secret, resources }), hints: async () => [{ type: "note" }] }),
    },
  });
  sync.subscribe("text", { types: ["a.note", "b.note", "c.note"] }, (change) => change.after?.text.toUpperCase());
  // @ts-expect-error: there is no such type
  assert.throws(() => sync.subscribe("other", { types: ["a.other"] }, () => {}), TypeError);
  // @ts-expect-error: the inner provider has no such type
  sns({ topics: TOPIC, inner, hints: () => [{ type: "other" }] });
  await sync.stop();
});

test("a function that gives no topic is mended meanwhile: SNS tries again", async () => {
  for (const topics of ["MyTopic", [], [TOPIC, "MyTopic"]]) {
    await assert.rejects(post(open({ topics: () => topics }).provider, bodyOf()), RetryLater);
  }
});

test("an option that is wrong is refused at once, and says what to write", () => {
  const good = { topics: TOPIC, inner, hints };
  const topics = [
    ...[
      "",
      "MyTopic",
      "arn:aws:sqs:us-east-1:123456789012:t",
      "arn:aws:sns:us-east-1:123456789012:t.fifo",
      `${TOPIC} `,
    ],
    ...[
      "arn:aws:sns:s3-us-east:123456789012:t",
      "arn:aws:sns:us-east-1:1:t",
      "arn:aws:sns:*:123456789012:t",
      `${TOPIC}:x`,
    ],
    ...["arn:other:sns:us-east-1:123456789012:t", [], [TOPIC, "x"], undefined, null, 5],
  ];
  const wrong: [object, RegExp][] = [
    ...topics.map((one): [object, RegExp] => [{ topics: one }, /sns\(\{ topics \}\) must be.*"arn:aws:sns:/]),
    ...[undefined, null, {}, { resources: null }].map((one): [object, RegExp] => [
      { inner: one },
      /sns\(\{ inner \}\)/,
    ]),
    ...[undefined, null, "x"].map((one): [object, RegExp] => [{ hints: one }, /sns\(\{ hints \}\)/]),
    ...[[], ["3"], "2", [2]].map((one): [object, RegExp] => [{ versions: one }, /sns\(\{ versions \}\)/]),
    ...["", " ", []].map((one): [object, RegExp] => [{ rawSecret: one }, /sns\(\{ rawSecret \}\)/]),
    [{ confirm: "x" }, /sns\(\{ confirm \}\)/],
    [{ unsubscribed: 5 }, /sns\(\{ unsubscribed \}\)/],
    [{ fetch: {} }, /sns\(\{ fetch \}\)/],
  ];
  for (const [over, message] of wrong) {
    assert.throws(() => sns({ ...good, ...over } as never), { name: "TypeError", message }, JSON.stringify(over));
  }
});
