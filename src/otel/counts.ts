/**
 * Counters and histograms. No resource, no id and no text of an error is an attribute: each would be a series of its own.
 * @module
 */
import type { Meter } from "@opentelemetry/api";
import type { EngineEvent } from "../events.ts";

const SECONDS = { unit: "s" } as const;

export function createCounts(meter: Meter): (event: EngineEvent) => void {
  const counter = (name: string, description: string) => meter.createCounter(`tidemark.${name}`, { description });
  const duration = (name: string, description: string) =>
    meter.createHistogram(`tidemark.${name}`, { description, ...SECONDS });

  const webhooks = duration("webhook.duration", "From a webhook's arrival to its answer, by what became of it");
  const reads = duration("read.duration", "Reads of resources, by what for and what came of them");
  const changes = counter("changes", "Entries of the log, by what found them");
  const lag = duration("change.lag", "From the provider's own time of an event to the log");
  const deliveries = duration("delivery.duration", "What handlers took, by how that ended");
  const behind = duration("delivery.lag", "From the log to the end of a handler");
  const polls = counter("polls", "Polls of feeds");
  const sweeps = counter("sweeps", "Sweeps that came to their end");
  const failures = counter("failures", "What failed in the background and is tried again");

  return (event) => {
    switch (event.kind) {
      case "webhook": {
        const { provider, outcome } = event;
        return webhooks.record(event.ms / 1_000, { provider, outcome });
      }
      case "read": {
        const { type, outcome } = event;
        return reads.record(event.ms / 1_000, { type, outcome, class: event.class });
      }
      case "change": {
        const { type, via } = event;
        changes.add(1, { type, via });
        if (event.lag !== undefined) lag.record(event.lag / 1_000, { type, via });
        return;
      }
      case "handled": {
        const { subscription } = event;
        deliveries.record(event.ms / 1_000, { subscription, outcome: "handled" });
        return behind.record(event.behind / 1_000, { subscription });
      }
      case "parked":
        return deliveries.record(event.ms / 1_000, { subscription: event.subscription, outcome: "parked" });
      case "poll":
        return polls.add(1, { provider: event.provider, feed: event.feed });
      case "sweep":
        return sweeps.add(1, { type: event.type });
      case "failed":
        return failures.add(1, { what: event.what, provider: event.provider ?? "" });
      default:
    }
  };
}
