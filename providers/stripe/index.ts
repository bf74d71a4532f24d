/**
 * `tidemark/stripe`: the objects of a Stripe account.
 *
 * A webhook says which object to fetch; `/v1/events` says what webhooks did not; lists find the rest. Hardly any object
 * has a version, so reads are ordered by when they were made.
 * @module
 */
import type Stripe from "stripe";
import type { Provider, Resource } from "tidemark";
import { currentSecrets, type Secrets } from "tidemark/verify";
import { hintsOf } from "./event.ts";
import { eventFeed } from "./feed.ts";
import { fieldOf, isType, pointsOf } from "./points.ts";
import { fetchObject, listObjects, probeType, type Source } from "./read.ts";
import { definitions, type StripeType, type StripeTypes } from "./types.ts";
import { verifySignature } from "./webhook.ts";

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
   * events name. Sweeps read again what is recorded and not listed.
   */
  backfill?: "all" | "none" | Date;
}

/** Reads per second: Stripe bears 25 on one endpoint (docs.stripe.com/rate-limits), and the application reads, too. */
const RATE = 20;
/**
 * Milliseconds. Stripe documents no lag for retrieving an object, and nothing suggests one. It says nothing of lists
 * either; their index may be a moment behind, and to assume some seconds costs a second read at most.
 */
const READ_LAG = { fetch: 0, list: 5_000 };

/**
 * A provider for a Stripe account.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function stripe<const T extends StripeType = StripeType>(
  options: StripeOptions<T>,
): Provider<Pick<StripeTypes, T>> {
  const { client, webhookSecret, types = Object.keys(definitions) as T[], backfill = "all" } = options;
  check({ client, types, backfill });
  const secretsOf = currentSecrets(webhookSecret, "stripe({ webhookSecret })");
  const selected = new Set<T>(types);
  const sourceOf = (type: StripeType): Source => ({ client, type, definition: definitions[type] });
  const resources = types.map((type) => [type, resourceOf(sourceOf(type), selected, backfill)]);

  return {
    resources: Object.fromEntries(resources),
    rate: RATE,
    async webhook(request) {
      verifySignature(request, await secretsOf(request.scope));
      return hintsOf(JSON.parse(Buffer.from(request.body).toString()), selected);
    },
    feeds: { events: eventFeed(client, selected) },
    probe: (type, { signal }) => probeType(sourceOf(type), signal),
  };
}

function check({ client, types, backfill }: Required<Pick<StripeOptions, "client" | "types" | "backfill">>): void {
  if (typeof client?.rawRequest !== "function") {
    throw new TypeError('stripe({ client }) must be a Stripe client: new Stripe(key) of the package "stripe" 23');
  }
  const known = Object.keys(definitions).join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`stripe({ types }) must name at least one type, or be left out for all: ${known}`);
  }
  for (const type of types) {
    if (!isType(type)) throw new TypeError(`stripe({ types }): there is no "${type}"; there are: ${known}`);
  }
  const isDate = backfill instanceof Date && !Number.isNaN(backfill.getTime());
  if (backfill !== "all" && backfill !== "none" && !isDate) {
    throw new TypeError('stripe({ backfill }) must be "all", "none" or a valid Date');
  }
}

function resourceOf(
  source: Source,
  selected: ReadonlySet<string>,
  backfill: "all" | "none" | Date,
): Resource<object, StripeType> {
  const { type, definition } = source;
  const since = backfill instanceof Date ? Math.floor(backfill.getTime() / 1_000) : undefined;
  return {
    fetch: (id, { signal }) => fetchObject(source, id, signal),
    ...(backfill !== "none" && { list: (page, { signal }) => listObjects(source, page, since, signal) }),
    id: (state) => String(fieldOf(state, "id")),
    ...(definition.updated && { version: (state) => milliseconds(fieldOf(state, "updated")) }),
    readLag: READ_LAG,
    volatile: definition.volatile ?? [],
    related: (state) => pointsOf(type, state).filter((ref) => selected.has(ref.type)),
  };
}

const milliseconds = (seconds: unknown): number | undefined =>
  typeof seconds === "number" ? seconds * 1_000 : undefined;
