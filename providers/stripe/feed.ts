/**
 * The feed over `GET /v1/events`: what the account's events said, whether or not their webhooks came.
 * @module
 */
import type Stripe from "stripe";
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { failureOf, get } from "./client.ts";
import type { StripeType } from "./types.ts";
import { hintsOf } from "./webhook.ts";

/** Every 5 minutes: 8,640 reads a month, below the least read allocation of 10,000 (docs.stripe.com/rate-limits). */
const EVERY = 300_000;
/** Stripe keeps events for 30 days; a little less, for the time the poll itself takes. */
const HORIZON = 29.5 * 86_400_000;
/** Seconds. Events appear some seconds late and behind newer ones: only what has settled is read … */
const SETTLE = 60;
/** … and some of what was read before is read again. */
const OVERLAP = 600;

const cursorText = z.object({ created: z.number() });
const events = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })), has_more: z.boolean() });

export function eventFeed<T extends StripeType>(client: Stripe, types: ReadonlySet<T>): Feed<T> {
  return {
    types: [...types],
    every: EVERY,
    horizon: HORIZON,
    async poll(cursor: string | null, { now, signal }: Context) {
      const upTo = Math.floor(now() / 1_000) - SETTLE;
      const created = cursor === null ? upTo : cursorText.parse(JSON.parse(cursor)).created;
      const hints = await windowOf(client, types, created - OVERLAP, upTo, signal);
      // A server that keeps no events has none to miss; the cursor stays, so that it begins if they ever come.
      if (hints === undefined) return { hints: [], cursor };
      return { hints, cursor: JSON.stringify({ created: Math.max(created, upTo) }) };
    },
  };
}

/** All events created in a window, as hints: whatever their order, the reads decide. Undefined: there is no such feed. */
async function windowOf<T extends StripeType>(
  client: Stripe,
  types: ReadonlySet<T>,
  from: number,
  upTo: number,
  signal: AbortSignal,
): Promise<Hint<T>[] | undefined> {
  const hints: Hint<T>[] = [];
  const query = { limit: "100", "created[gte]": String(from), "created[lte]": String(upTo) };
  for (let after: string | undefined; ; ) {
    signal.throwIfAborted();
    let answer: z.infer<typeof events>;
    try {
      answer = events.parse(
        await get(client, "events", after === undefined ? query : { ...query, starting_after: after }),
      );
    } catch (error) {
      const { statusCode, code } = failureOf(error);
      if (after === undefined && statusCode === 404 && code !== "resource_missing") return undefined;
      throw error;
    }
    for (const event of answer.data) hints.push(...hintsOf(event, types));
    const last = answer.data.at(-1);
    if (!answer.has_more || !last) return hints;
    after = last.id;
  }
}
