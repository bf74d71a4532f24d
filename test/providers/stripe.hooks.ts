/** The event destinations of an account in memory. */
import type { Json } from "./stripe.kit.ts";

const ROOT = "/v2/core/event_destinations";
/** What it has at once, so that a few are several pages. */
const PAGE = 2;

/** A destination as Stripe keeps it. */
export interface Destination {
  id: string;
  url: string;
  status: string;
  payload: string;
  events: string[];
  from: string[] | null;
}

export class StripeHooks {
  readonly all: Destination[] = [];
  readonly asked: { method: string; path: string; account: string | null }[] = [];

  add(more: Partial<Destination>): Destination {
    const made = { id: `ed_test_${this.all.length + 1}`, url: "", status: "enabled", payload: "snapshot" };
    const hook: Destination = { ...made, events: [], from: null, ...more };
    this.all.push(hook);
    return hook;
  }

  answers = (request: Request): boolean => new URL(request.url).pathname.startsWith(ROOT);

  async answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const { method, headers } = request;
    this.asked.push({ method, path: pathname.slice(ROOT.length), account: headers.get("stripe-account") });
    const [id, action] = pathname.slice(ROOT.length + 1).split("/");
    if (method === "GET") return Response.json(this.#page(searchParams));
    const given: Json = JSON.parse((await request.text()) || "{}");
    if (!id) return Response.json(show(this.#create(given), given));
    const hook = this.all.find((one) => one.id === id);
    if (!hook) return Response.json({ error: { code: "not_found", message: "No" } }, { status: 404 });
    if (action === "enable") hook.status = "enabled";
    else Object.assign(hook, { events: given["enabled_events"] ?? hook.events });
    return Response.json(show(hook, given));
  }

  /** Without being asked for, no URL is shown. */
  #page(query: URLSearchParams): Json {
    const from = Number(query.get("page") ?? 0);
    const include = query.getAll("include[0]");
    const next = `${ROOT}?limit=2&include[0]=webhook_endpoint.url&page=${from + PAGE}`;
    const data = this.all.slice(from, from + PAGE).map((hook) => show(hook, { include }));
    return { data, next_page_url: from + PAGE < this.all.length ? next : null };
  }

  #create(given: Json): Destination {
    const { url } = given["webhook_endpoint"] as { url: string };
    const [events, from] = [given["enabled_events"], given["events_from"]] as [string[], string[]];
    return this.add({ url, events, from, payload: String(given["event_payload"]) });
  }
}

function show({ id, url, status, payload, events, from }: Destination, { include = [] }: Json): Json {
  const asked = include as string[];
  return {
    ...{ id, object: "v2.core.event_destination", type: "webhook_endpoint", name: "a name", livemode: false, status },
    ...{ event_payload: payload, enabled_events: events, ...(from && { events_from: from }) },
    webhook_endpoint: {
      ...(asked.includes("webhook_endpoint.url") && { url }),
      ...(asked.includes("webhook_endpoint.signing_secret") && { signing_secret: `whsec_of_${id}` }),
    },
  };
}
