/**
 * A change as those outside are told of it: its id, its name, and an envelope around what is said of it. Pure.
 * @module
 */
import type { Change } from "../change.ts";

/** How what is said is wrapped. */
export interface EnvelopeOptions {
  /**
   * `"standard"`: `{ type, timestamp, data }`, as Standard Webhooks advises. `"cloudevents"`: CloudEvents 1.0 in structured
   * JSON (github.com/cloudevents/spec). Default `"standard"`.
   */
  format?: "standard" | "cloudevents";
  /** Who says it, in a CloudEvent: a URI or a path. Default `"/tidemark"`. */
  source?: string;
}

/** What is sent. */
export interface Envelope {
  contentType: string;
  body: string;
}

/**
 * The id of a change for those outside: its cursor with no full stop in it. The same each time it is delivered, and never
 * that of another change: in a log that was rolled back what stands at its place has another tick.
 */
export const changeId = ({ cursor }: Pick<Change, "cursor">): string => cursor.replaceAll(".", "-");

/** What happened, in a name: `"stripe.invoice.created"`, `….updated` or `….deleted`. */
export function nameOf({ type, before, after }: Pick<Change, "type" | "before" | "after">): string {
  return `${type}.${after === null ? "deleted" : before === null ? "created" : "updated"}`;
}

/** What is said of a change unless the application says otherwise: all of it but the cursor. */
export const dataOf = ({ cursor: _, ...said }: Change): unknown => said;

/**
 * What is sent of a change.
 * @param data what is said of it
 */
export function envelopeOf(change: Change, data: unknown, options: EnvelopeOptions = {}): Envelope {
  const { format = "standard", source = "/tidemark" } = options;
  const [type, time] = [nameOf(change), change.at.toISOString()];
  if (format === "standard") {
    return { contentType: "application/json", body: JSON.stringify({ type, timestamp: time, data }) };
  }
  const subject = change.scope === "" ? change.id : `${change.scope}/${change.id}`;
  const event = { specversion: "1.0", id: changeId(change), source, type, subject, time };
  return {
    contentType: "application/cloudevents+json; charset=utf-8",
    body: JSON.stringify({ ...event, datacontenttype: "application/json", data }),
  };
}

/** @throws TypeError for an option that is wrong */
export function checkEnvelope(what: string, { format = "standard", source = "/tidemark" }: EnvelopeOptions): void {
  if (format !== "standard" && format !== "cloudevents") {
    throw new TypeError(`${what}: format must be "standard" or "cloudevents"`);
  }
  if (typeof source !== "string" || source === "" || URL.parse(source, "http://x/") === null) {
    throw new TypeError(`${what}: source must be a URI or a path, like "https://example.com/sync"`);
  }
}
