/**
 * JSON from outside.
 * @module
 */

/** Sixteen digits in a row: what an integer beyond 2^53 has at least. */
const LONG = /\d{16}/;

/**
 * Parses JSON. Integers that a number cannot hold exactly (beyond 2^53 - 1) come as strings of their digits, so that an
 * id is never rounded to another resource's.
 * @param text what came; bytes are UTF-8
 * @throws SyntaxError that says how long the text is, and nothing of what is in it
 */
export function parseJson(text: string | Uint8Array): unknown {
  const source =
    typeof text === "string" ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString();
  try {
    // The reviver is called for every value: only a text that may need it pays for it.
    return LONG.test(source) ? JSON.parse(source, exact) : JSON.parse(source);
  } catch {
    throw new SyntaxError(`a text of ${source.length} characters is no JSON`);
  }
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? source : value;
}
