/** What services wrote, on a terminal: as text, and as JSON that is the same value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonOf, plain } from "../cli/print.ts";

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
