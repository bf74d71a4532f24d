/**
 * The subject of a change: a token each for provider, type, scope and id, so that any of them can be a wildcard.
 * @module
 */
import type { Change } from "tidemark";

/**
 * `prefix.provider.type.scope.id`. In each part what NATS gives a meaning, and what is no plain letter, is written as `%XX`:
 * `stripe.checkout.session` is `stripe.checkout%2Esession`. An empty scope is `_`.
 */
export function subjectOf({ type, scope, id }: Pick<Change, "type" | "scope" | "id">, prefix = "tidemark"): string {
  const stop = type.indexOf(".");
  return [prefix, ...[type.slice(0, stop), type.slice(stop + 1), scope, id].map(tokenOf)].join(".");
}

function tokenOf(text: string): string {
  if (text === "") return "_";
  if (text === "_") return "%5F";
  return encodeURIComponent(text.toWellFormed()).replace(/[.*!'()~]/g, hex);
}

const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
