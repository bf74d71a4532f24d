/** A process that shares a subscription with others; each change has an effect in the same file, with who had it. */
import { createSync, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { systemTime } from "../../src/time.ts";

const [path = "", who = "", begun = "0", speed = "1"] = process.argv.slice(2);
// Time passes quicker, so that a hold is over soon.
const time = {
  ...systemTime,
  now: () => Number(begun) + (Date.now() - Number(begun)) * Number(speed),
  after: (ms: number, run: () => void, hold?: boolean) => systemTime.after(ms / Number(speed), run, hold),
};
const provider: Provider<{ thing: { id: string } }> = {
  probe: async () => {},
  resources: { thing: { fetch: async (id) => ({ id }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } },
};
const observe = (event: { kind: string; error?: string | null }) => {
  if (event.kind === "parked" || event.kind === "failed") console.error(event.kind, event.error);
};
const sync = createSync({ providers: { other: provider }, store: sqlite(path, { time }), time, observe });
sync.subscribe("teller", { transaction: true, partitions: 6 }, ({ cursor, id }, tx) => {
  tx.prepare("insert into effect (cursor, id, who) values (?, ?, ?)").run(cursor, id, who);
});
await sync.start();
process.on("SIGTERM", () => void sync.stop().then(() => process.exit()));
