/** The database of the year, which is another file after each kill and each restore: nobody who is dead has it open. */
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";

export interface File {
  /** Where it is now. */
  path(): string;
  /** From now on it is a copy of this one, byte by byte: what a disk has, write-ahead log and all. */
  replace(from: string): void;
  /** Makes a backup while it is in use, as an operator does. Answers its path. */
  save(): Promise<string>;
}

export function createFile(folder: string): File {
  let copies = 0;
  let path = `${folder}/0.db`;
  return {
    path: () => path,
    replace(from) {
      const next = `${folder}/${++copies}.db`;
      for (const end of ["", "-wal"]) if (existsSync(from + end)) copyFileSync(from + end, next + end);
      remove(path);
      path = next;
    },
    async save() {
      const to = `${folder}/backup.db`;
      remove(to);
      const db = new DatabaseSync(path, { readOnly: true });
      await backup(db, to);
      db.close();
      return to;
    },
  };
}

function remove(file: string): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
}
