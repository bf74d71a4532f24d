/** What is written on a terminal: columns, times, and what services wrote: as text, and as JSON that is the same value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "../cli/io.ts";
import { ago, changeLine, jsonOf, plain } from "../cli/print.ts";

test("no sign that a terminal obeys, and none that turns a line around, is written out", () => {
  const codes = [...Array(0x20).keys(), 0x7f, ...Array.from({ length: 0x20 }, (_, i) => 0x80 + i)];
  const turned = [0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069];
  for (const code of [...codes, ...turned]) {
    const sign = String.fromCharCode(code);
    const value = { [`a${sign}`]: [`${sign}b`] };
    assert.equal(plain(`a${sign}b`), "a\ufffdb", `${code}`);
    assert.ok(!jsonOf(value).includes(sign), `${code}`);
    assert.deepEqual(JSON.parse(jsonOf(value, 2)), value, "it is the same value");
  }
  assert.equal(plain("ä 日 \u{1f600}"), "ä 日 \u{1f600}");
  assert.equal(jsonOf({ a: "ä 日" }), JSON.stringify({ a: "ä 日" }));
});

const io = { out() {}, err() {}, tty: false, env: {}, cwd: "", signal: new AbortController().signal };

test("what a service sent cannot write on the terminal by itself", () => {
  const change = {
    ...{
      cursor: "",
      type: "a.b",
      scope: "s\u001b[2J",
      id: "x\n\u001b]0;y\u0007",
      before: { "k\u001b": 1 },
      after: { "k\u001b": 2 },
    },
    ...{ at: new Date(0), via: "poll" as const, initial: false, causes: [] },
  };
  assert.doesNotMatch(changeLine(io, change).slice(0, -1), /\p{Cc}/u);
  assert.equal(plain("a\tb\u009b"), "a\ufffdb\ufffd");
});

test("columns are as wide as their longest cell", () => {
  assert.equal(
    table([
      ["a", "bb"],
      ["ccc", "d"],
    ]),
    "a    bb\nccc  d",
  );
});

test("how long ago is told roughly", () => {
  const day = 86_400_000;
  const told = [null, 0, 89_000, 91_000, 2 * 3_600_000, 3 * day].map((ms) =>
    ago(ms === null ? null : new Date(0), ms ?? 0),
  );
  assert.deepEqual(told, ["never", "0 s ago", "89 s ago", "2 min ago", "2 h ago", "3 days ago"]);
});
