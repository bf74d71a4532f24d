/** Forged webhooks: none is believed, none breaks anything, and no good one is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { alter, alterBytes, exchange, junk } from "../../src/testing/provider/alter.ts";
import { NOW, receive, told } from "../../src/testing/provider/check.ts";
import { createRandom, type Random } from "../../src/testing/random.ts";
import type { Delivery } from "../../src/testing/samples.ts";
import { figure } from "../figure.ts";
import { requestOf, type Way, ways } from "./ways.ts";

/** Of each way. The night has a million. */
const FORGERIES = Number(process.env["FORGERIES"] ?? 3_000);
const VALID = FORGERIES >= 1_000_000 ? 10_000 : 300;

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: of ${FORGERIES} forged signatures, headers and bodies none is believed, and of ${VALID} good ones none is refused`, async (t) => {
    const random = createRandom(20);
    const hints = await receive(way.provider, way.sign(way.body, NOW));
    assert.equal(hints.kind, "hints", told(hints));
    assert.ok(hints.kind === "hints" && hints.hints.length > 0, "the body must say where to look");
    for (let n = 0; n < VALID; n++) {
      const delivery = way.sign(spaced(way.body, random), NOW + random.int(-170_000, 170_000));
      const verdict = await receive(way.provider, delivery);
      assert.equal(verdict.kind, "hints", `a good one, ${n}: ${told(verdict)}`);
      assert.ok(holds(way, delivery), `a good one, ${n}, must hold as its service documents it`);
    }
    let good = way.sign(way.body, NOW);
    for (let n = 0; n < FORGERIES; n++) {
      // The event loop has its turn, so that the runner hears of what was done.
      if (n % 1_000 === 0) await turn();
      if (n % 1_000 === 0) good = way.sign(spaced(way.body, random), NOW + random.int(-170_000, 170_000));
      const forged = forge(way, good, random);
      const verdict = await receive(way.provider, forged);
      if (verdict.kind === "rejected" || verdict.kind === "later") continue;
      // White space of an envelope, or the user beside a password, may be another: all that proves it is as it was.
      assert.ok(way.covers !== "bytes" && holds(way, forged), `forgery ${n}: ${told(verdict)}`);
      assert.ok(verdict.kind === "hints", `forgery ${n}: ${told(verdict)}`);
      assert.deepEqual(
        verdict.hints.map(({ id }) => id),
        hints.hints.map(({ id }) => id),
      );
    }
    const count = (n: number) => n.toLocaleString("en");
    figure(t, "F20", `${name}: ${count(FORGERIES)} forgeries: 0 accepted, 0 throws; ${count(VALID)} good: 0 refused`);
  });
}

const holds = (way: Way, delivery: Delivery): boolean => {
  const { headers, body } = requestOf(delivery, NOW);
  return way.holds(headers, body, NOW);
};

/** White space that JSON lets pass: other bytes, and so another signature. */
const spaced = (body: string, random: Random): string =>
  `{${random.pick(["", " ", "\n", "\r\n\t"])}${body.slice(1)}${random.pick(["", " ", "\n\n"])}`;

/** Something that is signed is another. */
function forge(way: Way, good: Delivery, random: Random): Delivery {
  const inBody = way.headers.length === 0 || (way.covers !== "nothing" && random.chance(0.3));
  if (inBody) return { ...good, body: alterBytes(Buffer.from(good.body), random) };
  const name = random.pick(way.headers);
  const value = good.headers[name] ?? "";
  const forged = random.pick([forgeText, exchange, (_: string, random: Random) => junk(random)])(value, random);
  return { ...good, headers: { ...good.headers, [name]: forged === value ? "" : forged } };
}

/** The proof itself: its last part, so that no change is of white space or of another scheme's name alone. */
function forgeText(value: string, random: Random): string {
  const begin = Math.max(value.lastIndexOf("="), value.lastIndexOf(",") + 1, value.lastIndexOf(" ") + 1, 0);
  const at = value.endsWith("=") ? 0 : begin;
  return `${value.slice(0, at)}${alter(value.slice(at), random)}`.trim();
}
