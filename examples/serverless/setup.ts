/** Run by each deployment, before the functions are: makes the tables. `node setup.ts` */
import { pool, sync } from "./sync.ts";

await pool.query("create table if not exists issue (id text primary key, title text not null, state text not null)");
const { ok, alarms } = await sync.health(); // makes those of the store, too
console.log(ok ? "ready" : alarms.join("\n"));
await sync.stop();
await pool.end();
