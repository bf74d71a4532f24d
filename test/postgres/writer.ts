/** One of several processes that append to one log as fast as they can: so many changes, 50 resources in each update. */
import pg from "pg";
import { postgres } from "tidemark/postgres";
import { record, ref } from "../store/postgres.kit.ts";

const [url = "", schema = "", name = "", changes = "0"] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 3 });
const store = postgres({ pool, schema });
const EACH = 50;
let left = Number(changes);
for (let round = 1; left > 0; round++) {
  // Two updates at once are one group; some resources are those of another writer, so that they meet.
  const updates = ["x", "y"].map((half) => {
    const size = Math.min(EACH, left);
    left -= size;
    const own = Array.from({ length: size }, (_, i) => ref(i % 10 === 0 ? `shared${i}` : `${name}${half}${i}`));
    return store.update({ refs: own }, record(`${name}${half} ${round}`));
  });
  await Promise.all(updates);
}
await store.close();
await pool.end();
