/**
 * Hints as an inbox keeps them: a note with its tick as a short text, and all notes of one resource together.
 * @module
 */
import type { Class, Note, Via } from "../row.ts";
import type { Tick } from "../time.ts";

/** A note with its tick. */
export interface Kept extends Note {
  tick: Tick;
}

export const textOf = ({ type, scope, id, version, event, class: cls, via }: Note, tick: Tick): string =>
  JSON.stringify(
    event
      ? [type, scope, id, version, cls, via, tick, event.id, event.name, event.at]
      : [type, scope, id, version, cls, via, tick],
  );

type Text = [string, string, string, number | null, Class, Via, Tick, string?, string?, (number | null)?];

/** The notes of a JSON array of their texts. */
export const notesOf = (text: string): Kept[] =>
  (JSON.parse(text) as Text[]).map(([type, scope, id, version, cls, via, tick, event, name = "", at = null]) => ({
    ...{ type, scope, id, version, class: cls, via, tick },
    event: event === undefined ? null : { id: event, name, at },
  }));

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
