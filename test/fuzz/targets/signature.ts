/** The proof of a webhook: what is believed must hold by the oracle, too; what is not is refused, and nothing else happens. */
import assert from "node:assert/strict";
import { NOW, receive, told } from "../../../src/testing/provider/check.ts";
import type { Delivery } from "../../../src/testing/samples.ts";
import { requestOf, type Way, ways } from "../../security/ways.ts";
import { headerText, type Target } from "../target.ts";

/** The input is the headers, a line each; where there are none, the body. */
function deliveryOf(way: Way, input: Buffer): Delivery {
  const good = way.sign(way.body, NOW);
  if (way.headers.length === 0) return { ...good, body: input };
  const lines = input.toString("latin1").split("\n");
  const given = way.headers.map((name, i) => [name, headerText(Buffer.from(lines[i] ?? "", "latin1"))]);
  return { ...good, headers: { ...good.headers, ...Object.fromEntries(given) } };
}

function seedOf(way: Way): string {
  const { headers, body } = way.sign(way.body, NOW);
  return way.headers.length === 0 ? String(body) : way.headers.map((name) => headers[name]).join("\n");
}

const words = [
  ...["sha256=", "v1=", "v1,", "v1a,", "v0=", "t=", ",", " ", "=", "\n", "\t", '"', "\0", "\u00e9", "+", "-", "e9"],
  ...["Bearer ", "Basic ", String(NOW), String(NOW / 1_000), "https://", "@", "#", "?", "/", ":443", "\\", "\r"],
  ...['"Type":"Notification"', '"TopicArn":', "arn:aws:sns:us-east-1:123456789012:MyTopic", "SHA256withRSA"],
];

const targetOf = (way: Way): Target => ({
  async run(input) {
    const delivery = deliveryOf(way, input);
    const verdict = await receive(way.provider, delivery);
    if (verdict.kind === "rejected" || verdict.kind === "later") return;
    assert.ok(verdict.kind === "hints" || verdict.kind === "answered", told(verdict));
    // A raw delivery without a password is asked for it.
    if (verdict.kind === "answered") return assert.ok(!new Headers(delivery.headers).get("authorization"));
    const { headers, body } = requestOf(delivery, NOW);
    assert.ok(way.holds(headers, body, NOW), "it is believed, and does not hold");
  },
  words,
  seeds: [seedOf(way)],
});

export const signatures: Readonly<Record<string, Target>> = Object.fromEntries(
  Object.entries(ways).map(([name, way]) => [`signature of ${name}`, targetOf(way)]),
);
