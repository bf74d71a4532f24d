/**
 * Checks with many deliveries: forged ones, of which none may be believed and none may break anything, and good ones.
 * @module
 */
import assert from "node:assert/strict";
import type { Provider } from "../../provider.ts";
import { createRandom, type Random } from "../random.ts";
import type { Delivery, Samples, Webhooks } from "../samples.ts";
import { alter, alterBytes, exchange, junk } from "./alter.ts";
import { type Check, NOW, receive, receiverOf, subjectOf, told, type Verdict } from "./check.ts";

/** How many good webhooks. */
const VALID = 1_000;

/** What the checks have in common. */
interface Bench {
  webhooks: Webhooks;
  provider: Provider;
  random: Random;
  good: Delivery;
  forgeries: number;
}

/** The checks with so many forgeries of each kind. */
export function forgeryChecks(samples: Samples, webhooks: Webhooks, forgeries: number): Check[] {
  const bench = (seed: number): Bench => {
    const good = webhooks.sign(subjectOf(webhooks), webhooks.secrets[0], NOW);
    return { webhooks, provider: receiverOf(samples, webhooks), random: createRandom(seed), good, forgeries };
  };
  const count = forgeries.toLocaleString("en");
  const checks: Check[] = [
    {
      promise: `of ${VALID.toLocaleString("en")} good webhooks none is refused`,
      run: () => allGood(samples, bench(1)),
    },
  ];
  if (webhooks.headers.length > 0) {
    checks.push(
      {
        promise: `of ${count} forged signatures none is believed, and none breaks anything`,
        run: () => signatures(bench(2)),
      },
      {
        promise: `of ${count} forged headers none is believed, and none breaks anything`,
        run: () => headers(bench(3)),
      },
    );
  }
  if (webhooks.covers !== "nothing") {
    checks.push({
      promise: `of ${count} forged bodies none is believed, and none breaks anything`,
      run: () => bodies(bench(4)),
    });
  }
  if (webhooks.covers === "bytes") {
    checks.push({ promise: "a body that was parsed and written again is rejected", run: () => rewritten(bench(5)) });
  }
  return checks;
}

/** Signed anew each time, at a time of its own, its JSON now written so and now otherwise. */
async function allGood(samples: Samples, { webhooks, random }: Bench): Promise<void> {
  const { secrets, payloads, tolerance = 60_000, sign } = webhooks;
  const providers = secrets.map((secret) => receiverOf(samples, webhooks, secret));
  for (let n = 0; n < VALID; n++) {
    const which = random.int(0, 1);
    const payload = random.pick(payloads);
    const body = styled(payload.body, random);
    const now = NOW + random.int(0, 86_400_000);
    const off = Math.max(0, tolerance - 1_000);
    const delivery = sign({ ...payload, body }, secrets[which] ?? "", now + random.int(-off, off));
    const verdict = await receive(providers[which] as Provider, delivery, now);
    const taken = verdict.kind === "hints" || verdict.kind === "answered";
    assert.ok(taken, `good webhook ${n} (${payload.name}) was refused: ${told(verdict)}`);
  }
}

function styled(body: string | Uint8Array, random: Random): string | Uint8Array {
  const text = Buffer.from(body).toString();
  if (!/^\s*\{/.test(text)) return body;
  // White space between tokens leaves numbers as they are written.
  const [before, after] = [random.pick(["", " ", "\n", "\r\n\t"]), random.pick(["", " ", "\n\n"])];
  return `${before}${text.replace(/^\s*\{/, `{${random.pick(["", " ", "\n  "])}`)}${after}`;
}

/** The text that depends on the secret, in each header that has one, altered. */
async function signatures({ webhooks, provider, random, good, forgeries }: Bench): Promise<void> {
  const spans = spansOf(webhooks, good);
  assert.ok(spans.length > 0, "webhooks.headers: none of them depends on the secret");
  for (let n = 0; n < forgeries; n++) {
    const { name, begin, end } = random.pick(spans);
    const value = good.headers[name] ?? "";
    const forged = alter(value.slice(begin, end), random);
    const headers = { ...good.headers, [name]: `${value.slice(0, begin)}${forged}${value.slice(end)}` };
    await refused(provider, { ...good, headers }, `${name}, forgery ${n}`);
  }
}

/** Where in the headers another secret makes a difference. */
function spansOf(webhooks: Webhooks, good: Delivery): { name: string; begin: number; end: number }[] {
  const other = webhooks.sign(subjectOf(webhooks), webhooks.secrets[1], NOW);
  return webhooks.headers.flatMap((name) => {
    const [value, another] = [good.headers[name] ?? "", other.headers[name] ?? ""];
    if (value === another) return [];
    const begin = common(value, another);
    const tail = common(backwards(value), backwards(another));
    return [{ name, begin, end: Math.max(begin + 1, value.length - tail) }];
  });
}

const backwards = (text: string): string => [...text].reverse().join("");

/** How many signs two texts begin with alike. */
function common(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** One letter or digit of any of the headers is another one, or all are of another webhook. */
async function headers({ webhooks, provider, random, good, forgeries }: Bench): Promise<void> {
  const names = webhooks.headers;
  for (let n = 0; n < forgeries; n++) {
    const name = random.pick(names);
    const value = good.headers[name] ?? "";
    const headers = { ...good.headers, [name]: random.chance(0.9) ? exchange(value, random) : junk(random) };
    await refused(provider, { ...good, headers }, `${name}, forgery ${n}`);
  }
}

/** Bytes are changed, added, taken away. */
async function bodies({ webhooks, provider, random, good, forgeries }: Bench): Promise<void> {
  const expected = await receive(provider, good);
  const body = Buffer.from(good.body);
  for (let n = 0; n < forgeries; n++) {
    const forged = { ...good, body: alterBytes(body, random) };
    if (webhooks.covers === "bytes") await refused(provider, forged, `a body, forgery ${n}`);
    else {
      const verdict = await receive(provider, forged);
      if (verdict.kind === "hints") assert.deepEqual(verdict, expected, `a body, forgery ${n}, gave other hints`);
      else assertRefused(verdict, `a body, forgery ${n}`);
    }
  }
}

/** What a framework makes of a body that it has parsed. */
async function rewritten({ provider, good }: Bench): Promise<void> {
  const text = Buffer.from(good.body).toString();
  const forms = [
    text.replaceAll(":", ": "),
    text.replaceAll("/", "\\/"),
    text.replaceAll("\n", "\r\n"),
    `\ufeff${text}`,
  ];
  if (/^\s*[[{]/.test(text)) {
    for (const indent of [0, 1, 2]) forms.push(JSON.stringify(JSON.parse(text), null, indent));
  }
  forms.push(`${text}\n`, ` ${text}`, new URLSearchParams({ payload: text }).toString(), "");
  for (const body of forms) if (body !== text) await refused(provider, { ...good, body }, "a body written again");
}

async function refused(provider: Provider, delivery: Delivery, what: string): Promise<void> {
  assertRefused(await receive(provider, delivery), what);
}

function assertRefused(verdict: Verdict, what: string): void {
  if (verdict.kind !== "rejected" && verdict.kind !== "later") {
    assert.fail(`${what} must throw WebhookRejected: ${told(verdict)}`);
  }
}
