/**
 * Spans: webhook → read → change → handler, in the trace of the provider's event that led to them.
 *
 *   a webhook       is within the host's request where that is traced, and linked to the trace of each of its events
 *   a read          is below the webhook that asked for it; of an event that another process took, below the event itself
 *   a change        is below its read; one that a page brought, below its event
 *   a handler       is below the change; in another process, below the event
 *
 * What several events led to stands in the trace of the latest, and is linked to those of the others. What no event led
 * to stands alone, but for what follows from it in the same process.
 * @module
 */
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { EngineEvent } from "../events.ts";
import type { Time } from "../time.ts";
import { Recent } from "./recent.ts";
import { spanOfEvent } from "./trace.ts";

/** Where a span stands: below what, and linked to what. */
interface Standing {
  within: Context;
  links: { context: SpanContext }[];
}

/** @param sampled the part of the traces of events that is sampled, 0 to 1 */
export function createSpans(tracer: Tracer, time: Time, sampled: number): (event: EngineEvent) => void {
  const webhooks = new Recent<SpanContext>();
  const reads = new Recent<SpanContext>();
  const changes = new Recent<SpanContext>();

  const eventsOf = (provider: string, causes: readonly string[] = []): SpanContext[] =>
    causes.map((id) => spanOfEvent(provider, id, sampled));

  /** Below what led to it here if that is of the event's own trace, or of no event; else below the event, and linked to it. */
  function standing(type: string, causes: readonly string[] | undefined, here: SpanContext | undefined): Standing {
    const [latest, ...others] = eventsOf(providerOf(type), causes).reverse();
    const below = !latest || here?.traceId === latest.traceId ? here : latest;
    const linked = here && here !== below ? [here, ...others] : others;
    return { within: below ? trace.setSpanContext(ROOT_CONTEXT, below) : ROOT_CONTEXT, links: linksTo(linked) };
  }

  /** A span that has ended now. */
  function past(
    name: string,
    { ms, error, kind }: { ms: number; error?: string | undefined; kind?: SpanKind },
    { within, links }: Standing,
    attributes: Attributes,
  ): SpanContext {
    const end = time.now();
    const options = { startTime: end - ms, attributes, links, ...(kind && { kind }) };
    const span: Span = tracer.startSpan(name, options, within);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(end);
    return span.spanContext();
  }

  function tellWebhook(event: Extract<EngineEvent, { kind: "webhook" }>): void {
    const { provider, scope, outcome, status, ms } = event;
    const about = { "tidemark.provider": provider, "tidemark.scope": scope, "tidemark.outcome": outcome };
    const host = trace.getSpanContext(context.active());
    const [latest, ...others] = eventsOf(provider, event.causes).reverse();
    const within = host || !latest ? context.active() : trace.setSpanContext(ROOT_CONTEXT, latest);
    const links = linksTo(host && latest ? [latest, ...others] : others);
    const error = status >= 400 ? event.reason : undefined;
    const attributes = { ...about, ...causedBy(event), "http.response.status_code": status };
    const span = past(`webhook ${provider}`, { ms, error, kind: SpanKind.CONSUMER }, { within, links }, attributes);
    for (const ref of event.refs) webhooks.set(keyOf(ref), span);
  }

  function tellRead(event: Extract<EngineEvent, { kind: "read" }>): void {
    const { type, ms, error, outcome, causes } = event;
    const key = keyOf(event);
    const attributes = { ...aboutOf(event), "tidemark.outcome": outcome, "tidemark.class": event.class };
    const at = standing(type, causes, webhooks.take(key));
    reads.set(key, past(`read ${type}`, { ms, error, kind: SpanKind.CLIENT }, at, attributes));
  }

  function tellChange(event: Extract<EngineEvent, { kind: "change" }>): void {
    const { type, position, via, causes } = event;
    const attributes = { ...aboutOf(event), "tidemark.via": via, "tidemark.position": position };
    const at = standing(type, causes, reads.take(keyOf(event)));
    changes.set(`${position}`, past(`change ${type}`, { ms: 0, kind: SpanKind.PRODUCER }, at, attributes));
  }

  function tellHandler(event: Extract<EngineEvent, { kind: "handled" | "parked" }>): void {
    const { type, subscription, position, ms, causes } = event;
    // Not taken: each subscription has a handler of its own.
    const at = standing(type, causes, changes.get(`${position}`));
    const attributes = { ...aboutOf(event), "tidemark.subscription": subscription, "tidemark.position": position };
    const error = event.kind === "parked" ? event.error : undefined;
    past(`handle ${subscription}`, { ms, error, kind: SpanKind.CONSUMER }, at, attributes);
  }

  return (event) => {
    if (event.kind === "webhook") tellWebhook(event);
    else if (event.kind === "read") tellRead(event);
    else if (event.kind === "change") tellChange(event);
    else if (event.kind === "handled" || event.kind === "parked") tellHandler(event);
  };
}

const linksTo = (all: readonly SpanContext[]) => all.map((context) => ({ context }));

interface About {
  type: string;
  scope: string;
  id: string;
  causes?: readonly string[];
}

const providerOf = (type: string): string => type.slice(0, type.indexOf("."));
const keyOf = ({ type, scope, id }: About): string => JSON.stringify([type, scope, id]);
const causedBy = ({ causes }: Pick<About, "causes">): Attributes => (causes ? { "tidemark.events": [...causes] } : {});
const aboutOf = (event: About): Attributes => ({
  "tidemark.type": event.type,
  "tidemark.scope": event.scope,
  "tidemark.id": event.id,
  ...causedBy(event),
});
