/** Queries: the published schema accepts each, Shopify lets each cost what it costs, and the states are what they select. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type GraphQLOutputType, isListType, isNonNullType, isObjectType, Kind } from "graphql";
import { createSync } from "tidemark";
import { shopify } from "tidemark/shopify";
import { sqlite } from "tidemark/sqlite";
import { isLevel } from "../../providers/shopify/definition.ts";
import { selectOf } from "../../providers/shopify/list.ts";
import * as queries from "../../providers/shopify/query.ts";
import { definitions } from "../../providers/shopify/types.ts";
import { check, costOf, fixture, schema } from "./shopify.schema.ts";

const all = Object.entries(definitions);
/** The most that one query may cost (shopify.dev/docs/api/usage/limits). */
const MOST = 1_000;
/** So many the engine reads at once. */
const BATCH = 100;

function assertGood(query: string, variables: Record<string, unknown>, what: string) {
  assert.deepEqual(check(query).errors, [], what);
  const cost = costOf(query, variables);
  assert.ok(cost <= MOST, `${what} costs ${cost}`);
}

test("the schema accepts each query, and none costs more than one may", () => {
  assert.equal(all.length, 29);
  for (const [type, definition] of all) {
    const select = selectOf(definition);
    assertGood(queries.pageQuery(definition.listing, select), {}, `a page of ${type}`);
    assertGood(queries.pageQuery({ ...definition.listing, first: 1 }, select), {}, `the probe of ${type}`);
    const { inner } = definition.listing;
    if (inner?.first !== undefined) assertGood(queries.innerQuery(inner, select), {}, `the rest of ${type}`);
    if (isLevel(definition)) assertGood(queries.levelsQuery(definition, "", 50), {}, type);
    else assertGood(queries.nodesQuery(definition, ""), { ids: Array(BATCH).fill("") }, `a batch of ${type}`);
  }
  assertGood(queries.pageQuery(queries.eventsListing, queries.EVENT), {}, "events");
  assertGood(queries.metaobjectTypesQuery, {}, "types of metaobjects");
  assertGood(queries.grantedQuery, {}, "access scopes");
});

test("what a query of the facts asks for, the check accepts; what no schema has, it refuses", () => {
  const operations: [string, string][] = Object.entries(JSON.parse(fixture("graphql/validated-queries-2026-10.json")));
  assert.equal(operations.length, 31);
  for (const [name, query] of operations) assert.deepEqual(check(query).errors, [], name);
  assert.equal(check("query($a: String) { products(first: 1, after: $a) { nodes { id nothing } } }").errors.length, 1);
});

test("each state has just the fields that are selected, and null where the schema says so", () => {
  const files = ["catalog", "orders", "shop"].map((name) =>
    readFileSync(new URL(`../../providers/shopify/states/${name}.ts`, import.meta.url), "utf8"),
  );
  const written = new Map(
    [...files.join("\n").matchAll(/ extends Stored<"(\w+)"> \{\n(.*?)^\}/gms)].map(([, name, body = ""]) => [
      name,
      body,
    ]),
  );
  assert.equal(written.size, all.length);
  for (const [type, { object, fields }] of all) {
    const of = schema().getType(object);
    assert.ok(isObjectType(of), type);
    const [operation] = check(`{ nodes(ids: []) { ... on ${object} { ${fields} } } }`).document.definitions;
    assert.ok(operation?.kind === Kind.OPERATION_DEFINITION);
    const [nodes] = operation.selectionSet.selections;
    const [fragment] = (nodes?.kind === Kind.FIELD && nodes.selectionSet?.selections) || [];
    const selected = (fragment?.kind === Kind.INLINE_FRAGMENT ? fragment.selectionSet.selections : []).flatMap((one) =>
      one.kind === Kind.FIELD ? [one.name.value] : [],
    );
    // Fields begin after two spaces; what is within one, after more.
    const lines = (written.get(object) ?? "").split(/^ {2}(?=\w)/m).filter((line) => line !== "");
    const typed = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.trim().replace(/;$/, "")]));
    assert.deepEqual([...typed.keys()].sort(), selected.toSorted(), type);
    for (const name of selected) {
      const declared: GraphQLOutputType | undefined = of.getFields()[name]?.type;
      const text = typed.get(name) ?? "";
      assert.equal(/ \| null$/.test(text), !isNonNullType(declared), `${type}.${name}`);
      const bare: GraphQLOutputType | undefined = isNonNullType(declared) ? declared.ofType : declared;
      assert.equal(/\[\]( \| null)?$/.test(text), isListType(bare), `${type}.${name}`);
    }
  }
});

test("createSync takes every type", async () => {
  const store = sqlite(":memory:");
  const provider = shopify({ shops: ["a.myshopify.com"], token: "x", webhookSecret: "hush" });
  assert.equal(Object.keys(provider.resources).length, all.length);
  createSync({ providers: { shopify: provider }, store });
  await store.close();
});
