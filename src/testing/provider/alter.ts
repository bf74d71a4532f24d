/**
 * Forgeries of one text or body: something in it is another, is missing or is too much.
 * @module
 */
import type { Random } from "../random.ts";

/** Letters, digits, and what base64 has besides: what could stand in a signature. */
const SIGNS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/=-_";

/** Never the same as it was. */
export function alter(text: string, random: Random): string {
  for (;;) {
    const forged = alterOnce(text, random);
    if (forged !== text) return forged;
  }
}

function alterOnce(text: string, random: Random): string {
  const at = random.int(0, Math.max(0, text.length - 1));
  const sign = SIGNS[random.int(0, SIGNS.length - 1)] ?? "0";
  const [before, after] = [text.slice(0, at), text.slice(at + 1)];
  switch (random.int(0, 7)) {
    case 0:
      return before + after;
    case 1:
      return `${before}${sign}${text.slice(at)}`;
    case 2:
      return text.slice(0, at);
    case 3:
      return text + sign.repeat(random.int(1, 70));
    case 4:
      return Array.from(text, () => SIGNS[random.int(0, SIGNS.length - 1)]).join("");
    case 5:
      return text + text;
    case 6:
      return before + (text[at] ?? "").toUpperCase() + after.toUpperCase();
    default:
      return before + sign + after;
  }
}

const WORD = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export function exchange(value: string, random: Random): string {
  const places = [...value].flatMap((sign, at) => (WORD.includes(sign) ? [at] : []));
  if (places.length === 0) return junk(random);
  const at = random.pick(places);
  const others = [...WORD].filter((sign) => sign !== value[at]);
  return value.slice(0, at) + random.pick(others) + value.slice(at + 1);
}

/** What a header may hold: no control characters, nothing beyond Latin-1. */
export function junk(random: Random): string {
  const length = random.pick([0, 1, 2, 10, 64, 100, 5_000]);
  const from = random.pick([",=", "v1,t=", " =;:", SIGNS, "äöü\xff<>{}[]()\"'\\"]);
  return Array.from({ length }, () => from[random.int(0, from.length - 1)])
    .join("")
    .trim();
}

export function alterBytes(body: Buffer, random: Random): Buffer {
  const at = random.int(0, body.length - 1);
  const [before, after] = [body.subarray(0, at), body.subarray(at + 1)];
  switch (random.int(0, 5)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, Buffer.from([random.int(0, 255)]), body.subarray(at)]);
    case 2:
      return body.subarray(0, at);
    case 3:
      return Buffer.concat([body, Buffer.from(random.pick([" ", "\n", "\0", "}", "x"]))]);
    case 4:
      return Buffer.concat([Buffer.from(random.pick(["\ufeff", " ", "\n"])), body]);
    default:
      return Buffer.concat([before, Buffer.from([(body[at] ?? 0) ^ (1 << random.int(0, 7))]), after]);
  }
}
