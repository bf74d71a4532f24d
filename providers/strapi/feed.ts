/**
 * Feeds over what lists say of their times: what was changed, whether or not its webhook came.
 *
 * One walk for each version and time. A publication by an editor moves `publishedAt` alone, a change of a field that all
 * locales share `updatedAt` alone. In its own time's order a row that changes only ever moves to the end, so nothing
 * slips through between two pages. What went away, and a draft that went back to an older time, no walk sees.
 * @module
 */
import type { Context, Feed, Hint } from "tidemark";
import { z } from "zod";
import { getRows, type Source } from "./api.ts";
import { type Fields, idOf, isPlaced, markOf } from "./id.ts";
import { readSingle } from "./list.ts";
import type { Status } from "./types.ts";

/** Milliseconds read again: a row becomes visible a little after the time it bears. */
const OVERLAP = 60_000;
/** Pages of a walk in one poll; the next goes on from there. */
const MOST_PAGES = 20;

/**
 * Where a walk is. With `id` it is under way: behind this row. Without it, it came to its end at that time. `ended`: just
 * now, after several polls; being asked again at once must not begin anew, or what the overlap repeats would have it go on
 * for ever.
 */
const stop = z.object({ at: z.iso.datetime(), id: z.string().optional(), ended: z.literal(true).optional() });
type Stop = z.infer<typeof stop>;
const stops = z.record(z.string(), stop);
const marks = z.array(z.string());

interface Walk {
  status: Status | undefined;
  field: "updatedAt" | "publishedAt";
}

/** The feed of a type. Its first poll only finds where to begin. */
export function feedOf(source: Source, every: number): Feed {
  const poll = source.type.kind === "single" ? pollSingle : pollWalks;
  return { types: [source.name], every, poll: (cursor, context) => poll(source, cursor, context) };
}

const hintOf = ({ type, name }: Source, state: Fields): Hint => {
  const id = idOf(type, state);
  return { type: name, id, event: { id: markOf(id, state), name: "changed" } };
};

function walksOf({ type }: Source): Walk[] {
  return type.statuses.flatMap((status): Walk[] => {
    const updated: Walk = { status, field: "updatedAt" };
    // A draft has no other time, a file neither.
    return status === "draft" || type.kind === "media" ? [updated] : [updated, { status, field: "publishedAt" }];
  });
}

async function pollWalks(source: Source, cursor: string | null, context: Context) {
  const known = cursor === null ? {} : stops.parse(JSON.parse(cursor));
  const all = Object.values(known);
  const isEnded = all.some(({ ended }) => ended) && all.every(({ id }) => id === undefined);
  if (isEnded) return { hints: [], cursor: JSON.stringify(rested(known)) };
  const next: Record<string, Stop> = {};
  const hints: Hint[] = [];
  for (const walk of walksOf(source)) {
    const name = `${walk.status ?? ""} ${walk.field}`;
    const from = known[name];
    if (from?.ended) {
      next[name] = from;
      continue;
    }
    const { rows, to } = from ? await follow(source, walk, from, context) : await begin(source, walk, context);
    next[name] = to;
    const named = rows.filter((row) => isPlaced(source.type, row));
    hints.push(...named.map((state) => hintOf(source, state)));
  }
  return { hints, cursor: JSON.stringify(next) };
}

/** The stops, for the poll that comes in its time. */
const rested = (known: Readonly<Record<string, Stop>>) =>
  Object.fromEntries(Object.entries(known).map(([name, { ended, ...to }]) => [name, to]));

interface Walked {
  rows: Fields[];
  to: Stop;
}

/** The newest time there is: everything until then is the sweep's. */
async function begin(source: Source, { status, field }: Walk, context: Context): Promise<Walked> {
  const query = { "sort[0]": `${field}:desc`, [`filters[${field}][$notNull]`]: "true", ...fieldsFor(source) };
  const { rows } = await getRows(source, { status, query, limit: 1 }, context);
  const at = rows[0] ? Math.min(timeIn(rows[0], field), context.now()) : 0;
  return { rows: [], to: { at: new Date(at).toISOString() } };
}

/** All rows behind a stop, or a little before it. */
async function follow(source: Source, { status, field }: Walk, from: Stop, context: Context): Promise<Walked> {
  const rows: Fields[] = [];
  let { at, id } = from;
  if (id === undefined) [at, id] = [new Date(Date.parse(from.at) - OVERLAP).toISOString(), "0"];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = {
      ...{ "sort[0]": `${field}:asc`, "sort[1]": "id:asc", [`filters[$or][0][${field}][$gt]`]: at },
      ...{ [`filters[$or][1][${field}][$eq]`]: at, "filters[$or][1][id][$gt]": id, ...fieldsFor(source) },
    };
    const answer = await getRows(source, { status, query }, context);
    rows.push(...answer.rows);
    const last = answer.rows.at(-1);
    if (last) [at, id] = behind(timeIn(last, field), String(last["id"]), { at, id });
    if (answer.full) continue;
    // A time in the future, as an import may bring, must not hide what happens until then.
    const latest = Math.min(Math.max(Date.parse(from.at), Date.parse(at)), context.now());
    const isEnded = from.id !== undefined && rows.length > 0;
    return { rows, to: { at: new Date(latest).toISOString(), ...(isEnded && { ended: true as const }) } };
  }
  return { rows, to: { at, id } };
}

/**
 * The place behind a row. A database may keep more digits of a time than an answer shows: where a page is the same once
 * more, the walk goes on after that millisecond, and leaves the rest of it to the sweep.
 */
function behind(time: number, row: string, { at, id }: Stop): [at: string, id: string] {
  const shown = new Date(time).toISOString();
  return shown === at && row === id ? [new Date(time + 1).toISOString(), "0"] : [shown, row];
}

/** Only what a hint needs. */
const fieldsFor = ({ type }: Source): Readonly<Record<string, string>> => ({
  ...{ "fields[0]": "documentId", "fields[1]": "updatedAt", "fields[2]": "publishedAt" },
  ...(type.localized && { "fields[3]": "locale" }),
});

/** @throws TypeError for what is no time: the field is hidden, or something else answers */
function timeIn(row: Fields, field: string): number {
  const time = Date.parse(String(row[field]));
  if (!Number.isNaN(time)) return time;
  throw new TypeError(`Strapi's answer has no time in ${field}`);
}

/** A single type is one entry: read whole, so that what went away is noticed, too. */
async function pollSingle(source: Source, cursor: string | null, context: Context) {
  const known = cursor === null ? undefined : marks.parse(JSON.parse(cursor));
  const states = await readSingle(source, context);
  const found = states.map((state) => hintOf(source, state));
  const now = found.map(({ event }) => event?.id ?? "");
  const gone = (known ?? []).map(idIn).filter((id) => !found.some((hint) => hint.id === id));
  const changed = found.filter(({ event }) => known && !known.includes(event?.id ?? ""));
  return { hints: [...changed, ...gone.map((id) => ({ type: source.name, id }))], cursor: JSON.stringify(now) };
}

const idIn = (mark: string): string => mark.slice(0, mark.indexOf(" "));
