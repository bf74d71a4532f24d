/**
 * Fingerprints of states, in two levels: the text as received first, the canonical form only where that differs,
 * because sorting the keys costs several times what the hash does.
 * @module
 */
import { hash } from "node:crypto";

/** Paths to leave out, as a tree: `true` ends a path. */
export interface Paths {
  [key: string]: Paths | true;
}

/** A state and its fingerprints. `print` is worked out when it is first asked for. */
export interface Fingerprint {
  /** The state as JSON, its keys in the order in which they came. */
  readonly text: string;
  /** Of the text. */
  readonly raw: string;
  /** Of the canonical form, keys in order, without the volatile paths. */
  readonly print: string;
}

/** Volatile paths as a tree: `["url", "items.*.url"]`. `*` stands for every key and every index. */
export function compilePaths(paths: readonly string[]): Paths {
  const tree: Paths = Object.create(null);
  for (const path of paths) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let node = tree;
    for (const key of keys) {
      const child = node[key];
      if (child === true) break;
      node = node[key] = child ?? Object.create(null);
    }
    node[last] = true;
  }
  return tree;
}

/**
 * Fingerprints a state.
 * @throws TypeError if the state is not JSON: a `BigInt`, a cycle, nested too deep
 */
export function fingerprint(state: object, volatile: Paths): Fingerprint {
  const text = toText(state);
  let print: string | undefined;
  return {
    text,
    raw: digest(text),
    get print() {
      print ??= digest(JSON.stringify(ordered(state, volatile)));
      return print;
    },
  };
}

const NONE: Paths = Object.freeze(Object.create(null));

function toText(state: object): string {
  try {
    return JSON.stringify(state);
  } catch (cause) {
    throw new TypeError("the state is not plain JSON: a plugin must give large numbers as text", { cause });
  }
}

/** 132 bits of SHA-256: no two states of one resource meet by chance, and the rows stay narrow. */
const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);

/** The same value with its keys in order, less the paths. */
function ordered(value: unknown, skip: Paths): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item, i) => ordered(item, below(skip, String(i))));
  const from = value as Record<string, unknown>;
  if (typeof from["toJSON"] === "function") return ordered(JSON.parse(JSON.stringify(value)), skip);
  // An object without a prototype would need no care for __proto__, but is a third slower to fill and to write.
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(from).sort()) {
    if (skip[key] === true || skip["*"] === true) continue;
    const item = ordered(from[key], below(skip, key));
    if (key === "__proto__") Object.defineProperty(result, key, { value: item, enumerable: true });
    else result[key] = item;
  }
  return result;
}

function below(skip: Paths, key: string): Paths {
  const next = skip[key] ?? skip["*"];
  return next === undefined || next === true ? NONE : next;
}
