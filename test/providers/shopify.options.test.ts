/** The options of the Shopify provider, and the types that come of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { shopify } from "tidemark/shopify";

const options = { shops: ["one.myshopify.com"], token: "shpat_x", webhookSecret: "hush" } as const;
/** What a program in JavaScript may pass, too. */
const loosely = (more: Record<string, unknown>) => () => shopify({ ...options, ...more } as never);

test("options that are wrong are refused, with what to write instead", () => {
  assert.throws(loosely({ shops: undefined }), /shopify\(\{ shops \}\) must list domains/);
  assert.throws(loosely({ shops: [] }), /shops/);
  for (const shop of [
    "one",
    "one.example.com",
    "One.myshopify.com",
    "evil.example/.myshopify.com",
    "a@b.myshopify.com",
    "",
  ]) {
    assert.throws(loosely({ shops: [shop] }), /shops/, shop);
  }
  for (const token of [undefined, "", "a b", "a\nb", 5]) assert.throws(loosely({ token }), /token/);
  assert.throws(loosely({ shops: ["a.myshopify.com", "b.myshopify.com"] }), /token/, "one token is of one shop");
  assert.throws(loosely({ shops: () => [] }), /token/);
  assert.throws(loosely({ types: [] }), /at least one type/);
  assert.throws(loosely({ types: ["products"] }), /there is no "products"/);
  assert.throws(loosely({ types: ["toString"] }), /there is no "toString"/);
  assert.throws(loosely({ fields: { product: 5 } }), /fields/);
  assert.throws(loosely({ fields: { products: "id" } }), /fields/);
  for (const backfill of ["some", new Date("x"), 5]) assert.throws(loosely({ backfill }), /backfill/);
  for (const apiVersion of ["", "latest", "2026-10/../x"]) assert.throws(loosely({ apiVersion }), /apiVersion/);
  for (const pollEvery of [0, -1, Number.NaN, "5"]) assert.throws(loosely({ pollEvery }), /pollEvery/);
  assert.throws(loosely({ onPrivacy: "x" }), /onPrivacy/);
  assert.doesNotThrow(loosely({ shops: () => ["a.myshopify.com"], token: () => "x", apiVersion: "unstable" }));
});

test("a state's fields are typed, and what fields adds is unknown", async () => {
  const provider = shopify({ ...options, types: ["order"], fields: { order: "lineItems(first: 9) { nodes { id } }" } });
  const typed = (order: Parameters<typeof provider.resources.order.id>[0]): [string, string | null, unknown] => [
    order.currentTotalPriceSet.shopMoney.amount,
    order.email,
    order["lineItems"],
  ];
  assert.equal(typeof typed, "function");
  assert.deepEqual(Object.keys(provider.resources), ["order"]);
  // @ts-expect-error: this type was not selected
  assert.equal(provider.resources.product, undefined);
});

test("the shops are asked for each time, and what is no shop is refused", async () => {
  let shops = ["a.myshopify.com"];
  const { scopes } = shopify({ ...options, token: () => "x", shops: () => shops });
  const all = async () => {
    const found: string[] = [];
    for await (const shop of (await scopes?.()) ?? []) found.push(shop);
    return found;
  };
  assert.deepEqual(await all(), ["a.myshopify.com"]);
  shops = ["a.myshopify.com", "b.myshopify.com"];
  assert.deepEqual(await all(), shops);
  shops = ["b.myshopify.com.evil.example"];
  await assert.rejects(all, TypeError);
});
