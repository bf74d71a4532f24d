/**
 * The trace of an event of a provider: its ids follow from the event's own, so that every process arrives at the same
 * trace, and nothing is stored or passed on for it. Pure.
 * @module
 */
import { createHash } from "node:crypto";
import { type SpanContext, TraceFlags } from "@opentelemetry/api";

/**
 * The id of the trace of an event: what is asked for where only the provider's event is known.
 *
 * @param provider its key among the providers of `createSync`
 * @param event the provider's id of the event, as in `change.causes`
 * @returns 32 hexadecimal digits
 */
export const traceOf = (provider: string, event: string): string => digestOf(provider, event).slice(0, 32);

/** The event itself, as if the provider had sent the context of its own span along. */
export function spanOfEvent(provider: string, event: string, sampled: number): SpanContext {
  const digest = digestOf(provider, event);
  const traceId = digest.slice(0, 32);
  const traceFlags = isSampled(traceId, sampled) ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId: digest.slice(32, 48), traceFlags, isRemote: true };
}

/** Decided by the trace alone, so that all processes decide the same. */
const isSampled = (traceId: string, part: number): boolean => Number.parseInt(traceId.slice(0, 8), 16) < part * 2 ** 32;

const digestOf = (provider: string, event: string): string =>
  createHash("sha256")
    .update(JSON.stringify([provider, event]))
    .digest("hex");
