/** Delivers what is in a store, each change with an effect in the same file, and kills itself at the n-th statement. */
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

function killAt(last: number): void {
  let left = last;
  const counted = (target: object, name: string) => {
    const own = Reflect.get(target, name) as (...values: unknown[]) => unknown;
    Reflect.set(target, name, function run(this: unknown, ...values: unknown[]) {
      if (--left === 0) process.kill(process.pid, "SIGKILL");
      return own.apply(this, values);
    });
  };
  counted(DatabaseSync.prototype, "exec");
  for (const name of ["run", "get", "all"]) counted(StatementSync.prototype, name);
}

if (import.meta.main) {
  const [path = "", last = ""] = process.argv.slice(2);
  const { sync, subscribe } = createTeller(path);
  await sync.drain();
  subscribe();
  killAt(Number(last));
  await sync.drain();
  await sync.stop();
}
