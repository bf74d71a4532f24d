/**
 * What a hint is worth: several webhooks may tell of one event, late and out of order, and a feed besides. Pure.
 *
 *   told    what is recorded has the hinted version, or a later one: nothing is owed
 *   wait    it may well have it, but versions cannot tell: it is read when a read decides it, for all that came until then
 *   news    all else is read at once
 *
 * Only what is told changes what is owed. To wait is a place in the queue, and takes nothing from what a read must meet.
 * @module
 */
import { compareVersions, type Note, PATIENCE, put, type Row, type Rules } from "../row.ts";
import { type Tick, ticks } from "../time.ts";

/**
 * Whether what is recorded answers a note, as a fetch would that showed the same: it is of the hinted version, and every
 * change raises that; or of a version that is certainly later.
 *
 * A lower one is late, unless the provider went back, or made the resource anew. So it is taken for late only if it
 * happened before the latest read ended, as far as clocks can say, or came soon after that; and nothing is told where
 * incarnations or contradictions are known. Nor is an event that the row knows: to send it again is how a person has a
 * resource looked at.
 */
export function isTold(
  row: Row,
  { version, event }: Pick<Note, "version" | "event">,
  rules: Rules,
  tick: Tick,
): boolean {
  if (version === null || !row.present || row.version === null || row.last === null) return false;
  if (row.causes.some(({ id }) => id === event?.id)) return false;
  // An id that is used again may have any version again.
  if (row.epoch !== null || row.regressions > 0 || row.incarnation !== null) return false;
  if (version === row.version) return rules.versions === "strict";
  if (compareVersions(row.version, version, rules) <= 0) return false;
  const happened = Math.min(tick - PATIENCE, event?.at == null ? Number.POSITIVE_INFINITY : ticks(event.at));
  return happened <= row.last;
}

/** Keeps the event of a note that is told, so that its repeat is recognised. What is owed stays as it is. */
export function keepCause(row: Row, note: Note, tick: Tick): Row {
  if (note.event === null) return row;
  const { id: event } = note.event;
  const { causes } = put(row, note, tick, tick);
  return { ...row, causes: causes.map((cause) => (cause.id === event ? { ...cause, used: true } : cause)) };
}

/**
 * From when on it is worth a read; 0: at once. A version that is not above the recorded one is decided when no other state
 * can have that version any more, by a read that is not behind. Without versions any hint may be news: a resource that
 * was just read is given a moment, or its read lag, for the others to come.
 */
export function worthReading(row: Row, { version, via }: Note, { versions, grain, lag }: Rules, tick: Tick): Tick {
  if (via === "app" || !row.present || row.first === null) return 0;
  if (versions === "none") return lag > 0 ? (row.last ?? 0) + lag + 1 : 0;
  const isNews = versions === "strict" || version === null || row.version === null || version > row.version;
  return isNews ? 0 : Math.max(row.first + ticks(grain), tick + lag) + 1;
}

/**
 * Where reads may be behind, the next one begins when it shows nothing from before the end of the latest: if they disagree,
 * that orders them, and no third is needed. It is later by no more than that one took.
 */
export function apart(row: Row, { lag }: Rules): Row {
  if (row.due === null || row.last === null || lag === 0) return row;
  return { ...row, due: Math.max(row.due, row.last + lag + 1) };
}
