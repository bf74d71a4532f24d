/** What an API answers: links to a next page, how long to wait, what is left, JSON. */
import assert from "node:assert/strict";
import { RetryLater } from "tidemark";
import { createClient, limitOf, parseJson, waitOf } from "tidemark/client";
import { linkOf, nextOf } from "../../../providers/rest/paging.ts";
import { fakeContext } from "../../providers/context.ts";
import { headerText, type Target } from "../target.ts";

const HOME = "https://api.example.com/v1/things?page=1";
const NOW = 1_800_000_000_000;

/** No request leaves the origin, whatever a link says; what is taken for the next page is named as that. */
const link: Target = {
  async run(input) {
    const text = headerText(input);
    if (text.length > 16_384) return assert.throws(() => linkOf(text), /more than 16384/);
    const found = linkOf(text);
    if (found !== null) {
      const places = text.split("<").filter((part) => part.startsWith(`${found}>`));
      // Also without the semicolon that belongs there: a list that ended too early would be worse than a link within its origin.
      const named = places.some((part) =>
        /^\s*rel\s*=[^;]*next|;\s*rel\s*=[^;]*next/i.test(part.slice(found.length + 1)),
      );
      assert.ok(named, `taken for the next page: ${found}`);
    }
    const asked: string[] = [];
    const fetch = async ({ url }: Request) => {
      asked.push(url);
      return new Response("[]");
    };
    const headers = new Headers({ link: text });
    try {
      const next = nextOf({ by: "link" }, { body: [], headers, url: HOME, rows: [], id: "id" }, null);
      const client = createClient({ name: "it", url: "https://api.example.com/v1/", fetch });
      if (next !== null) await client.get(next, fakeContext());
    } catch (error) {
      const known = error instanceof TypeError || (error as Error).name === "ServiceError";
      assert.ok(known, `an error of another kind: ${error}`);
    }
    for (const url of asked) assert.ok(url.startsWith("https://api.example.com/"), `asked ${url}`);
  },
  words: [
    "<",
    ">",
    ";",
    ",",
    "rel=",
    '"next"',
    "next",
    "rel=next",
    "https://",
    "//evil.example",
    "@evil.example",
    '"',
  ].concat(
    ...[
      "\\",
      "?page=2",
      "/",
      "..",
      "http://169.254.169.254/",
      "[::ffff:127.0.0.1]",
      "\t",
      "title*=",
      "NEXT prev",
      ":80",
    ],
  ),
  seeds: [
    '<https://api.example.com/v1/things?page=2>; rel="next", <https://api.example.com/v1/things?page=9>; rel="last"',
    '</v1/things?page=2>; title="a, b"; rel="prev next"',
    '<//evil.example/>; rel="next"',
    '<//evil.example/> rel="next" rel="last"',
    "<https://api.example.com@evil.example/>;rel=next",
  ],
};

/** Never less than a second, never NaN; a whole number of seconds is exactly that. */
const wait: Target = {
  run(input) {
    const text = headerText(input);
    const ms = waitOf(new Headers({ "retry-after": text }), NOW);
    if (ms !== undefined) {
      assert.ok(ms >= 1_000, `${ms}`);
      assert.ok(new RetryLater(ms).ms <= 3_600_000);
    }
    if (/^[1-9]\d{0,8}$/.test(text)) assert.equal(ms, Number(text) * 1_000);
    const other = waitOf(new Headers({ "x-ratelimit-reset": text }), NOW);
    assert.equal(other, ms, "the same text says the same, in whichever header");
  },
  words: [
    "0",
    "9",
    "120",
    "1e9",
    "-1",
    ".5",
    " ",
    "GMT",
    "Fri, 15 Jan 2027 08:00:00 GMT",
    "+",
    "0x10",
    "Infinity",
    "NaN",
  ].concat(...[String(NOW), String(NOW / 1_000), "Z", "T", ":", "2027-01-15"]),
  seeds: ["120", "Fri, 15 Jan 2027 08:00:00 GMT", "1800000060", "0.5", "9".repeat(400)],
};

/** A number is left, or nothing is said; and it is there again within a month. */
const left: Target = {
  run(input) {
    const [one = "", two = "", three = ""] = input
      .toString("latin1")
      .split("\n", 3)
      .map((line) => headerText(Buffer.from(line, "latin1")));
    const given = [
      { ratelimit: one, "ratelimit-policy": two },
      { "x-ratelimit-remaining": one, "x-ratelimit-limit": two, "x-ratelimit-reset": three },
    ];
    for (const headers of given) {
      const { left, of, resets } = limitOf(new Headers(headers), NOW);
      assert.equal(left === undefined, resets === undefined, "what is left is nothing without the time");
      for (const number of [left, of]) assert.ok(number === undefined || number >= 0, `${number}`);
      assert.ok(resets === undefined || (resets >= NOW && resets <= NOW + 32 * 86_400_000), `${resets}`);
    }
  },
  words: [
    '"default"',
    ";r=",
    ";t=",
    ";q=",
    ";w=",
    "limit=",
    "remaining=",
    "reset=",
    ",",
    ";",
    "=",
    '"',
    " ",
    "0",
    "50",
    "30",
  ].concat(...["100, 100;w=60", "-1", "1e9", "\n", "99999999999999999999"]),
  seeds: [
    '"default";r=50;t=30\n"default";q=100;w=60',
    "limit=100, remaining=50, reset=30",
    "50\n100\n30",
    "50\n100, 100;w=60\n1800000060",
  ],
};

/** As `JSON.parse`, but for whole numbers that it would round. */
const json: Target = {
  run(input) {
    const text = input.toString();
    const attempt = (parse: () => unknown): { value?: unknown; error?: unknown } => {
      try {
        return { value: parse() };
      } catch (error) {
        return { error };
      }
    };
    const [ours, plain] = [attempt(() => parseJson(input)), attempt(() => JSON.parse(text))];
    assert.equal("error" in ours, "error" in plain, "it must be JSON for both, or for none");
    if ("error" in ours) {
      assert.ok(ours.error instanceof SyntaxError);
      return assert.equal(ours.error.message, `a text of ${text.length} characters is no JSON`);
    }
    assertAlike(ours.value, plain.value, text);
    const [, digits] = /^\s*\[\s*(-?[1-9]\d{16,})\s*\]\s*$/.exec(text) ?? [];
    if (digits !== undefined) assert.deepEqual(ours.value, [digits], "a long number was rounded");
    assert.equal(({} as { polluted?: unknown }).polluted, undefined, "a prototype was changed");
  },
  words: [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\u0000",
    "\\",
    "1234567890123456789",
    "-",
    ".",
    "e400",
    "null",
    "true",
    "0",
  ].concat(...['"__proto__":', '{"polluted":1}', "9007199254740993", "-9007199254740993", " ", "\ufeff", "1E5", "00"]),
  seeds: [
    '{"id":12345678901234567890,"n":[1,-2.5e3,null,true],"__proto__":{"polluted":1}}',
    "[9007199254740993]",
    '"x"',
    "1e400",
  ],
};

function assertAlike(ours: unknown, plain: unknown, text: string): void {
  if (typeof plain !== "object" || plain === null) {
    if (Object.is(ours, plain)) return;
    assert.ok(typeof ours === "string" && /^-?\d+$/.test(ours), "a number became something else");
    assert.ok(
      text.includes(ours) && Number(ours) === plain && !Number.isSafeInteger(plain),
      "digits that were not there",
    );
    return;
  }
  assert.equal(Object.getPrototypeOf(ours), Object.getPrototypeOf(plain));
  const [own, theirs] = [Object.entries(ours as object), Object.entries(plain)];
  assert.equal(own.length, theirs.length);
  for (const [i, [key, value]] of theirs.entries()) {
    assert.equal(own[i]?.[0], key);
    assertAlike(own[i]?.[1], value, text);
  }
}

export const answers: Readonly<Record<string, Target>> = { link, wait, left, json };
