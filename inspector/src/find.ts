/**
 * What a search may mean: `stripe.invoice in_1`, `github.issue acme/shop 7`, a type, or a part of what was seen lately.
 * @module
 */
import { recall } from "./recent.ts";
import { linkTo, resourceLink } from "./route.ts";

/** Something that was meant, perhaps. */
export interface Found {
  link: string;
  /** What is shown: a few words, the last one the most telling. */
  words: readonly string[];
  why: string;
}

const MOST = 8;

/** @param types all full types */
export function find(text: string, types: readonly string[]): Found[] {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const [type = "", ...rest] = words;
  if (type === "") return [];
  const found: Found[] = [];
  if (types.includes(type) && rest.length > 0) {
    const id = rest.at(-1) ?? "";
    const scope = rest.slice(0, -1).join(" ");
    found.push({ link: resourceLink({ type, scope, id }), words: [type, scope, id].filter(Boolean), why: "open" });
  }
  for (const ref of recall(words, MOST)) {
    const link = resourceLink(ref);
    if (found.every((one) => one.link !== link))
      found.push({ link, words: [ref.type, ref.scope, ref.id].filter(Boolean), why: "seen lately" });
  }
  if (rest.length === 0) {
    const alike = types.filter((one) => one.includes(type.toLowerCase()));
    found.push(...alike.map((one) => ({ link: linkTo("resources", [], { type: one }), words: [one], why: "type" })));
  }
  return found.slice(0, MOST);
}
