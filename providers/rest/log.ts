/**
 * A feed over a log of events: the same that webhooks bring.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { Mismatch } from "./mismatch.ts";
import type { Query } from "./options.ts";
import { isRefusal, readPage, type Service } from "./service.ts";
import { idOf, type TimeFormat, timeOf, valueAt, written } from "./values.ts";
import { hintsIn, type Reader } from "./webhook.ts";

/** A log of the events that webhooks bring, oldest first. */
export interface LogOptions {
  /** `"events"` */
  path: string;
  /** What it is asked with: its size, a sort so that the oldest comes first, the names of the events. */
  query?: Query;
  /** The place of the events in the answer. Default: the answer is the list. */
  rows?: string;
  /** The parameter that takes the id of the last event that was read; those after it are answered. */
  after: string;
  /**
   * The parameter that takes a time to begin from. Left out: the first poll begins with the oldest event there is, and what
   * it finds is not `initial`.
   */
  since?: { param: string; format?: TimeFormat };
  /** Milliseconds between polls. Default 300,000. */
  every?: number;
  /** Milliseconds that the service keeps events for: after a longer pause its types are swept. */
  horizon?: number;
}

/** Milliseconds between polls. */
const EVERY = 300_000;
/** Milliseconds before the first poll that it begins with: what happened while the first sweep began. */
const OVERLAP = 300_000;
/** Milliseconds by which the times of events may be in another order than the events: several machines write them. */
const ORDER = 60_000;
/** Pages in one poll while they tell nothing; the next poll goes on from there. */
const MOST_PAGES = 20;

/** Where the feed of events is: the last one read; before the first, since when. */
const logText = z.object({ after: z.string().nullable(), since: z.number() });

/** The feed over a log of events. */
export function logOf(service: Service, reader: Reader, log: LogOptions): Feed {
  const { every = EVERY, horizon } = log;
  const types = [...new Set(Object.values(reader.events).flatMap((targets) => Object.keys(targets)))];
  const poll = async (cursor: string | null, context: Context) => {
    // What was read last may not be kept any more: then the log begins with what is, and what was between is in no answer.
    const readAnew = async (at: z.infer<typeof logText>, refusal: unknown) => {
      const events = await readLog(service, reader, log, { ...at, after: null }, context);
      if (events.some(({ id }) => id === at.after)) throw refusal;
      at.after = null;
      lost.gap = true;
      return events;
    };
    const at: z.infer<typeof logText> =
      cursor === null ? { after: null, since: context.now() - OVERLAP } : logText.parse(JSON.parse(cursor));
    const hints: Hint[] = [];
    const lost: { gap?: boolean } = {};
    for (let page = 1; ; page++) {
      const events = await readLog(service, reader, log, at, context).catch((error) => {
        if (at.after === null || !isRefusal(error)) throw error;
        return readAnew(at, error);
      });
      // One without a name is no event; if none has one, the place is wrong.
      const named = events.filter(({ name }) => typeof name === "string" && name !== "");
      const told = named.length > 0 ? named : events;
      hints.push(...told.flatMap(({ event, id, name }) => hintsIn(reader, event, name, id)));
      at.after = events.at(-1)?.id ?? at.after;
      if (events.length === 0 || hints.length > 0 || page === MOST_PAGES) break;
    }
    return { hints, cursor: JSON.stringify(at), ...lost };
  };
  return { types, every, poll, ...(horizon !== undefined && { horizon }) };
}

async function readLog(
  service: Service,
  { envelope }: Reader,
  { path, query = {}, rows: place, after, since }: LogOptions,
  at: z.infer<typeof logText>,
  context: Context,
) {
  const begin = since === undefined ? {} : { [since.param]: written(at.since, since.format) };
  const list = {
    ...{ path, query: { ...query, ...(at.after === null ? begin : { [after]: at.after }) } },
    ...(place !== undefined && { rows: place }),
  };
  const { rows } = await readPage(service, { option: "log", list, id: String(envelope.id), place: null }, context);
  const events = rows.map((event) => {
    const id = idOf(valueAt(event, String(envelope.id)));
    if (id === undefined) throw new Mismatch(service.name, "log", `an event has no id at "${envelope.id}"`);
    return { event, id, name: valueAt(event, String(envelope.name)), at: timeOf(valueAt(event, envelope.at ?? "")) };
  });
  if (events.some(({ id }) => id === at.after)) {
    throw new Mismatch(service.name, "log.after", `it answers what was read: does it take "${after}"?`);
  }
  const [first, last] = [events[0]?.at, events.at(-1)?.at];
  if (first !== undefined && last !== undefined && first - last > ORDER) {
    throw new Mismatch(service.name, "log", "the newest event comes first: sort it by query, oldest first");
  }
  return events;
}
