/**
 * Counts what the engine's process says, through all its lives.
 * @module
 */
import type { Change } from "tidemark";
import { keyOf } from "./fold.ts";
import type { Report } from "./messages.ts";
import { foundBy } from "./tell.ts";

export class Tally {
  /** Webhooks that were answered: by what became of them. */
  readonly webhooks = new Map<string, number>();
  /** Changes: by what found them. */
  readonly found = new Map<string, number>();
  /** Milliseconds from the operation to the change: by what found it. */
  readonly late = new Map<string, number[]>();
  /** Requests to the providers' APIs. */
  requests = 0;
  /** Reads refused because they were older than what is recorded. */
  stale = 0;
  /** Reads that nothing could put in order with what is recorded: made again. */
  unordered = 0;
  /** Failures that the engine met, and went on. */
  failures = 0;

  add(report: Report): void {
    if (report.kind === "request") this.requests++;
    if (report.kind !== "event") return;
    const { event } = report;
    if (event.kind === "webhook") count(this.webhooks, event.outcome);
    if (event.kind === "read" && event.outcome === "older") this.stale++;
    if (event.kind === "read" && event.outcome === "unordered") this.unordered++;
    if (event.kind === "page") this.stale += event.stale;
    if (event.kind === "failed") this.failures++;
  }

  /**
   * @param touched when each resource was last operated on
   * @returns how late the change is, in milliseconds; undefined if it cannot be told
   */
  change(change: Change<string, object>, touched: ReadonlyMap<string, number>, now: number): number | undefined {
    const found = foundBy(change);
    count(this.found, found);
    const at = touched.get(keyOf(change));
    if (at === undefined || change.initial) return undefined;
    this.late.set(found, [...(this.late.get(found) ?? []), now - at]);
    return now - at;
  }
}

const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

/** The middle one; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
