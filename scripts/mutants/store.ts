import type { Mutant } from "./mutant.ts";

const tests = ["sqlite", "damage", "group"].map((name) => `test/store/${name}.test.ts`);
const disk = ["test/store/disk.test.ts"];
const at = (id: string, file: string, removes: string, find: string, replace: string): Mutant => ({
  ...{ id, file: `src/store/${file}`, removes, find, replace, tests },
});

/** Guards of the stores. */
export const store: readonly Mutant[] = [
  at(
    `store-half`,
    `transaction.ts`,
    `a job that throws undoes what it did`,
    `if (tx.statements.writes !== writes) throw`,
    `if (false) throw`,
  ),
  at(
    `store-alone`,
    `transaction.ts`,
    `and the others of its group do not fail with it`,
    `if (!(cause instanceof HalfDone)) throw troubleWith`,
    `throw troubleWith`,
  ),
  at(
    `store-rollback`,
    `transaction.ts`,
    `a group that failed leaves no open transaction`,
    `      rollback(db);
      if (!(cause`,
    `      if (!(cause`,
  ),
  at(
    `store-latest`,
    `transaction.ts`,
    `ticks of what saved nothing are not given out again`,
    `Math.max(head.tick, latest)`,
    `head.tick`,
  ),
  at(
    `store-tick`,
    `transaction.ts`,
    `ticks never step back`,
    `Math.max(writing.head.tick + 1, Math.floor(time.now() * 1_000))`,
    `Math.floor(time.now() * 1_000)`,
  ),
  at(
    `store-idle`,
    `transaction.ts`,
    `what changes nothing writes nothing`,
    `if (writing.wrote) {`,
    `writing.wrote = true;
    {`,
  ),
  at(
    `store-group-turn`,
    `group.ts`,
    `a group waits for the end of the turn`,
    `await new Promise<void>((resolve) => time.after(0, resolve, true));`,
    ``,
  ),
  at(`store-group-bound`, `group.ts`, `a group is bounded`, `queue.splice(0, MOST)`, `queue.splice(0)`),
  at(`store-group-overlap`, `group.ts`, `groups do not overlap`, `await runGroup(commit`, `void runGroup(commit`),
  at(
    `store-group-fails`,
    `group.ts`,
    `a commit that fails tells every caller`,
    `for (const { reject } of group) reject(error);`,
    ``,
  ),
  at(`store-lease`, `rows.ts`, `leased rows are not due`, `and (lease is null or lease <= :tick)`, ``),
  at(
    `store-unseen`,
    `rows.ts`,
    `only clean rows are suspected`,
    `and present = 1 and due is null and (seen`,
    `and present = 1 and (seen`,
  ),
  at(
    `store-key`,
    `rows.ts`,
    `refs are told apart by their parts`,
    `JSON.stringify([ref.type, ref.scope, ref.id])`,
    `\`\${ref.type}\\n\${ref.scope}\\n\${ref.id}\``,
  ),
  at(
    `store-count`,
    `rows.ts`,
    `what is live is counted as it changes`,
    `if (saved.present !== wasPresent) {`,
    `if (saved.present && !wasPresent) {`,
  ),
  at(`store-plan`, `log.ts`, `a filter by type sorts nothing`, `+e.type in (`, `e.type in (`),
  at(`store-sum`, `log.ts`, `a damaged entry is noticed`, `entrySum(columns) === sum &&`, ``),
  at(`store-state-sum`, `log.ts`, `and a damaged state`, `stateSum(state, position) === ownSum &&`, ``),
  at(
    `store-before-sum`,
    `log.ts`,
    `and the state before it`,
    `(beforePosition === null || stateSum(before, beforePosition) === beforeSum)`,
    `true`,
  ),
  at(
    `store-holes`,
    `log.ts`,
    `an entry that is missing is noticed`,
    `if (all) refuseHoles(`,
    `if (false) refuseHoles(`,
  ),
  at(`store-holes-end`, `log.ts`, `also the last one`, `entries.length < limit ? end : 0`, `0`),
  at(`store-compacted`, `log.ts`, `what compaction took is not missing`, ` && position - 1 > headOf(db).compacted`, ``),
  at(
    `store-compact-live`,
    `log.ts`,
    `compaction keeps the newest live entry`,
    `and position < :below and state is null)`,
    `and position < :below)`,
  ),
  at(
    `store-compact-before`,
    `log.ts`,
    `what is before stays exact`,
    `select previous from entry where position > :compacted and position < :below
`,
    `select previous from entry where position > :compacted
`,
  ),
  at(
    `store-compact-owing`,
    `log.ts`,
    `rows that owe something are kept`,
    `where present = 0 and due is null and`,
    `where present = 0 and`,
  ),
  at(`store-erase-fold`, `sqlite.ts`, `what was erased is not left in the write-ahead log`, `await read(foldLog);`, ``),
  at(
    `store-erase-scope`,
    `erase.ts`,
    `another provider whose name begins alike is not erased`,
    `type > :provider || '.'`,
    `type > :provider`,
  ),
  at(
    `store-erase-secure`,
    `connection.ts`,
    `what was erased is overwritten`,
    `pragma secure_delete = on`,
    `pragma secure_delete = off`,
  ),
  at(`store-mode`, `connection.ts`, `the file is its owner's`, `openSync(path, "a", 0o600)`, `openSync(path, "a")`),
  at(
    `store-shared`,
    `connection.ts`,
    `the last to close lets go`,
    `if (leave()) await close();`,
    `leave();
      close();`,
  ),
  at(
    `store-close`,
    `connection.ts`,
    `close waits for what is under way`,
    `      await group.idle();
`,
    ``,
  ),
  at(
    `store-quick`,
    `connection.ts`,
    `a file left in the middle of things is checked`,
    `if (unclean && `,
    `if (!unclean && `,
  ),
  at(
    `store-version`,
    `connection.ts`,
    `a newer database is refused`,
    `if (from > migrations.length) {`,
    `if (from < 0) {`,
  ),
  at(
    `store-prefix`,
    `checkpoints.ts`,
    `a prefix is no pattern`,
    `and substr(name, 1, length(:prefix)) = :prefix and`,
    `and`,
  ),
  { ...at("disk-read", "disk.ts", "who reads waits for the sync", "if (flushing) await flushing;", ""), tests: disk },
  {
    ...at(
      "disk-others",
      "disk.ts",
      "what others committed is synced",
      "if (versionNow() !== others) await flush();",
      "",
    ),
    tests: disk,
  },
  {
    ...at(
      "disk-during",
      "disk.ts",
      "a commit during a sync is not taken for synced",
      "others = seen;",
      "others = versionNow();",
    ),
    tests: disk,
  },
  {
    ...at(
      "disk-failed",
      "disk.ts",
      "a disk that failed is not believed again",
      "if (failed) throw failed;\n    const seen",
      "const seen",
    ),
    tests: disk,
  },
  {
    ...at(
      "disk-wait",
      "connection.ts",
      "an answer waits for the disk",
      "if (sync) await disk.flush();",
      "if (sync) void disk.flush();",
    ),
    tests: ["test/store/sqlite.test.ts"],
  },
];
