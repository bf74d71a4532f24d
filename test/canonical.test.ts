import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePaths, fingerprint } from "../src/canonical.ts";

const none = compilePaths([]);

test("the text has its keys as they came", () => {
  const { text } = fingerprint({ b: [{ d: 1, c: null }, "x"], a: undefined, z: new Date(0) }, none);
  assert.equal(text, '{"b":[{"d":1,"c":null},"x"],"z":"1970-01-01T00:00:00.000Z"}');
});

test("the order of keys, at any depth, changes the raw fingerprint only; that of a list changes both", () => {
  const one = fingerprint({ a: 1, b: [{ c: 2, d: 3, "10": 1, "9": 2 }] }, none);
  const two = fingerprint({ b: [{ "9": 2, d: 3, "10": 1, c: 2 }], a: 1 }, none);
  assert.notEqual(one.raw, two.raw);
  assert.equal(one.print, two.print);
  assert.notEqual(fingerprint({ a: [1, 2] }, none).print, fingerprint({ a: [2, 1] }, none).print);
});

test("an object counts as what it is in JSON", () => {
  const volatile = compilePaths(["a.url"]);
  const plain = fingerprint({ a: { n: 1, m: 2 }, at: "1970-01-01T00:00:00.000Z" }, volatile);
  const a = { toJSON: () => ({ m: 2, n: 1, url: "x" }) };
  assert.equal(fingerprint({ at: new Date(0), a, none: undefined }, volatile).print, plain.print);
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
