import type { Mutant } from "./mutant.ts";

const tests = ["test/store/sqlite.test.ts"];
const at = (id: string, file: string, removes: string, find: string, replace: string): Mutant => ({
  ...{ id, file: `src/store/${file}`, removes, find, replace, tests },
});

/** Guards of the stores. */
export const store: readonly Mutant[] = [
  at(
    "store-savepoint",
    "connection.ts",
    "a job that throws undoes what it did",
    `db.exec("rollback to job; release job");`,
    `db.exec("release job");`,
  ),
  at("store-head", "connection.ts", "and gives its positions back", `Object.assign(tx.writing, before);`, ``),
  at("store-lease", "sqlite.ts", "leased rows are not due", `and (lease is null or lease <= :tick)`, ``),
  at(
    "store-tick",
    "sqlite.ts",
    "ticks never step back",
    `Math.max(writing.head.tick + 1, Math.floor(time.now() * 1_000))`,
    `Math.floor(time.now() * 1_000)`,
  ),
  at(
    "store-sum",
    "sqlite.ts",
    "a damaged entry is noticed",
    `  if (good) return entry;`,
    `  if (good || !good) return entry;`,
  ),
  at(
    "store-before-sum",
    "sqlite.ts",
    "and so is the one before it",
    `(beforePosition === null || checksum(earlier) === beforeSum)`,
    `true`,
  ),
  at(
    "store-compact-live",
    "sqlite.ts",
    "compaction keeps the newest live entry",
    `and n.position > entry.position and n.position < :below))`,
    `and n.position >= entry.position and n.position < :below))`,
  ),
  at(
    "store-compact-before",
    "sqlite.ts",
    "what is before stays exact",
    `and n.position > entry.position and n.position < :below))`,
    `and n.position > entry.position))`,
  ),
  at(
    "store-compact-owing",
    "sqlite.ts",
    "rows that owe something are kept",
    `where present = 0 and due is null and`,
    `where present = 0 and`,
  ),
  at(
    "store-idle",
    "connection.ts",
    "what changes nothing writes nothing",
    `if (!wrote) return void db.exec("rollback");`,
    ``,
  ),
  at("store-mode", "connection.ts", "the file is its owner's", `openSync(path, "a", 0o600)`, `openSync(path, "a")`),
  at("store-shared", "connection.ts", "the last to close lets go", `if (--connection.users > 0) return;`, ``),
  at(
    "store-version",
    "connection.ts",
    "a newer database is refused",
    `if (from > migrations.length) {`,
    `if (from < 0) {`,
  ),
  at(
    "store-unseen",
    "sqlite.ts",
    "only clean rows are suspected",
    `and present = 1 and due is null and (seen`,
    `and present = 1 and (seen`,
  ),
  at(
    "store-prefix",
    "sqlite.ts",
    "a prefix is no pattern",
    `and substr(name, 1, length(:prefix)) = :prefix and`,
    `and`,
  ),
];
