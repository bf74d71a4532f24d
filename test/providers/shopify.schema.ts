/** The published schema of the Admin API, and what a query would cost. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  buildClientSchema,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";

const folder = new URL("../fixtures/shopify/", import.meta.url);
export const fixture = (path: string): string => readFileSync(new URL(path, folder), "utf8");

let built: GraphQLSchema | undefined;

/** Built when it is first needed: it takes a moment. */
export function schema(): GraphQLSchema {
  if (built) return built;
  const packed = readFileSync(new URL("graphql/admin_2026-10.json.gz", folder));
  const text = JSON.parse(gunzipSync(packed).toString());
  built = buildClientSchema(text.data ?? text);
  return built;
}

const known = new Map<string, { document: DocumentNode; errors: string[] }>();

/** A query, and what the schema has against it. */
export function check(query: string): { document: DocumentNode; errors: string[] } {
  const before = known.get(query);
  if (before) return before;
  const document = parse(query);
  const checked = { document, errors: validate(schema(), document).map(({ message }) => message) };
  known.set(query, checked);
  return checked;
}

/**
 * The points of a query, by the published rules: an object is 1, a scalar 0, a connection 2 and what `first` of its
 * nodes cost, a list of ids that many objects.
 */
export function costOf(query: string, variables: Readonly<Record<string, unknown>>): number {
  const [operation] = check(query).document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError("one operation is expected");
  return costOfSet(operation.selectionSet, schema().getQueryType()?.name ?? "", variables);
}

function costOfSet(set: SelectionSetNode, typeName: string, variables: Readonly<Record<string, unknown>>): number {
  let fields = 0;
  let fragments = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? typeName;
      fragments = Math.max(fragments, costOfSet(selection.selectionSet, on, variables));
    } else if (selection.kind === Kind.FIELD && selection.selectionSet) {
      const type = schema().getType(typeName) as GraphQLObjectType;
      const named = getNamedType(type.getFields()[selection.name.value]?.type);
      if (!named || !isCompositeType(named) || selection.name.value === "pageInfo") continue;
      const inner = costOfSet(selection.selectionSet, named.name, variables);
      const given = (name: string) => selection.arguments?.find((argument) => argument.name.value === name)?.value;
      const first = given("first");
      if (named.name.endsWith("Connection")) fields += 2 + inner * (first?.kind === Kind.INT ? Number(first.value) : 1);
      else if (selection.name.value === "nodes" && given("ids"))
        fields += (1 + inner) * (variables["ids"] as []).length;
      else if (selection.name.value === "nodes") fields += 1 + inner;
      else fields += 1 + inner;
    }
  }
  return fields + fragments;
}
