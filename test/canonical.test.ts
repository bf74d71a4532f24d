import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePaths, fingerprint } from "../src/canonical.ts";

const none = compilePaths([]);

test("the canonical text has its keys in order at every depth, and lists as they are", () => {
  const { text } = fingerprint({ b: [{ d: 1, c: null }, "x"], a: { z: true, "10": 1, "9": 2 } }, none);
  assert.equal(text, '{"a":{"9":2,"10":1,"z":true},"b":[{"c":null,"d":1},"x"]}');
});

test("the order of keys changes the raw fingerprint only", () => {
  const one = fingerprint({ a: 1, b: { c: 2, d: 3 } }, none);
  const two = fingerprint({ b: { d: 3, c: 2 }, a: 1 }, none);
  assert.notEqual(one.raw, two.raw);
  assert.equal(one.print, two.print);
  assert.equal(one.text, two.text);
});

test("volatile paths are left out of the fingerprint, not of the text", () => {
  const volatile = compilePaths(["url", "items.*.url"]);
  const one = fingerprint({ id: 1, url: "a", items: [{ n: 1, url: "b" }] }, volatile);
  const two = fingerprint({ id: 1, url: "c", items: [{ n: 1, url: "d" }] }, volatile);
  assert.equal(one.print, two.print);
  assert.notEqual(one.text, two.text);
  assert.notEqual(one.print, fingerprint({ id: 1, url: "a", items: [{ n: 2, url: "b" }] }, volatile).print);
});

test("a key named __proto__ is a key like any other", () => {
  const text = '{"__proto__":{"a":1},"b":2}';
  const finger = fingerprint(JSON.parse(text), none);
  assert.equal(finger.text, text);
  assert.notEqual(finger.print, fingerprint({ b: 2 }, none).print);
  assert.equal(({} as { a?: number }).a, undefined);
});

test("what is not JSON is refused", () => {
  assert.throws(() => fingerprint({ big: 1n }, none), TypeError);
});
