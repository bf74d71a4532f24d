/**
 * Hints as an inbox keeps them: a note with its tick as a short text, and all notes of one resource together.
 * @module
 */
import { StoreError } from "../errors.ts";
import { type Class, isRef, LONGEST_REF, type Note, type Ref, type Via } from "../row.ts";
import type { Tick } from "../time.ts";

/** A note with its tick. */
export interface Kept extends Note {
  tick: Tick;
}

export const textOf = ({ type, scope, id, version, event, class: cls, via }: Note, tick: Tick): string =>
  JSON.stringify(
    event
      ? [type, scope, id, version, cls, via, tick, event.id, event.name, event.at, ...(event.judged ? [1] : [])]
      : [type, scope, id, version, cls, via, tick],
  );

/** Notes in one row of an inbox: what is put to its rows in one transaction is counted in such rows. */
const TOGETHER = 100;

/** Texts of notes as JSON arrays, one for each row of an inbox. */
export function arraysOf(texts: readonly string[]): string[] {
  const arrays: string[] = [];
  for (let i = 0; i < texts.length; i += TOGETHER) arrays.push(`[${texts.slice(i, i + TOGETHER).join(",")}]`);
  return arrays;
}

type Text = [string, string, string, number | null, Class, Via, Tick, string?, string?, (number | null)?, 1?];

/** The notes of a JSON array of their texts. */
export const notesOf = (text: string): Kept[] =>
  (JSON.parse(text) as Text[]).map(
    ([type, scope, id, version, cls, via, tick, event, name = "", at = null, judged]) => ({
      ...{ type, scope, id, version, class: cls, via, tick },
      event: event === undefined ? null : { id: event, name, at, ...(judged && { judged: true }) },
    }),
  );

/**
 * Looked at before it is kept: of what is in an inbox all must come to its row, or nothing behind it ever would.
 *
 * @throws StoreError for a note that cannot come to a row
 */
export function checkNotes(notes: readonly Note[]): void {
  for (const note of notes) {
    checkRef(note);
    if (note.version === null || typeof note.version === "number") continue;
    throw new StoreError(`a hint at a ${note.type} has a version that is no number: give a number, or leave it out`);
  }
}

/** @throws StoreError for a ref that not every store can keep */
export function checkRef(ref: Ref): void {
  if (isRef(ref)) return;
  const help = `give text without zero bytes and lone surrogates, of ${LONGEST_REF} bytes at most with type and scope`;
  throw new StoreError(`an id or scope of ${String(ref.type).slice(0, 100)} cannot be stored: ${help}`);
}

/** By the first of each resource's. */
export function byRef(notes: readonly Kept[]): Map<Note, Kept[]> {
  const groups = new Map<string, [Note, Kept[]]>();
  for (const note of notes) {
    const key = JSON.stringify([note.type, note.scope, note.id]);
    const group = groups.get(key);
    if (group) group[1].push(note);
    else groups.set(key, [note, [note]]);
  }
  return new Map(groups.values());
}
