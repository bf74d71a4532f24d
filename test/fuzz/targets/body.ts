/** The body of a webhook that was proved: it leads to resources that there may be, or to an error, and nowhere else. */
import assert from "node:assert/strict";
import type { Hint, Provider } from "tidemark";
import { NOW, receive, told } from "../../../src/testing/provider/check.ts";
import { type Way, ways } from "../../security/ways.ts";
import type { Target } from "../target.ts";

/** One way of each provider; another way brings the same body. Those of RSA and Ed25519 take a while to sign. */
const ONE_EACH = ["stripe", "github", "gitlab, signed", "shopify", "strapi, signed", "paypal", "rest, WorkOS"].concat(
  ...["rest, LiveAPI", "standard-webhooks, v1"],
);

/** What a body is told by that is signed and no event. Anything else is our mistake. */
const UNREADABLE = ["SyntaxError", "ZodError", "TypeError", "Mismatch"];

function assertSound({ resources }: Provider, { type, id, scope, version, event }: Hint): void {
  assert.ok(Object.hasOwn(resources, type), `a hint of ${JSON.stringify(type)}, which there is not`);
  for (const text of [id, scope, event?.id, event?.name]) {
    assert.ok(text === undefined || typeof text === "string", "what must be a text is none");
  }
  assert.ok(id !== "" && !/^(undefined|null|NaN|\[object Object\])$/.test(id ?? "x"), `an id that is none: ${id}`);
  assert.ok(version === undefined || Number.isFinite(version), "a version that is no number");
}

const words = [
  ...['"id":', '"type":', '"object":', '"data":', '"event":', '"action":', '"repository":', '"project":', "null", "{}"],
  ...[
    "[]",
    "true",
    "-1",
    "1e400",
    "12345678901234567890",
    '"__proto__":',
    '"constructor":',
    '"toString"',
    '""',
    "\\u0000",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\ud83d\ude00",
    '"full_name":"',
    '"admin_graphql_api_id":',
    '"variables":',
  ],
  ...['"entry":', '"uid":', '"resource":', '"object_kind":', '"object_attributes":', '"links":[{"rel":"self","href":"'],
];

const targetOf = (way: Way): Target => ({
  async run(input) {
    // Signed as it is, whatever it is.
    const verdict = await receive(way.provider, way.sign(input.toString(), NOW));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined, "a prototype was changed");
    if (verdict.kind === "hints") for (const hint of verdict.hints) assertSound(way.provider, hint);
    if (verdict.kind !== "threw") return;
    const name = verdict.error instanceof Error ? verdict.error.name : "";
    const named = UNREADABLE.includes(name) || UNREADABLE.includes(verdict.error?.constructor.name ?? "");
    assert.ok(named, told(verdict));
  },
  words,
  seeds: [way.body, '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}', "[]", "null"],
});

export const bodies: Readonly<Record<string, Target>> = Object.fromEntries(
  ONE_EACH.map((name) => [`body of ${name.replace(/, (signed|v1)$/, "")}`, targetOf(ways[name] as Way)]),
);
