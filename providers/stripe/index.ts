/**
 * `tidemark/stripe`: the objects of a Stripe account, and of those connected to it.
 *
 * A webhook says which object to fetch; `/v1/events` says what webhooks did not; lists find the rest. Hardly any object
 * has a version, so reads are ordered by when they were made.
 * @module
 */
import { type Hint, type Provider, type Resource, WebhookRejected, type WebhookRequest } from "tidemark";
import { currentSecrets } from "tidemark/verify";
import { checkOwn, scopesOf } from "./accounts.ts";
import { endpointOf } from "./endpoint.ts";
import { readEvent } from "./event.ts";
import { eventFeed } from "./feed.ts";
import { listObjects, listWithin, probeType } from "./list.ts";
import { checkOptions, type StripeOptions } from "./options.ts";
import { eventsOf, fieldOf, pointsOf } from "./points.ts";
import { fetchObject, idOf, type Source } from "./read.ts";
import { definitions, type StripeType, type StripeTypes } from "./types.ts";
import { verifySignature } from "./webhook.ts";

export type { Accounts } from "./accounts.ts";
export type { StripeOptions } from "./options.ts";
export type { StripeType, StripeTypes } from "./types.ts";

/** Calls per second: Stripe bears 25 on one endpoint, and in a sandbox in all (docs.stripe.com/rate-limits). */
const RATE = 25;
/** Milliseconds over which Stripe counts what an account reads (docs.stripe.com/rate-limits). */
const MONTH = 30 * 86_400_000;
/**
 * Milliseconds between polls of the events. An account may read 500 times for each of its transactions, and at least
 * 10,000 times a month (docs.stripe.com/rate-limits). In 30 days one poll in 6 minutes makes 7,200 to 8,000 reads (they
 * are spread by a tenth), a daily sweep of all types with nothing there 26 × 30 = 780: what is left serves changes.
 * Connected accounts are thousands: one poll an hour makes 720 to 800 reads of each, and 1,000 of them 0.3 a second.
 */
const EVERY = { own: 360_000, connected: 3_600_000 };
/**
 * Milliseconds. Stripe documents no lag for retrieving an object, and nothing suggests one. It says nothing of lists
 * either; their index may be a moment behind, and to assume some seconds costs a second read at most.
 */
const READ_LAG = { fetch: 0, list: 5_000 };

/**
 * A provider for a Stripe account, and for those connected to it.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function stripe<const T extends StripeType = StripeType>(
  options: StripeOptions<T>,
): Provider<Pick<StripeTypes, T>> {
  checkOptions(options);
  const { client, types = Object.keys(definitions) as T[], backfill = "all", account } = options;
  const {
    readsPerMonth,
    rate = RATE,
    accounts,
    platform = true,
    pollEvery = accounts ? EVERY.connected : EVERY.own,
  } = options;
  const selected = new Set<T>(types);
  const sourceOf = (type: StripeType): Source => ({ client, type, definition: definitions[type] });
  const resources = types.map((type) => [type, resourceOf(sourceOf(type), selected, backfill)]);

  return {
    resources: Object.fromEntries(resources),
    limits: {
      // One key reads them all.
      credential: () => "",
      rate,
      ...(readsPerMonth !== undefined && { quota: { calls: readsPerMonth, per: MONTH } }),
    },
    ...(accounts && { scopes: () => scopesOf(accounts, platform) }),
    webhook: receiver(options, selected),
    feeds: { events: eventFeed(client, selected, pollEvery) },
    endpoint: endpointOf(client, eventsOf(selected)),
    async probe(type, context) {
      await checkOwn(client, account, context);
      await probeType(sourceOf(type), context);
    },
  };
}

/**
 * What was signed with the own endpoint's secret speaks of the own account alone, and what was signed with the Connect
 * endpoint's of connected ones alone. An endpoint for both has one secret, given as both.
 */
function receiver<T extends StripeType>(
  { webhookSecret, accounts, connectSecret }: StripeOptions<T>,
  selected: ReadonlySet<T>,
) {
  const own = currentSecrets(webhookSecret, "stripe({ webhookSecret })");
  const connected =
    connectSecret !== undefined ? currentSecrets(connectSecret, "stripe({ connectSecret })") : async () => [];
  return async (request: WebhookRequest): Promise<Hint<T>[]> => {
    const secrets = await Promise.all([own(request.scope), connected(request.scope)]);
    const [byOwn, byConnected] = verifySignature(request, secrets);
    const { account, hints } = readEvent(JSON.parse(Buffer.from(request.body).toString()), selected);
    if (!accounts) return account === "" ? hints : [];
    if (account === "" ? !byOwn : !byConnected) {
      throw new WebhookRejected(
        "the event is of the own account and signed by the Connect endpoint, or the reverse: exchange the two secrets",
      );
    }
    return hints.map((hint) => ({ ...hint, scope: account }));
  };
}

function resourceOf(
  source: Source,
  selected: ReadonlySet<string>,
  backfill: "all" | "none" | Date,
): Resource<object, StripeType> {
  const { type, definition } = source;
  const { within, updated, volatile = [] } = definition;
  const since = backfill instanceof Date ? Math.floor(backfill.getTime() / 1_000) : undefined;
  return {
    fetch: (id, context) => fetchObject(source, id, context),
    ...(!within && backfill !== "none" && { list: (page, context) => listObjects(source, page, since, context) }),
    ...(within && {
      within: { type: within, list: (parent, page, context) => listWithin(source, parent, page, context) },
    }),
    id: (state) => idOf(source, state),
    ...(updated && { version: (state) => milliseconds(fieldOf(state, "updated")) }),
    readLag: READ_LAG,
    volatile,
    related: (state) => pointsOf(type, state).filter((ref) => selected.has(ref.type)),
  };
}

const milliseconds = (seconds: unknown): number | undefined =>
  typeof seconds === "number" ? seconds * 1_000 : undefined;
