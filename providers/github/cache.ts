/**
 * Conditional requests: a body that GitHub says is still the same is taken from the cache.
 *
 * A 304 costs nothing of the primary limit (docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
 * It is a read like any other: the state was so when it was asked for. Sweeps and probes are fresh, and ask in full.
 * @module
 */
import type { Context } from "tidemark";
import { z } from "zod";

/** Milliseconds after which a body is read in full whatever the validator says: validators may stick. */
const FULL = 3_600_000;
/** The largest body that is kept, in characters. */
const MOST = 65_536;

/** What the cache is asked by. */
export type Cached = Pick<Context, "cache" | "fresh" | "now">;

/** An answer as it is kept. */
const entry = z.object({
  /** Which request it answers, in full. */
  asked: z.string(),
  etag: z.string(),
  /** When it was read in full, in ms. */
  at: z.number(),
  text: z.string(),
  link: z.string().optional(),
});

/** An answer: its body, and the headers that are looked at. */
export interface Body {
  data: unknown;
  headers: Readonly<Record<string, string | undefined>>;
}

const numbers = new WeakMap<object, number>();
let clients = 0;
/**
 * What one client may read another may not: each has a number of its own. Another process may number them otherwise; then
 * a validator is another's, and GitHub, whose validators differ by token, confirms nothing.
 */
export function numberOf(client: object): number {
  const number = numbers.get(client) ?? ++clients;
  numbers.set(client, number);
  return number;
}

/**
 * The body that the cache has for a request, if it may be asked whether that is still so.
 *
 * @param slot where it is kept; another request in the same slot takes its place
 */
export async function recall({ cache, fresh, now }: Cached, slot: string, asked: string) {
  if (fresh) return undefined;
  // Without a cache there is more to ask for, and nothing wrong.
  const found = entry.safeParse(await cache.get(slot).catch(() => undefined));
  if (!found.success || found.data.asked !== asked) return undefined;
  const { etag, at, text, link } = found.data;
  const age = now() - at;
  if (age < 0 || age >= FULL) return undefined;
  return { etag, body: (): Body => ({ data: JSON.parse(text), headers: { link } }) };
}

/** Keeps an answer with its validator, if it has one and is small. */
export async function remember({ cache, now }: Cached, slot: string, asked: string, { data, headers }: Body) {
  const { etag, link } = headers;
  const text = JSON.stringify(data);
  if (etag === undefined || text.length > MOST) return;
  const kept: z.infer<typeof entry> = { asked, etag, at: now(), text, ...(link !== undefined && { link }) };
  await cache.set(slot, kept, FULL).catch(() => {});
}
