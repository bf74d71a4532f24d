/**
 * `changes()`: the log from a cursor on, pulled by the application, which keeps the cursor.
 * @module
 */
import {
  type Change,
  changeOf,
  checkPlace,
  cursorOf,
  endOf,
  isBehind,
  type Place,
  placeAfter,
  placeOf,
} from "./change.ts";
import type { Engine } from "./engine.ts";
import { CursorLost } from "./errors.ts";
import type { Ref } from "./row.ts";
import type { Entry, EntryQuery } from "./store.ts";

/** How the application pulls changes. */
export interface ChangesOptions<Type extends string = string> {
  /** The cursor to resume after. Left out or null: from the beginning of what the log holds. */
  after?: string | null;
  /** Where to begin without a cursor: at the beginning, or after what there is now. Default `"start"`. */
  from?: "start" | "now";
  /** Wait for more at the end of the log. Default true; false ends there. */
  follow?: boolean;
  /** Only these types. */
  types?: readonly Type[];
  /** Only this scope. */
  scope?: string;
  /** Ends the iteration when it aborts. */
  signal?: AbortSignal;
}

/** Changes in order. `cursor`: everything that matches up to there was yielded; null before the first page was read. */
export interface Changes<C> extends AsyncIterable<C> {
  readonly cursor: string | null;
}

/** Entries read at once. */
const PAGE = 200;
/** Milliseconds after which the log is looked at though nobody rang: other processes write, too. */
export const LOOK = 1_000;

/** @param lost is called when a cursor shows that the log was rolled back, before the error is thrown */
export function streamChanges(
  engine: Engine,
  { after = null, from = "start", follow = true, types, scope, signal }: ChangesOptions,
  lost: () => Promise<void>,
): Changes<Change> {
  let cursor = after;

  async function* pull(): AsyncGenerator<Change> {
    const { store, time, grown, stopping } = engine;
    const told = async <T>(asked: Promise<T>): Promise<T> => {
      try {
        return await asked;
      } catch (error) {
        // One that is only old, or no cursor at all, says nothing of what is recorded.
        if (error instanceof CursorLost && error.rolledBack) await lost();
        throw error;
      }
    };
    let place = await told(cursor === null && from === "now" ? endOf(store) : placeOf(store, cursor));
    const filter: Omit<EntryQuery, "after" | "limit"> = {
      ...(types && { types }),
      ...(scope !== undefined && { scope }),
    };
    while (!signal?.aborted) {
      const heard = grown.rings;
      const page = await told(readOn(engine, place, filter)).catch((error: unknown) => {
        // Who stops has its readers end; the store may be closed before one of them looks for the last time.
        if (follow && stopping.aborted) return undefined;
        throw error;
      });
      if (page === undefined) return;
      const { log, entries, end, since } = page;
      for (const entry of entries) {
        if (signal?.aborted) return;
        // Set first: the application that leaves the loop here has seen this change.
        const change = changeOf(log, entry, since);
        cursor = change.cursor;
        yield change;
      }
      place = end;
      if (end.position > 0) cursor = cursorOf(log, end);
      if (entries.length === PAGE) continue;
      if (!follow || stopping.aborted) return;
      await grown.wait(time, LOOK, AbortSignal.any(signal ? [signal, stopping] : [stopping]), heard);
    }
  }

  return {
    get cursor() {
      return cursor;
    },
    [Symbol.asyncIterator]: pull,
  };
}

/** Which of the newest changes. */
export interface NewestOptions<Type extends string = string> {
  /** Only these types. */
  types?: readonly Type[];
  /** Only this scope. */
  scope?: string;
  /** Only the resource with this id, of one type; without a scope in `""`. */
  id?: string;
  /** How many at most. Default 100. */
  limit?: number;
}

/** The newest changes that match, the newest first. */
export async function newestChanges({ store }: Engine, options: NewestOptions): Promise<Change[]> {
  const { types, scope, id, limit = 100 } = options;
  const [type = ""] = types ?? [];
  const among = { ...(types && { types }), ...(scope !== undefined && { scope }) };
  const filter = id === undefined ? among : { ref: { type, scope: scope ?? "", id } };
  const { log, compacted } = await store.head();
  const entries = await store.entries({ after: 0, limit, newest: true, ...filter });
  return entries.map((entry) => changeOf(log, entry, compacted));
}

/** The entries of one resource, the oldest first. */
export async function* streamHistory({ store }: Engine, ref: Ref): AsyncGenerator<Change> {
  const { log, compacted } = await store.head();
  for (let after = 0; ; ) {
    const entries = await store.entries({ after, limit: PAGE, ref });
    for (const entry of entries) yield changeOf(log, entry, compacted);
    if (entries.length < PAGE) return;
    after = entries.at(-1)?.position ?? after;
  }
}

/** The next page of the log that was read so far: it may be rolled back under a reader, and have grown past the place again. */
async function readOn(engine: Engine, place: Place, filter: Omit<EntryQuery, "after" | "limit">) {
  const page = await readPage(engine, place, filter);
  if (page.end.position > place.position) await checkPlace(engine.store, place, page.log);
  return page;
}

/**
 * The next entries that match, and how far everything that matches was read. `since` is that of the places on the page.
 * @throws CursorLost if the history after the place was compacted meanwhile, or the log ends before it
 */
export async function readPage(
  { store }: Pick<Engine, "store">,
  place: Place,
  filter: Omit<EntryQuery, "after" | "limit">,
): Promise<{ log: string; entries: Entry[]; end: Place; since: number | undefined }> {
  const { log, position, compacted } = await store.head();
  if (isBehind(place, { compacted })) {
    throw new CursorLost(`the history up to ${compacted} was compacted, the reader is at ${place.position}`);
  }
  if (place.position > position) await checkPlace(store, place, log);
  const entries = await store.entries({ ...filter, after: place.position, limit: PAGE });
  const since = place.position === 0 ? compacted || undefined : place.since;
  const page = (end: Pick<Entry, "position" | "tick">) => ({ log, entries, end: placeAfter(end, since), since });
  const last = entries.at(-1);
  if (entries.length === PAGE && last) return page(last);
  // The page is short, so nothing else up to the end that was seen before it matches.
  const to = Math.max(position, last?.position ?? 0);
  if (to <= place.position) return page(place);
  if (last && last.position === to) return page(last);
  const [end] = await store.entries({ after: to - 1, limit: 1 });
  return page(end ?? { position: to, tick: 0 });
}
