/**
 * No verifier tells by its time how much of a signature was right. Times depend on the machine: `TIMING=200000` measures, on
 * one that has nothing else to do; in the suite the statistics alone are checked.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { WebhookRejected, type WebhookRequest } from "tidemark";
import { verifyHmac, verifyStandardWebhook, verifyToken } from "tidemark/verify";
import { verifySignature as verifyGitHub } from "../../providers/github/webhook.ts";
import { verify as verifyGitLab } from "../../providers/gitlab/webhook.ts";
import { verifySignature as verifyShopify } from "../../providers/shopify/webhook.ts";
import { verifySecret, verifySignature as verifyStrapi } from "../../providers/strapi/webhook.ts";
import { verifySignature as verifyStripe } from "../../providers/stripe/webhook.ts";
import { createRandom } from "../../src/testing/random.ts";
import { figure } from "../figure.ts";
import { type Class, cropped, measure, tOf } from "./dudect.ts";

const SAMPLES = Number(process.env["TIMING"] ?? 0);
const BOUND = 4.5;
const SECRET = "a secret of forty characters, or a few more";
const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const NOW = 1_800_000_000_000;
const BODY = Buffer.from('{"id":"evt_1"}');
const mac = (encoding: "hex" | "base64", ...parts: (string | Buffer)[]) => {
  const hmac = createHmac("sha256", parts[0] ?? "");
  for (const part of parts.slice(1)) hmac.update(part);
  return hmac.digest(encoding);
};

/** Signatures that are right but for one of the last digits, and ones that are wrong from the first on. */
function classesOf(right: string, last = right.replace(/=+$/, "").length - 1): readonly [Class, Class] {
  const random = createRandom(4);
  const digits = /^[0-9a-f]+$/.test(right) ? "0123456789abcdef" : "abcdefghijklmnopqrstuvwxyz0123456789";
  const other = (at: number) => random.pick([...digits].filter((digit) => digit !== right[at]));
  // In base64 the very last digit has bits that count for nothing.
  const place = () => last - random.int(1, 4);
  const changed = (at: number) => right.slice(0, at) + other(at) + right.slice(at + 1);
  const almost = Array.from({ length: 64 }, () => changed(place()));
  const nothing = Array.from({ length: 64 }, () =>
    Array.from(right, (sign, at) => (sign === "=" || at >= last ? sign : other(at))).join(""),
  );
  // All of one making: a text that was put together is kept otherwise than one that was read, which takes another time.
  const read = (text: string) => Buffer.from(text).toString("latin1");
  return [almost.map(read), nothing.map(read)];
}

const request = (headers: Record<string, string>): WebhookRequest => ({
  ...{ method: "POST", url: "/", body: BODY, now: NOW },
  headers: { get: (name: string) => headers[name] ?? null } as Headers,
});
const refused = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    if (error instanceof WebhookRejected) return;
    throw error;
  }
  assert.fail("a wrong signature was believed");
};

const time = String(NOW / 1_000);
const STANDARD = mac("base64", Buffer.alloc(32, 7), `msg_1.${time}.`, BODY);
const standardHeaders = (given: string) =>
  request({ "webhook-id": "msg_1", "webhook-timestamp": time, "webhook-signature": `v1,${given}` });

/** Each verifier, and the signature that it would take. */
const verifiers: Readonly<Record<string, { right: string; run: (given: string) => unknown }>> = {
  "verifyHmac, hex": { right: mac("hex", SECRET, BODY), run: (given) => verifyHmac([SECRET], [BODY], given) },
  "verifyHmac, base64": {
    right: mac("base64", SECRET, BODY),
    run: (given) => verifyHmac([SECRET], [BODY], given, { encoding: "base64" }),
  },
  verifyToken: {
    right: SECRET.replaceAll(/\W/g, "x"),
    run: (given) => verifyToken([SECRET.replaceAll(/\W/g, "x")], given),
  },
  verifyStandardWebhook: {
    right: STANDARD,
    run: (given) => refused(() => verifyStandardWebhook([WHSEC], standardHeaders(given))),
  },
  stripe: {
    right: mac("hex", SECRET, `${time}.`, BODY),
    run: (given) => refused(() => verifyStripe(request({ "stripe-signature": `t=${time},v1=${given}` }), [[SECRET]])),
  },
  github: {
    right: mac("hex", SECRET, BODY),
    run: (given) => refused(() => verifyGitHub(request({ "x-hub-signature-256": `sha256=${given}` }), [SECRET])),
  },
  "gitlab, signed": { right: STANDARD, run: (given) => refused(() => verifyGitLab(standardHeaders(given), [WHSEC])) },
  "gitlab, by token": {
    right: SECRET.replaceAll(/\W/g, "x"),
    run: (given) => refused(() => verifyGitLab(request({ "x-gitlab-token": given }), [SECRET.replaceAll(/\W/g, "x")])),
  },
  shopify: {
    right: mac("base64", SECRET, BODY),
    run: (given) => refused(() => verifyShopify(request({ "x-shopify-hmac-sha256": given }), [SECRET])),
  },
  "strapi, signed": {
    right: mac("hex", SECRET, BODY),
    run: (given) => refused(() => verifyStrapi(request({ "x-strapi-signature-256": `sha256=${given}` }), [SECRET])),
  },
  "strapi, by token": {
    right: SECRET.replaceAll(/\W/g, "x"),
    run: (given) =>
      refused(() =>
        verifySecret(request({ authorization: `Bearer ${given}` }), "authorization", [SECRET.replaceAll(/\W/g, "x")]),
      ),
  },
};

/** The smallest of three: what is in the code is there each time, what else the machine did is not. */
function least(run: (input: string) => unknown, classes: readonly [Class, Class], samples: number): number {
  const all = [1, 2, 3].map(() => tOf(cropped(measure(run, classes, samples))));
  return all.sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Number.NaN;
}

test("the statistics: times of one kind are one kind, and a hundredth more is seen", () => {
  const random = createRandom(1);
  const times = (mean: number) =>
    Array.from({ length: 20_000 }, () => mean + 200 * (random.next() + random.next() - 1));
  assert.ok(Math.abs(tOf([times(1_000), times(1_000)])) < BOUND);
  assert.ok(Math.abs(tOf([times(1_000), times(1_010)])) > BOUND);
  assert.equal(
    tOf([
      [5, 5, 5],
      [5, 5, 5],
    ]),
    0,
  );
  assert.deepEqual(
    cropped([
      [1, 9, 2],
      [3, 8, 4],
    ]),
    [
      [1, 2],
      [3, 4],
    ],
  );
});

test("every signature that is timed is wrong, and as long as the right one", () => {
  for (const [name, { right, run }] of Object.entries(verifiers)) {
    const classes = classesOf(right);
    for (const one of classes.flat()) {
      assert.ok(one !== right && one.length === right.length, name);
      assert.notEqual(run(one), true, name);
    }
  }
});

test("a comparison that ends at the first difference is found out", {
  skip: SAMPLES === 0 && "TIMING=200000 measures",
}, () => {
  const right = mac("hex", SECRET, BODY);
  const leaky = (given: string) => {
    for (let at = 0; at < right.length; at++) if (given.charCodeAt(at) !== right.charCodeAt(at)) return at;
    return -1;
  };
  const t = least(leaky, classesOf(right), SAMPLES);
  assert.ok(Math.abs(t) > BOUND, `t is ${t.toFixed(1)}: this machine is too busy to tell anything`);
});

for (const [name, { right, run }] of Object.entries(verifiers)) {
  test(`${name}: its time does not tell how much of a signature was right`, {
    skip: SAMPLES === 0 && "TIMING=200000 measures",
  }, (context) => {
    const t = least(run, classesOf(right), SAMPLES);
    assert.ok(Math.abs(t) < BOUND, `t is ${t.toFixed(2)}`);
    figure(context, "F21", `${name}: |t| = ${Math.abs(t).toFixed(2)} < 4.5 of ${SAMPLES.toLocaleString("en")} samples`);
  });
}
