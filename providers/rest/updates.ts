/**
 * A feed over a list that can be asked for what was updated since a time.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import type { Query } from "./options.ts";
import { type Place, placeFrom, textOf } from "./paging.ts";
import { idOfRow, mismatch, type Source } from "./read.ts";
import { isRefusal, readPage } from "./service.ts";
import { type TimeFormat, versionOf, written } from "./values.ts";

/** A list that can be asked for what was updated since a time. */
export interface UpdatesOptions {
  /** The parameter that takes the time: `"updated_since"`. What is of that very time may be in or out. */
  param: string;
  /** Default `"iso"`. */
  format?: TimeFormat;
  /** The place of the update time in a row. Default: that of the version. */
  time?: string;
  /** Asked with besides the list's own query: a sort. */
  query?: Query;
  /**
   * The list is sorted by that time, oldest first: its pages shift while they are read, so it is asked anew from the last
   * time on instead. Default `false`: any order whose pages do not lose rows, newest first or by id.
   */
  ascending?: boolean;
  /** Milliseconds between polls. Default 300,000. */
  every?: number;
  /** Milliseconds that are read again, for what became visible late. Default 300,000. */
  overlap?: number;
}

/** Milliseconds between polls. */
const EVERY = 300_000;
/** Milliseconds read again: the overlap suggested for a service that is not known better. */
const OVERLAP = 300_000;
/** Milliseconds. Times may have a second's precision and clocks differ: what is younger may change within its time. */
const FRESH = 60_000;
/** Milliseconds for which a service knows a place in a list at least: refused later, it may have forgotten it. */
const KNOWN = 60_000;
/** Where a feed of updates is. */
const updatesText = z.object({
  /** The latest update time that was seen. */
  since: z.number(),
  /** While pages are being read: from which time on they are asked for, the page to come, and when it was told of. */
  pass: z.object({ from: z.number(), place: z.string().nullable(), told: z.number().optional() }).nullable(),
  /**
   * Pages were read, and that has just ended: being asked again at once must not begin anew, or what the overlap repeats
   * would have it go on for ever.
   */
  ended: z.literal(true).optional(),
});
type Updates = z.infer<typeof updatesText>;

/** The feed of one type: a page for each call, and the engine calls again while there is more. */
export function updatesOf(source: Source, updates: UpdatesOptions): Feed {
  const { every = EVERY } = updates;
  const poll = async (cursor: string | null, context: Context) => {
    const at: Updates = cursor === null ? { since: context.now(), pass: null } : updatesText.parse(JSON.parse(cursor));
    if (at.ended) return { hints: [], cursor: JSON.stringify({ since: at.since, pass: null }) };
    const { hints, after } = await readUpdates(source, updates, at, context);
    return { hints, cursor: JSON.stringify(after) };
  };
  return { types: [source.type], every, poll };
}

async function readUpdates(source: Source, updates: UpdatesOptions, at: Updates, context: Context) {
  const { resource, type, service } = source;
  const { param, format, query = {}, overlap = OVERLAP } = updates;
  const { list = { path: "" }, id = "id" } = resource;
  const { from, place, told } = at.pass ?? { from: at.since - overlap, place: null, told: 0 };
  const asked = { ...list, query: { ...list.query, ...query, [param]: written(from, format) } };
  const page = {
    option: `resources.${type}.updates`,
    list: asked,
    id,
    place: place === null ? null : placeFrom(place),
  };
  const { rows, next } = await readPage(service, page, context).catch((error) => {
    if (place === null || context.now() - (told ?? 0) < KNOWN || !isRefusal(error)) throw error;
    return readPage(service, { ...page, place: null }, context);
  });
  const given = timesOf(source, updates, rows);
  const hints = rows.map((row, i) => updated(type, idOfRow(source, row), given[i], context.now()));
  const times = given.filter((one) => one !== undefined);
  // A time that is far from any clock would have the feed skip all until then.
  const since = Math.max(at.since, ...times.filter((time) => time <= context.now() + overlap));
  if (next === null) {
    const isEnded = at.pass !== null && hints.length > 0;
    return { hints, after: { since, pass: null, ...(isEnded && { ended: true as const }) } };
  }
  const pass = updates.ascending ? passOf(source, times, from, next) : { from, place: textOf(next) };
  return { hints, after: { since, pass: { ...pass, told: context.now() } } };
}

/** Milliseconds before the last time: whether that itself is in differs between services, and it may be a second's. */
const AGAIN = 1_000;

/** Anew from the last time on; only where such a second fills a page, by pages. */
function passOf(source: Source, times: readonly number[], from: number, next: Place) {
  const again = (times.at(-1) ?? from) - AGAIN;
  if (times.some((time, i) => time < (times[i - 1] ?? time))) {
    throw mismatch(source, "updates.ascending", "the list is not: sort it by query");
  }
  return again > from ? { from: again, place: null } : { from, place: textOf(next) };
}

/** The update time of each row. One without it is looked at each time; if none has it, the place is wrong. */
function timesOf(source: Source, { time }: UpdatesOptions, rows: readonly unknown[]): (number | undefined)[] {
  const { version } = source.resource;
  const places = time !== undefined ? [time] : version !== undefined && "time" in version ? [version.time].flat() : [];
  const times = rows.map((row) => versionOf({ time: places }, row));
  if (rows.length === 0 || times.some((one) => one !== undefined)) return times;
  throw mismatch(source, "updates", `no row has a time at "${places.join('", "')}"`);
}

/** Named by its time, so that what the overlap repeats is recognised; but what is fresh is looked at once more. */
function updated(type: string, id: string, time: number | undefined, now: number): Hint {
  if (time === undefined) return { type, id };
  const name = `${type} ${time}${now - time < FRESH ? " fresh" : ""}`;
  return { type, id, event: { id: name, name: "updated", at: new Date(time) } };
}
