/** Standard Webhooks: what holds, what does not, and what is never taken for a key. */
import assert from "node:assert/strict";
import { createHmac, createPrivateKey, sign as signWith } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RetryLater, WebhookRejected } from "tidemark";
import { standardSecrets, verifyStandardWebhook } from "tidemark/verify";

const vectors = JSON.parse(
  readFileSync(new URL("../fixtures/standard-webhooks/vectors.json", import.meta.url), "utf8"),
);
const { published, own_ed25519: own } = vectors;
const { secret, id, ts, payload, signature } = published;
const publicKey: string = own.public_key;
const NOW = ts * 1_000;

const MORE = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const mac = (body: string | Uint8Array, { key = secret, msg = id, at = String(ts) } = {}) => {
  const bytes = Buffer.from(key.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", bytes).update(`${msg}.${at}.`).update(body).digest("base64")}`;
};
const seed = Buffer.from(own.signing_key.slice("whsk_".length), "base64").subarray(0, 32);
const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
const asymmetric = (body: string, msg = id) =>
  `v1a,${signWith(null, Buffer.from(`${msg}.${ts}.${body}`), privateKey).toString("base64")}`;

interface Sent {
  id?: string | null;
  timestamp?: string | null;
  signature?: string | null;
  body?: string | Uint8Array;
  now?: number;
  prefix?: string;
}
/** A request with the vector's parts, but for what is given. */
function request({ body = payload, now = NOW, prefix = "webhook", ...over }: Sent = {}) {
  const parts = { id, timestamp: String(ts), signature, ...over };
  const headers = new Headers();
  for (const [name, value] of Object.entries(parts)) if (value !== null) headers.set(`${prefix}-${name}`, value);
  return { headers, body: Buffer.from(body), now };
}
const verify = (secrets: readonly string[], sent: Sent = {}, options = {}) =>
  verifyStandardWebhook(secrets, request(sent), options);
const rejects = (secrets: readonly string[], sent: Sent, why?: string) =>
  assert.throws(() => verify(secrets, sent), WebhookRejected, why);

test("Standard Webhooks: the published vector and that of Ed25519 hold, and say which message and when", () => {
  const expected = { id, at: new Date(NOW) };
  assert.deepEqual(verify([secret]), expected);
  assert.deepEqual(verify([publicKey], { signature: own.signature }), expected);
  assert.deepEqual(verify([secret], { prefix: "svix" }), expected);
  assert.equal(mac(payload), signature);
  assert.equal(asymmetric(payload), own.signature);
});

test("Standard Webhooks: any of the secrets, with any of the signatures", () => {
  const both = [MORE, secret];
  for (const one of [
    signature,
    `v1,AAAA ${signature}`,
    `${signature} v2,x`,
    `v1a,x ${signature}`,
    `x  , ${signature}`,
  ]) {
    for (const secrets of [both, both.toReversed(), [publicKey, secret], [secret]]) {
      assert.equal(verify(secrets, { signature: one }).id, id, one);
    }
  }
  assert.equal(verify([secret, publicKey], { signature: `${mac("other")} ${own.signature}` }).id, id);
});

test("Standard Webhooks: the kind of the secret decides, never the header", () => {
  const [, mine = ""] = signature.split(",");
  const [, theirs = ""] = own.signature.split(",");
  for (const one of [`v1a,${mine}`, `v1,${theirs}`, `v2,${mine}`, mine, `,${mine}`, `V1,${mine}`, ` ${mine}`, "v1,"]) {
    rejects([secret, publicKey], { signature: one }, one);
  }
  rejects([publicKey], {}, "v1 without a secret");
  rejects([secret], { signature: own.signature }, "v1a without a public key");
  const publicAsSecret = Buffer.from(publicKey.slice("whpk_".length), "base64");
  const confused = createHmac("sha256", publicAsSecret).update(`${id}.${ts}.${payload}`).digest("base64");
  rejects([publicKey], { signature: `v1,${confused}` }, "the public key as a secret");
  rejects([publicKey], { signature: `v1a,${confused}` });
});

test("Standard Webhooks: a signature has one spelling, and none is too long or too short", () => {
  const odd = [
    "v1",
    "v1,",
    `${signature}=`,
    signature.slice(0, -1),

    signature.replace("v1,", "v1,,"),
  ];
  for (const one of [...odd, signature.replace("+", "-"), signature.replace("E=", "F="), "v1,".repeat(200), ","]) {
    rejects([secret], { signature: one }, one);
  }
  const many = `${signature} `.repeat(30).trim();
  assert.ok(many.length > 1_024);
  rejects([secret], { signature: many }, "a header that asks for too much work");
});

test("Standard Webhooks: every header is needed, in its strict form, even where the signature holds", () => {
  for (const name of ["id", "timestamp", "signature"]) {
    for (const value of [null, ""]) rejects([secret], { [name]: value }, `${name}: ${value}`);
  }
  for (const at of [`${ts}.0`, `+${ts}`, `0x6034e8d2`, `${ts}abc`, `-${ts}`, "1e9", `${ts}, ${ts}`, "1".repeat(13)]) {
    rejects([secret], { timestamp: at, signature: mac(payload, { at }) }, at);
  }
  for (const msg of ["a.1", ".", "a b", "a, b", "x".repeat(257)]) {
    rejects([secret], { id: msg, signature: mac(payload, { msg }) }, msg);
  }
  assert.equal(verify([secret], { id: "8c1f/+=:_-", signature: mac(payload, { msg: "8c1f/+=:_-" }) }).id, "8c1f/+=:_-");
  const mixed = request({ signature: null });
  mixed.headers.set("svix-signature", signature);
  assert.throws(() => verifyStandardWebhook([secret], mixed), WebhookRejected);
});

test("Standard Webhooks: a part of the body cannot pass for the time", () => {
  const body = `${ts}.{}`;
  const first = mac(body, { msg: "a", at: "1" });
  assert.equal(mac("{}", { msg: "a.1" }), first);
  rejects([secret], { id: "a.1", body: "{}", signature: first });
});

test("Standard Webhooks: the bytes are verified, not a text made of them", () => {
  const body = Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d);
  assert.equal(verify([secret], { body, signature: mac(body) }).id, id);
  rejects([secret], { body: new TextDecoder().decode(body), signature: mac(body) });
  rejects([secret], { body, signature: mac(new TextDecoder().decode(body)) });
  for (const other of [`${payload} `, `\uFEFF${payload}`, "", payload.replace("2", "3")]) {
    rejects([secret], { body: other });
    rejects([publicKey], { body: other, signature: own.signature });
  }
});

test("Standard Webhooks: the time may be 300 seconds off, either way, or what was asked for", () => {
  for (const ms of [-300_000, 0, 300_000]) assert.ok(verify([secret], { now: NOW + ms }));
  for (const ms of [-300_001, 300_001, 86_400_000, Number.NaN]) rejects([secret], { now: NOW + ms }, `${ms}`);
  assert.ok(verify([secret], { now: NOW + 3_600_000 }, { tolerance: 3_600_000 }));
  assert.throws(() => verify([secret], { now: NOW + 1_001 }, { tolerance: 1_000 }), WebhookRejected);
});

const noKeys = [
  ...["plain", "whsec_", "whpk_", "whsec_short", `whsec_${Buffer.alloc(23, 1).toString("base64")}`],
  ...[own.signing_key, "whsec_%%%%", `${MORE}\n`, `whpk_${Buffer.alloc(31, 1).toString("base64")}`, MORE.slice(6)],
];

test("Standard Webhooks: a secret that is no key is refused at once, and never shown", () => {
  for (const one of noKeys) {
    assert.throws(
      () => standardSecrets([MORE, one], "gitlab({ secret })"),
      (error: Error) => {
        assert.ok(error instanceof TypeError, one);
        assert.match(error.message, /^gitlab\(\{ secret \}\) must be/);
        const [, text = one] = one.split("_");
        assert.ok(text === "" || !error.message.includes(text), "the message shows it");
        return true;
      },
    );
  }
});

test("Standard Webhooks: where one turns up later, the sender is asked to try again", async () => {
  for (const one of noKeys) {
    assert.throws(() => verify([secret, one]), RetryLater, one);
    await assert.rejects(standardSecrets(() => one, "s")(undefined), RetryLater, one);
  }
  assert.deepEqual(await standardSecrets([secret, publicKey], "s")(undefined), [secret, publicKey]);
});

test("Standard Webhooks: 20,000 mutated requests are rejected, 1,000 good ones are not", () => {
  const runs = Number(process.env["FUZZ"] ?? 20_000);
  let state = 0x2545f491;
  const below = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const mutate = (text: string): string => {
    const place = below(text.length);
    const rest = [text.slice(0, place), text.slice(place + 1), String.fromCharCode(33 + below(94))] as const;
    return [rest[0] + rest[2] + rest[1], rest[0] + rest[1], rest[0] + rest[2] + text.slice(place)][below(3)] ?? "";
  };
  const secrets = [MORE, secret, publicKey];
  for (let run = 0; run < runs; run++) {
    const given = below(4) === 0 ? own.signature : signature;
    const sent = { id, timestamp: String(ts), signature: given, body: payload };
    const name = (["id", "timestamp", "signature", "body"] as const)[below(4)] ?? "id";
    const changed = { ...sent, [name]: mutate(sent[name]) };
    if (changed[name] !== sent[name]) rejects(secrets, changed, JSON.stringify(changed));
  }
  for (let run = 0; run < 1_000; run++) {
    const [msg, body] = [`msg_${run}`, `{"n":${below(1e9)}}`];
    const signed = run % 2 === 0 ? mac(body, { msg }) : asymmetric(body, msg);
    assert.equal(verify(secrets, { id: msg, body, signature: signed }).id, msg);
  }
});
