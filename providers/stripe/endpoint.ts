/**
 * The webhook itself: an event destination (docs.stripe.com/api/v2/core/event-destinations).
 *
 * Their list has what was registered as a webhook endpoint, too
 * (docs.stripe.com/changelog/acacia/2024-10-28/event-destinations-api), with snapshot events as with thin ones, and says
 * whose events each sends. Stripe shows a secret once, when it is made: whether another one is in use now it does not say.
 * @module
 */
import type Stripe from "stripe";
import { AccessLost, type Context, type Endpoint, type EndpointCheck, type EndpointFault } from "tidemark";
import { z } from "zod";
import { ask, failureOf } from "./client.ts";

const PATH = "/v2/core/event_destinations";
const FIRST = `${PATH}?limit=100&include[0]=webhook_endpoint.url`;

const destination = z.looseObject({
  id: z.string().regex(/^\w+$/),
  enabled_events: z.array(z.string()).nullish(),
  event_payload: z.string().nullish(),
  events_from: z.array(z.string()).nullish(),
  status: z.string(),
  webhook_endpoint: z.object({ url: z.string().nullish(), signing_secret: z.string().nullish() }).nullish(),
});
type Destination = z.infer<typeof destination>;
const page = z.looseObject({ data: z.array(destination), next_page_url: z.string().nullish() });

/** Whose events: those of the own account, or of connected ones; each has an older name. */
const OWN = ["@self", "self"];
const CONNECTED = ["@accounts", "other_accounts"];
const sourcesOf = (scope: string): readonly string[] => (scope === "" ? OWN : CONNECTED);

/**
 * The endpoint of the own account, and for connected accounts that of the platform: one serves them all.
 * @param events the names of the snapshot events that are needed
 */
export function endpointOf(client: Stripe, events: readonly string[]): Endpoint {
  return {
    givesSecret: "once",
    // Of all connected accounts the platform has one.
    shared: (scope) => (scope === "" ? "own" : "connected"),
    async check(url, context) {
      const all = await destinations(client, context);
      const [found] = ranked(all, url, context.scope, events);
      return verdictOn(found, all.length, events);
    },
    async ensure(url, context) {
      const [found] = ranked(await destinations(client, context), url, context.scope, events);
      return found ? mend(client, found, events, context) : create(client, url, events, context);
    },
  };
}

async function destinations(client: Stripe, context: Context): Promise<Destination[]> {
  const found: Destination[] = [];
  let path: string | undefined = FIRST;
  while (path !== undefined) {
    const { data, next_page_url } = page.parse(await askPlatform(client, path, context));
    found.push(...data.filter(({ webhook_endpoint }) => webhook_endpoint));
    // The client adds its own host: what leads elsewhere is not followed.
    path = next_page_url?.startsWith(`${PATH}?`) ? next_page_url : undefined;
  }
  return found;
}

/** The platform has the endpoints, those for connected accounts as well. */
async function askPlatform(client: Stripe, path: string, context: Context, body?: Readonly<Record<string, unknown>>) {
  try {
    return await ask(client, path, { ...context, scope: "" }, body);
  } catch (cause) {
    if (!(cause instanceof AccessLost) || failureOf(cause.cause).statusCode !== 403) throw cause;
    throw new AccessLost("Stripe answers 403: give the key write access to webhook endpoints", { cause });
  }
}

/** Those with this URL for this scope, the best first: a second one may send the same as thin events. */
const ranked = (all: readonly Destination[], url: string, scope: string, events: readonly string[]): Destination[] =>
  all
    .filter(({ webhook_endpoint, events_from }) => {
      const from = events_from ?? OWN;
      return webhook_endpoint?.url === url && sourcesOf(scope).some((source) => from.includes(source));
    })
    .toSorted((a, b) => Number(verdictOn(b, 0, events).ok) - Number(verdictOn(a, 0, events).ok));

function verdictOn(found: Destination | undefined, others: number, events: readonly string[]): EndpointCheck {
  if (!found && others === 0) return wrong("missing", "there is no webhook endpoint");
  if (!found) {
    return wrong(
      "elsewhere",
      `none of the webhook endpoints has this URL for events of this kind of account; others: ${others}`,
    );
  }
  if (found.status !== "enabled") return wrong("disabled", `the webhook endpoint is ${found.status}`);
  const lacking = lackingIn(found, events);
  return lacking.length === 0
    ? { ok: true }
    : wrong("events", `the webhook endpoint does not send ${lacking.join(", ")}`);
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });

/** The events that are needed and not sent. Thin events have names of their own, and those of sources do not exist. */
function lackingIn({ enabled_events, event_payload }: Destination, events: readonly string[]): string[] {
  const sent = new Set(enabled_events);
  const isThin = event_payload === "thin";
  const needed = isThin
    ? events.filter((name) => !name.startsWith("customer.source.")).map((name) => `v1.${name}`)
    : events;
  return sent.has("*") ? [] : needed.filter((name) => !sent.has(name));
}

async function create(client: Stripe, url: string, events: readonly string[], context: Context) {
  const body = {
    ...{ name: "Tidemark", type: "webhook_endpoint", event_payload: "snapshot", enabled_events: events },
    events_from: [context.scope === "" ? "@self" : "@accounts"],
    webhook_endpoint: { url },
    include: ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
  };
  const made = destination.parse(await askPlatform(client, PATH, context, body));
  const secret = made.webhook_endpoint?.signing_secret;
  return secret ? { secret } : {};
}

async function mend(client: Stripe, found: Destination, events: readonly string[], context: Context) {
  const lacking = lackingIn(found, events);
  const path = `${PATH}/${found.id}`;
  if (lacking.length > 0) {
    await askPlatform(client, path, context, { enabled_events: [...(found.enabled_events ?? []), ...lacking] });
  }
  if (found.status !== "enabled") await askPlatform(client, `${path}/enable`, context, {});
  return {};
}
