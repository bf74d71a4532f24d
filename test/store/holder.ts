/** Takes hold of a checkpoint and leases a row, says so, and is then about it for ever. */
import { sqlite } from "tidemark/sqlite";
import { acquire } from "../../src/checkpoint.ts";
import { lease } from "../../src/row.ts";
import { ticks } from "../../src/time.ts";

const [, , path = "", id = "", user = ""] = process.argv;
if (user) process.setuid?.(Number(user));
const store = sqlite(path);
const HOUR = ticks(3_600_000);
await store.checkpoint({ name: `held by ${id}`, step: (at, tick) => acquire(at, tick, id, HOUR) });
// One that says something, and is let go of; the other is nothing but held.
await store.checkpoint({ name: `moved by ${id}`, step: (at, tick) => acquire({ ...at, value: "1" }, tick, id, HOUR) });
await store.update({ refs: [{ type: "a.thing", scope: "", id }] }, (row, tick) => ({
  row: lease({ ...row, class: "live", via: "webhook", due: row.due ?? tick }, tick + HOUR),
}));
process.send?.("held");
setInterval(() => {}, 60_000);
