/**
 * Counts what the engine's process says, through all its lives.
 * @module
 */
import type { Change } from "tidemark";
import { keyOf } from "./fold.ts";
import type { Report } from "./messages.ts";
import { UNSTABLE } from "./shop.ts";
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
   * @param touched when each resource was operated on; what is told now is forgotten
   * @returns how late the change is, in milliseconds; undefined if it cannot be told
   */
  change(change: Change<string, object>, touched: Map<string, number>, now: number): number | undefined {
    const found = foundBy(change);
    count(this.found, found);
    const at = happenedAt(change, touched);
    touched.delete(keyOf(change));
    if (at === undefined || change.initial) return undefined;
    const late = Math.max(0, now - at);
    this.late.set(found, [...(this.late.get(found) ?? []), late]);
    return late;
  }
}

/**
 * When it happened at the provider, in milliseconds since 1970: as the state says, or else as the operation that did it.
 * Undefined for what happened on the side, at a time that nobody knows: a customer was deleted, and its payments lost it.
 */
export function happenedAt(change: Change<string, object>, touched: ReadonlyMap<string, number>): number | undefined {
  const [was, is] = [updatedAt(change.before), updatedAt(change.after)];
  if (is === undefined || change.type in UNSTABLE) return touched.get(keyOf(change));
  return is === was ? undefined : is;
}

function updatedAt(state: object | null): number | undefined {
  const text = state && "updated_at" in state ? state.updated_at : undefined;
  return typeof text === "string" ? Date.parse(text) : undefined;
}

const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);

/** The middle one; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
