/** Delivers what is in a store, each change with an effect in the same file, and keeps what the file is at each statement. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { createSync, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { systemTime } from "../../src/time.ts";

// Not the provider of what is delivered: nothing of that is read again.
const provider: Provider<{ thing: { id: string } }> = {
  probe: async () => {},
  resources: { thing: { fetch: async (id) => ({ id }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } },
};

/** @param ahead milliseconds by which its clock is ahead */
export function createTeller(path: string, ahead = 0) {
  const time = { ...systemTime, now: () => Date.now() + ahead };
  const sync = createSync({ providers: { other: provider }, store: sqlite(path, { time }), time });
  const subscribe = () =>
    sync.subscribe("teller", { transaction: true }, ({ cursor, id }, tx) => {
      tx.prepare("insert into effect (cursor) values (?)").run(cursor);
      tx.prepare("insert into account values (?, 1) on conflict do update set n = n + 1").run(id);
    });
  return { sync, subscribe };
}

/** Before each statement the files are copied: what a `kill -9` at that moment leaves. */
function copyAtEach(path: string, folder: string): void {
  let n = 0;
  const copied = (target: object, name: string) => {
    const own = Reflect.get(target, name) as (...values: unknown[]) => unknown;
    Reflect.set(target, name, function run(this: unknown, ...values: unknown[]) {
      n++;
      for (const end of ["", "-wal"]) copyFileSync(path + end, join(folder, `${n}.db${end}`));
      return own.apply(this, values);
    });
  };
  copied(DatabaseSync.prototype, "exec");
  for (const name of ["run", "get", "all"]) copied(StatementSync.prototype, name);
}

if (import.meta.main) {
  const [path = "", folder = ""] = process.argv.slice(2);
  const { sync, subscribe } = createTeller(path);
  await sync.drain();
  subscribe();
  copyAtEach(path, folder);
  await sync.drain();
  process.kill(process.pid, "SIGKILL");
}
