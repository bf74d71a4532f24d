/**
 * Checks of what is read in a webhook that was verified: its hints, and nothing that is not in it.
 * @module
 */
import assert from "node:assert/strict";
import type { Hint, Provider } from "../../provider.ts";
import { createRandom } from "../random.ts";
import type { Payload, Samples, Webhooks } from "../samples.ts";
import { type Check, NOW, receive, receiverOf, told, type Verdict } from "./check.ts";

/** Larger than any number that JavaScript holds exactly: it would be rounded to …992. */
const BEYOND = "9007199254740993";
/** Changes of payloads that are tried: what one lacks, what one has instead. */
const DAMAGES = 5_000;

/** The checks of recorded payloads. */
export function payloadChecks(samples: Samples, webhooks: Webhooks): Check[] {
  const { payloads, secrets, sign } = webhooks;
  const provider = () => receiverOf(samples, webhooks);
  const read = (to: Provider, payload: Pick<Payload, "body" | "headers">) =>
    receive(to, sign(payload, secrets[0], NOW));
  const hinting = payloads.filter(({ hints }) => typeof hints !== "string");
  const numbered = hinting.filter((payload) => beyond(payload) !== undefined);

  const checks: Check[] = [
    {
      promise: `${payloads.length} recorded payloads: ${hinting.length} give their hints, none of the others gives one`,
      async run() {
        const receiver = provider();
        for (const payload of payloads) {
          const verdict = await read(receiver, payload);
          assertExpected(payload, verdict);
          if (verdict.kind === "hints") assertSound(receiver, verdict.hints, payload.name);
        }
      },
    },
    {
      promise: "what a payload lacks, or has in another form, never becomes an id",
      async run() {
        const receiver = provider();
        const random = createRandom(1);
        for (let n = 0; n < DAMAGES; n++) {
          const payload = random.pick(hinting);
          const body = damaged(payload.body, random);
          if (body === undefined) continue;
          const verdict = await read(receiver, { ...payload, body });
          if (verdict.kind === "hints") assertSound(receiver, verdict.hints, `${payload.name}, damage ${n}`);
        }
      },
    },
    {
      promise: "what is signed and no event gives no hints",
      async run() {
        const receiver = provider();
        const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
        for (const body of [
          "",
          "{",
          "null",
          "[]",
          "{}",
          '"text"',
          "5",
          "[[{}]]",
          '{"__proto__":{"type":"x","id":"1"}}',
          deep,
          "\0\xff",
        ]) {
          const verdict = await read(receiver, { ...hinting[0], body });
          const none = verdict.kind !== "hints" || verdict.hints.length === 0;
          assert.ok(none, `the signed body ${body.slice(0, 40)} gave ${told(verdict)}`);
        }
      },
    },
  ];
  if (numbered.length > 0) {
    checks.push({
      promise: "an id beyond 2^53 is kept to its last digit, or refused",
      async run() {
        const receiver = provider();
        for (const payload of numbered) {
          const verdict = await read(receiver, { ...payload, body: beyond(payload) ?? "" });
          if (verdict.kind !== "hints") continue;
          const rounded = verdict.hints.filter(({ id = "" }) => /9007199254740992|9\.007/.test(id));
          assert.deepEqual(rounded, [], `${payload.name}: an id was rounded`);
          const lost = payload.hints.length - verdict.hints.length;
          assert.ok(lost <= 0, `${payload.name}: a hint whose id is beyond 2^53 was left out without a word`);
        }
      },
    });
  }
  return checks;
}

function assertExpected({ name, hints }: Payload, verdict: Verdict): void {
  if (hints === "answered") {
    assert.equal(verdict.kind, "answered", `${name} must be answered with a Response: ${told(verdict)}`);
    return;
  }
  assert.equal(verdict.kind, "hints", `${name} must give hints: ${told(verdict)}`);
  const given = verdict.kind === "hints" ? [...verdict.hints] : [];
  const expected = hints === "ignored" ? [] : [...hints];
  assert.deepEqual(sorted(given.map((hint) => likeness(hint, expected))), sorted(expected), `${name}: its hints`);
}

/** A hint with what the expected one of the same ref has, else the first: what that leaves out may be anything. */
function likeness(hint: Hint, expected: readonly Hint[]): Hint {
  const model = expected.find(({ type, id }) => type === hint.type && id === hint.id) ?? expected[0] ?? hint;
  const counts = (key: string) => key === "type" || key === "id" || key in model;
  return Object.fromEntries(Object.entries(hint).filter(([key]) => counts(key))) as unknown as Hint;
}

const keyOf = ({ type, id, scope }: Hint) => JSON.stringify([type, id, scope]);
const sorted = (hints: readonly Hint[]) => hints.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** What an id becomes that is not there, or is no text. */
const NO_ID = /^$|(^|[/:,])(undefined|null|NaN|true|false|Infinity|\[object \w+\]|[\d.]+e\+\d+)($|[/:,])/;

/** A hint must name what the provider has, and be what an engine can keep. */
function assertSound({ resources, feeds = {} }: Provider, hints: readonly Hint[], what: string): void {
  for (const { type, id, scope, version, event } of hints) {
    const resource = resources[type];
    assert.ok(resource && Object.hasOwn(resources, type), `${what}: a hint of a type that the provider does not have`);
    if (id === undefined) {
      const fed = Object.values(feeds).some((feed) => feed.types.includes(type));
      assert.ok(
        fed || resource.list || resource.within,
        `${what}: a hint of ${type} without an id, and nothing finds it`,
      );
    } else {
      assert.ok(typeof id === "string" && !NO_ID.test(id), `${what}: a hint of ${type} with an id that is none`);
    }
    assert.ok(
      scope === undefined || (typeof scope === "string" && !/^(undefined|null|NaN)/.test(scope)),
      `${what}: a hint of ${type} with a scope that is none`,
    );
    assert.ok(
      version === undefined || Number.isFinite(version),
      `${what}: a hint of ${type} with a version that is no number`,
    );
    if (event) {
      const { id, name } = event;
      const good = typeof id === "string" && typeof name === "string" && !/^(|undefined|null|NaN)$/.test(id);
      assert.ok(good, `${what}: a hint of ${type} with an event whose id or name is no text`);
    }
  }
}

/** A short number in a payload may be anything. */
const isTelling = (part: string): boolean => /^\d{4,}$/.test(part);

/** The payload with a number beyond 2^53 wherever a number was that is in the id of a hint. */
function beyond({ body, hints }: Payload): string | undefined {
  const text = Buffer.from(body).toString();
  const ids = typeof hints === "string" ? [] : hints.flatMap(({ id = "" }) => id.split(/[/:]/).filter(isTelling));
  const changed = [...new Set(ids)].reduce(
    (all, digits) => all.replaceAll(new RegExp(`([:[,]\\s*)${digits}(?=\\s*[,}\\]])`, "g"), `$1${BEYOND}`),
    text,
  );
  return changed === text ? undefined : changed;
}

const INSTEAD = [undefined, null, "", {}, [], true, Number.MAX_VALUE];

/** A JSON body with one of its values taken away, or of another kind. */
function damaged(body: string | Uint8Array, random: ReturnType<typeof createRandom>): string | undefined {
  const text = Buffer.from(body).toString();
  if (!/^\s*[[{]/.test(text)) return undefined;
  const root: unknown = JSON.parse(text);
  let node = root as Record<string, unknown>;
  // What says where to look stands near the top.
  for (let depth = random.int(0, 3); ; depth--) {
    const keys = Object.keys(node);
    if (keys.length === 0) return undefined;
    const key = random.pick(keys);
    const child = node[key];
    if (depth > 0 && typeof child === "object" && child !== null && Object.keys(child).length > 0) {
      node = child as Record<string, unknown>;
      continue;
    }
    node[key] = random.pick(INSTEAD);
    return JSON.stringify(root);
  }
}
