/**
 * Resources that were seen in this tab lately, for the search.
 * @module
 */
import type { Ref } from "./wire.ts";

const KEPT = 1_000;
const seen = new Map<string, Ref>();

/** Notes them; the newest come last. */
export function remember(refs: readonly Ref[]): void {
  for (const { type, scope, id } of refs.toReversed()) {
    const key = JSON.stringify([type, scope, id]);
    seen.delete(key);
    seen.set(key, { type, scope, id });
  }
  for (const key of seen.keys()) {
    if (seen.size <= KEPT) break;
    seen.delete(key);
  }
}

/** Those whose type, scope or id have all of the words in them, the newest first. */
export function recall(words: readonly string[], most: number): Ref[] {
  const found: Ref[] = [];
  for (const ref of [...seen.values()].toReversed()) {
    const text = `${ref.type} ${ref.scope} ${ref.id}`.toLowerCase();
    if (words.every((word) => text.includes(word.toLowerCase()))) found.push(ref);
    if (found.length === most) break;
  }
  return found;
}
