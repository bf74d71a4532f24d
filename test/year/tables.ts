/** How large the store is, and whether it stops growing. */
import { DatabaseSync } from "node:sqlite";

export interface Size {
  rows: number;
  entries: number;
  checkpoints: number;
  /** Of the file, in kB. */
  file: number;
}

export function sizeOf(file: string): Size {
  const db = new DatabaseSync(file, { readOnly: true });
  const one = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
  const count = (table: string) => one(`select count(*) from ${table}`);
  const kB = Math.round((one("pragma page_count") * one("pragma page_size")) / 1_000);
  const size = { rows: count("row"), entries: count("entry"), checkpoints: count("checkpoint"), file: kB };
  db.close();
  return size;
}

/** By how much the last third of the year may be larger than the middle one. The first fills what is kept. */
const MORE = 1.1;
/** Differences below these are noise: a month more or less busy, and pages that a file keeps for the next one. */
const NOISE: Readonly<Size> = { rows: 20, entries: 300, checkpoints: 100, file: 200 };

/** What grew, a sentence each; of less than three quarters of a year nothing can be said. Pure. */
export function growth(sizes: readonly Size[]): string[] {
  if (sizes.length < 9) return [];
  const third = Math.floor(sizes.length / 3);
  const names: (keyof Size)[] = ["rows", "entries", "checkpoints", "file"];
  return names.flatMap((name) => {
    const values = sizes.map((size) => size[name]);
    const [middle, last] = [Math.max(...values.slice(third, 2 * third)), Math.max(...values.slice(2 * third))];
    return last <= Math.max(middle * MORE, middle + NOISE[name])
      ? []
      : [`${name} grew from ${middle} to ${last} in the last third of the year`];
  });
}
