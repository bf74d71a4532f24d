/**
 * The checkpoints of the SQLite store.
 * @module
 */
import { type Checkpoint, fresh, isBlank } from "../checkpoint.ts";
import type { Move } from "../store.ts";
import type { Tick } from "../time.ts";
import { type Columns, textOrNull } from "./schema.ts";
import type { Statements, Writing } from "./statements.ts";

const CHECKPOINT = "select name, value, holder, until, at from checkpoint where name = :name";
// A range of the index: to compare prefixes would have all names after it read where there is little of one, or nothing.
const CHECKPOINTS = `select name, value, holder, until, at from checkpoint
  where name >= :prefix and name < :prefix || char(1114111) and name > :after order by name limit :limit`;
const FORGET = "delete from checkpoint where name = :name";
const SAVE_CHECKPOINT =
  "replace into checkpoint (name, value, holder, until, at) values (:name, :value, :holder, :until, :at)";

const checkpointFrom = ({ name, value, holder, until, at }: Columns): Checkpoint => ({
  name: String(name),
  value: textOrNull(value),
  holder: textOrNull(holder),
  until: Number(until),
  at: Number(at),
});

export function moveCheckpoint(db: Statements, writing: Writing, { name, step }: Move, tick: Tick): Checkpoint {
  const known = db.get("checkpoint", CHECKPOINT, { name });
  const at = known ? checkpointFrom(known) : fresh(name);
  const moved = step(at, tick);
  if (moved === undefined) return at;
  const saved = { ...moved, name };
  if (isBlank(saved)) db.run("forget checkpoint", FORGET, { name });
  else db.run("save checkpoint", SAVE_CHECKPOINT, saved);
  writing.wrote = true;
  return saved;
}

export const selectCheckpoints = (db: Statements, prefix: string, after: string, limit: number): Checkpoint[] =>
  db.all("checkpoints", CHECKPOINTS, { prefix, after, limit }).map(checkpointFrom);
