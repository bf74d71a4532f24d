/**
 * `tidemark/stripe`: the objects of a Stripe account.
 *
 * A webhook says which object to fetch; `/v1/events` says what webhooks did not; lists find the rest. Hardly any object
 * has a version, so reads are ordered by when they were made.
 * @module
 */
import type Stripe from "stripe";
import { AccessLost, type Provider, type Resource } from "tidemark";
import { currentSecrets, type Secrets } from "tidemark/verify";
import { get } from "./client.ts";
import { eventFeed } from "./feed.ts";
import { fetchObject, listObjects } from "./read.ts";
import { type Definition, definitions, pointsOf, type StripeType, type StripeTypes } from "./types.ts";
import { hintsOf, verifySignature } from "./webhook.ts";

export type { StripeType, StripeTypes } from "./types.ts";

/** The options of `stripe`. */
export interface StripeOptions<T extends StripeType = StripeType> {
  /** The application's own client. A restricted key needs read access to events and to each of the types. */
  client: Stripe;
  /** The endpoint's signing secret, `whsec_…`; two while it is being rolled. */
  webhookSecret: Secrets;
  /** What to synchronize. Default: every type. Fewer cost fewer reads. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for what was created since; `"none"`, for what webhooks and
   * events name from now on. Sweeps then read again what is recorded.
   */
  backfill?: "all" | "none" | Date;
}

/** Reads per second that Stripe bears on one endpoint (docs.stripe.com/rate-limits). */
const RATE = 25;
/** Nothing suggests that `retrieve` lags; a list page was assembled at some moment while it was asked for. */
const READ_LAG = { fetch: 0, list: 5_000 };

/**
 * A provider for a Stripe account.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function stripe<const T extends StripeType = StripeType>({
  client,
  webhookSecret,
  types = Object.keys(definitions) as T[],
  backfill = "all",
}: StripeOptions<T>): Provider<Pick<StripeTypes, T>> {
  if (typeof client?.rawRequest !== "function") {
    throw new TypeError('stripe({ client }) must be a Stripe client: new Stripe(key) of the package "stripe" 23');
  }
  for (const type of types) {
    if (Object.hasOwn(definitions, type)) continue;
    throw new TypeError(`stripe({ types }): there is no "${type}"; there are: ${Object.keys(definitions).join(", ")}`);
  }
  if (backfill !== "all" && backfill !== "none" && !(backfill instanceof Date && !Number.isNaN(backfill.getTime()))) {
    throw new TypeError('stripe({ backfill }) must be "all", "none" or a Date');
  }
  const secretsOf = currentSecrets(webhookSecret, "stripe({ webhookSecret })");
  const selected = new Set<T>(types);
  const resources = types.map((type) => [type, resourceOf(client, type, definitions[type], selected, backfill)]);

  return {
    resources: Object.fromEntries(resources),
    rate: RATE,
    async webhook(request) {
      verifySignature(request, await secretsOf(request.scope));
      return hintsOf(JSON.parse(Buffer.from(request.body).toString()), selected);
    },
    feeds: { events: eventFeed(client, selected) },
    async probe(type) {
      await probe(client, definitions[type]);
    },
  };
}

/** The list of a type answers only to a key that may read it, in the mode and account that the key is of. */
async function probe(client: Stripe, { path, passes: [pass] = [{}] }: Definition): Promise<void> {
  const answer = await get(client, path, { limit: "1", ...pass });
  const isList = typeof answer === "object" && answer !== null && "object" in answer && answer.object === "list";
  if (!isList) throw new AccessLost(`Stripe does not answer with a list at /v1/${path}`);
}

function resourceOf(
  client: Stripe,
  type: StripeType,
  definition: Definition,
  selected: ReadonlySet<string>,
  backfill: "all" | "none" | Date,
): Resource<object> {
  const since = backfill instanceof Date ? Math.floor(backfill.getTime() / 1_000) : undefined;
  const { volatile = [], updated } = definition;
  const field = (state: object, name: string): number | undefined => {
    const value = (state as Record<string, unknown>)[name];
    return typeof value === "number" ? value * 1_000 : undefined;
  };
  return {
    fetch: (id) => fetchObject(client, type, definition, id),
    ...(backfill !== "none" && { list: (page) => listObjects(client, type, definition, page, since) }),
    id: (state) => String((state as { id?: unknown }).id),
    ...(updated && { version: (state) => field(state, "updated") }),
    readLag: READ_LAG,
    volatile,
    related: (state) => pointsOf(type, state as Record<string, unknown>).filter((hint) => selected.has(hint.type)),
  };
}
