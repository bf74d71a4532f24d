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

/** A state and its fingerprints. `print` and `text` are worked out when they are first asked for. */
export interface Fingerprint {
  /** Of the text as received. */
  readonly raw: string;
  /** Of the canonical text without the volatile paths. */
  readonly print: string;
  /** The whole state as canonical JSON: keys in order, no spaces. */
  readonly text: string;
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
  const received = toText(state);
  let print: string | undefined;
  let text: string | undefined;
  const textOf = () => {
    text ??= JSON.stringify(ordered(JSON.parse(received), NONE));
    return text;
  };
  const isWhole = Object.keys(volatile).length === 0;
  return {
    raw: digest(received),
    get print() {
      print ??= digest(isWhole ? textOf() : JSON.stringify(ordered(JSON.parse(received), volatile)));
      return print;
    },
    get text() {
      return textOf();
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
