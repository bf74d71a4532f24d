/**
 * What the engine tells of itself as lines of a log.
 *
 * ```ts
 * createSync({ providers, observe: logTo(pino()) });
 * ```
 * @module
 */
import { Console } from "node:console";
import type { EngineEvent } from "./events.ts";

/** How much a line matters. `error`: somebody must look; `warn`: it failed or was refused, and is tried again. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a line is written with: a logger in the manner of pino, or `console`. */
export type Logger = Readonly<Record<LogLevel, (fields: object, message: string) => void>>;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * An `observe` that writes each event as one line: a sentence, and the event's own fields. No payload, no state, no secret.
 * `console` is given the same as one text of JSON.
 *
 * @param level the least that is written. Default `"debug"`: the logger has a level of its own
 */
export function logTo(logger: Logger, { level = "debug" }: { level?: LogLevel } = {}): (event: EngineEvent) => void {
  const least = levels.indexOf(level);
  if (least < 0) throw new TypeError(`logTo: level must be one of ${levels.join(", ")}`);
  return (event) => {
    const own = levelOf(event);
    if (levels.indexOf(own) < least) return;
    const message = inOneLine(messageOf(event));
    // It has no fields, and would lay an object out over many lines.
    if (logger instanceof Console) logger[own](escaped(JSON.stringify({ level: own, message, ...event })));
    else logger[own](event, message);
  };
}

/** By what it means: what needs a person, what failed for now, what is worth knowing, what happens all the time. */
function levelOf(event: EngineEvent): LogLevel {
  switch (event.kind) {
    case "webhook":
      return event.outcome === "unsaved" ? "error" : event.status >= 400 ? "warn" : "debug";
    case "read":
      return event.outcome === "failed" ? "warn" : "debug";
    case "gap":
      return event.state === "open" ? "error" : "info";
    case "hook":
      return event.fault === null ? "info" : "error";
    case "halted":
      return event.ms === null ? "error" : "warn";
    case "held":
      return "error";
    case "failed":
    case "parked":
    case "rest":
      return "warn";
    case "sweep":
      return event.first ? "info" : "debug";
    default:
      return "debug";
  }
}

/** What it is about, as far as it says so. */
const about = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(" ");

/** A sentence that can be read without the fields. */
function messageOf(event: EngineEvent): string {
  switch (event.kind) {
    case "webhook":
      return `${about("webhook of", event.provider, event.scope)}: ${event.outcome}${because(event.reason)}`;
    case "read":
      return `${about("read of", event.type, event.scope, event.id)}: ${event.outcome}${because(event.error)}`;
    case "change":
      return `${about("change of", event.type, event.scope, event.id)}, found by ${event.via}`;
    case "rest":
      return `${about(event.provider, event.credential)} was told to wait ${event.ms} ms`;
    case "page":
      return `${about("page of", event.type, event.scope)}: ${event.items} items, ${event.changes} changes`;
    case "sweep":
      return `${about(event.first ? "backfill of" : "sweep of", event.type, event.scope)} is complete`;
    case "poll":
      return `${about("poll of", event.provider, event.scope, event.feed)}: ${event.hints} hints`;
    case "gap":
      return `gap of ${about(event.provider, event.scope, event.what)} is ${event.state}`;
    case "hook":
      return `${about("hook of", event.provider, event.scope)}: ${event.done}${because(event.fault ?? event.found)}`;
    case "held":
      return `${about(event.type, event.scope)}: ${event.absent} are absent at once, and not believed to be gone yet`;
    case "loss":
      return `webhooks of ${event.type}: ${event.hour.lost} of the last hour lost`;
    case "compacted":
      return `the log is compacted below ${event.below}`;
    case "handled":
      return `${event.subscription} has handled ${about(event.type, event.scope, event.id)}`;
    case "parked":
      return `${event.subscription} threw at ${about(event.type, event.scope, event.id)}${because(event.error)}`;
    case "halted":
      return `${event.subscription} stands still${because(event.error)}`;
    case "failed": {
      const where = about(event.provider, event.scope);
      return `${event.what}${where && ` (${where})`} failed${because(event.error)}`;
    }
  }
}

/** A scope or an id is what others wrote, the scope of a forged webhook anybody: a line that a logger prints as it is stays one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
const inOneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\ufffd");

/** What JSON leaves as it is and a terminal obeys: the same value, written otherwise. */
const escaped = (json: string): string =>
  json.replace(/[\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

const because = (why: string | null | undefined): string => (why ? `: ${why}` : "");
