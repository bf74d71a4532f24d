/**
 * Which types in which scopes, in which order. Pure.
 * @module
 */
import type { TypeHealth } from "./wire.ts";
import { splitType } from "./words.ts";

export interface Chosen {
  provider?: string | undefined;
  type?: string | undefined;
  /** A part of the scope's name. */
  scope?: string | undefined;
  sort?: string | undefined;
}

const orders: Readonly<Record<string, (a: TypeHealth, b: TypeHealth) => number>> = {
  worst: (a, b) => b.failing - a.failing || b.dirty - a.dirty,
  dirty: (a, b) => b.dirty - a.dirty,
  failing: (a, b) => b.failing - a.failing,
  live: (a, b) => b.live - a.live,
  swept: (a, b) => (a.lastSweep ?? "").localeCompare(b.lastSweep ?? ""),
};

export function chosenTypes(all: readonly TypeHealth[], { provider, type, scope, sort }: Chosen): TypeHealth[] {
  const wanted = scope?.toLowerCase();
  return all
    .filter((one) => !provider || splitType(one.type)[0] === provider)
    .filter((one) => !type || one.type === type)
    .filter((one) => !wanted || one.scope.toLowerCase().includes(wanted))
    .sort((a, b) => compare(sort, a, b) || a.type.localeCompare(b.type) || a.scope.localeCompare(b.scope));
}

function compare(sort: string | undefined, a: TypeHealth, b: TypeHealth): number {
  const order = sort !== undefined && Object.hasOwn(orders, sort) ? orders[sort] : orders["worst"];
  return order?.(a, b) ?? 0;
}
