/**
 * Spans: webhook → read → handler, joined by the resource that they are about.
 *
 *   a webhook       is a span of its own, within that of the host's request if there is one
 *   a read          is below the latest webhook of its resource; a poll's or a sweep's stands alone
 *   a handler       is below the read that brought its change
 *
 * What happens in another process than what led to it stands alone there: nothing is written for it into the store.
 * @module
 */
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { EngineEvent } from "../events.ts";
import type { Time } from "../time.ts";

/** Resources, and changes, whose span is remembered. */
const MOST = 10_000;

export function createSpans(tracer: Tracer, time: Time): (event: EngineEvent) => void {
  const webhooks = new Recent<Context>();
  const reads = new Recent<Context>();
  const changes = new Recent<Context>();

  /** A span that has ended now. */
  function past(
    name: string,
    ms: number,
    within: Context,
    attributes: Record<string, string | number>,
    kind?: SpanKind,
  ): Span {
    const end = time.now();
    const span = tracer.startSpan(name, { startTime: end - ms, attributes, ...(kind && { kind }) }, within);
    return span;
  }
  const close = (span: Span, error?: string) => {
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(time.now());
  };

  return (event) => {
    switch (event.kind) {
      case "webhook": {
        const { provider, scope, outcome, status, ms } = event;
        const about = { "tidemark.provider": provider, "tidemark.scope": scope, "tidemark.outcome": outcome };
        const attributes = { ...about, "http.response.status_code": status };
        const span = past(`webhook ${provider}`, ms, context.active(), attributes, SpanKind.CONSUMER);
        const within = trace.setSpan(ROOT_CONTEXT, span);
        for (const ref of event.refs) webhooks.set(keyOf(ref), within);
        return close(span, status >= 400 ? event.reason : undefined);
      }
      case "read": {
        const key = keyOf(event);
        const attributes = { ...aboutOf(event), "tidemark.outcome": event.outcome, "tidemark.class": event.class };
        const span = past(
          `read ${event.type}`,
          event.ms,
          webhooks.take(key) ?? ROOT_CONTEXT,
          attributes,
          SpanKind.CLIENT,
        );
        reads.set(key, trace.setSpan(ROOT_CONTEXT, span));
        return close(span, event.error);
      }
      case "change": {
        const within = reads.take(keyOf(event));
        if (within) changes.set(`${event.position}`, within);
        return;
      }
      case "handled":
      case "parked": {
        const { subscription, position, ms } = event;
        // Not taken: each subscription has a handler of its own.
        const within = changes.get(`${position}`) ?? ROOT_CONTEXT;
        const attributes = { ...aboutOf(event), "tidemark.subscription": subscription, "tidemark.position": position };
        return close(
          past(`handle ${subscription}`, ms, within, attributes),
          event.kind === "parked" ? event.error : undefined,
        );
      }
      default:
    }
  };
}

interface About {
  type: string;
  scope: string;
  id: string;
}

const keyOf = ({ type, scope, id }: About): string => JSON.stringify([type, scope, id]);
const aboutOf = ({ type, scope, id }: About) => ({
  "tidemark.type": type,
  "tidemark.scope": scope,
  "tidemark.id": id,
});

/** The latest of many: what was put there longest ago is forgotten. */
class Recent<T> {
  readonly #all = new Map<string, T>();

  set(key: string, value: T): void {
    this.#all.delete(key);
    this.#all.set(key, value);
    if (this.#all.size <= MOST) return;
    const [oldest] = this.#all.keys();
    if (oldest !== undefined) this.#all.delete(oldest);
  }

  get(key: string): T | undefined {
    return this.#all.get(key);
  }

  take(key: string): T | undefined {
    const value = this.#all.get(key);
    this.#all.delete(key);
    return value;
  }
}
