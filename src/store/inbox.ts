/**
 * The inbox of the SQLite store: hints are kept as they come, those of a group in few rows of a narrow table, and put to
 * their rows by whoever looks at rows next.
 *
 * A row has 27 columns and stands in two indexes while it is dirty; to find and save one for each webhook took a third
 * of a webhook's time, and wrote three pages of the write-ahead log for each of them. Ten hints at one resource are one
 * save.
 * @module
 */
import { crc32 } from "node:zlib";
import { StoreError } from "../errors.ts";
import type { Note } from "../row.ts";
import type { Fold, Move } from "../store.ts";
import type { Tick, Time } from "../time.ts";
import { moveCheckpoint } from "./checkpoints.ts";
import { arraysOf, byRef, checkNotes, type Kept, notesOf, textOf } from "./notes.ts";
import { rowOf, saveStep } from "./rows.ts";
import { nextTick, type Statements, type Writing } from "./statements.ts";

/** Rows of the inbox that are put to their rows in one transaction: others have their turn between two of them. */
export const SLICE = 64;

const KEEP = "insert into inbox (notes, sum) values (:notes, :sum)";
const TAKE = "select seq, notes, sum from inbox order by seq limit :limit";
const TAKEN = "delete from inbox where seq <= :last";
const WAITING = "select seq from inbox limit 1 offset :offset";

/** Takes a job's notes into the group's. */
export function post(
  db: Statements,
  writing: Writing,
  notes: readonly Note[],
  also: Move | undefined,
  time: Time,
): Tick {
  checkNotes(notes);
  const tick = nextTick(writing, time);
  if (also) moveCheckpoint(db, writing, also, tick);
  writing.notes.push(...notes.map((note) => textOf(note, tick)));
  return tick;
}

/** At the end of a group: what nobody put to its row meanwhile is kept. */
export function keep(db: Statements, writing: Writing): void {
  if (writing.notes.length === 0) return;
  for (const notes of arraysOf(writing.notes)) db.run("keep", KEEP, { notes, sum: crc32(notes) });
  writing.notes = [];
  writing.wrote = true;
}

/** Whether more than `offset` rows of the inbox wait. */
export const waiting = (db: Statements, offset: number): boolean =>
  db.get("waiting", WAITING, { offset }) !== undefined;

/** Puts notes to their rows: those of the inbox, up to `limit` of its rows, and with all of them those of this group. */
export function fold(db: Statements, writing: Writing, into: Fold, limit = -1): void {
  if (writing.folded && writing.notes.length === 0) return;
  const { writes } = db;
  const kept = writing.folded ? [] : db.all("take", TAKE, { limit });
  const notes = kept.flatMap(({ seq, notes, sum }) => notesIn(String(notes), Number(sum), Number(seq)));
  const last = kept.at(-1)?.["seq"];
  if (last !== undefined) db.run("taken", TAKEN, { last });
  if (limit < 0) {
    notes.push(...notesOf(`[${writing.notes.join(",")}]`));
    writing.notes = [];
    writing.folded = true;
  }
  for (const [ref, group] of byRef(notes)) putAll(db, writing, into, ref, group);
  if (db.writes > writes) writing.wrote = true;
  // None of these writes are of the job that looks: what it may come to throw undoes nothing of them.
  db.writes = writes;
}

function putAll(db: Statements, writing: Writing, into: Fold, ref: Note, notes: readonly Kept[]): void {
  const before = rowOf(db, ref);
  const row = notes.reduce((at, note) => into(at, note, note.tick), before);
  if (row !== before) saveStep(db, writing, { row }, row.present, 0);
}

function notesIn(text: string, sum: number, seq: number): Kept[] {
  if (crc32(text) === sum) return notesOf(text);
  const help = "restore the file from a backup, or move it away: a new one is filled from the providers";
  throw new StoreError(`the inbox is damaged at ${seq}: what is stored is not what was written. ${help}`);
}
