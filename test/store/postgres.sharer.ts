/** One of several processes on a schema: updates rows that all of them update, posts hints, and prints the ticks it was given. */
import pg from "pg";
import { postgres } from "tidemark/postgres";

const [url = "", schema = "", name = "", updates = "0"] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 4 });
const store = postgres({ pool, schema });
const ticks: number[] = [];
const note = (id: string) => ({
  ...{ type: "a.thing", scope: "", id, version: null, event: null },
  ...({ class: "live", via: "webhook" } as const),
});
const counter = (id: string) => ({ type: "a.counter", scope: "", id });
const lane = async (own: string) => {
  while (ticks.length < Number(updates)) {
    const at = ticks.push(0) - 1;
    // In an order of its own, so that processes meet from both sides.
    const refs = [counter("all"), counter(`k${at % 3}`)];
    const { tick } = await store.update({ refs: own === "a" ? refs : refs.reverse() }, (row) => ({
      row: { ...row, present: true, regressions: row.regressions + 1 },
      append: [{ state: JSON.stringify(`${name} ${at}`), at: 1, via: "sweep", causes: [] }],
    }));
    ticks[at] = tick;
    await store.post([note(`${name}${at}`), note("shared")]);
    if (at % 7 === 0) await store.rows({ limit: 1 });
  }
};
await Promise.all([lane("a"), lane("b"), lane("c")]);
await store.close();
await pool.end();
console.log(JSON.stringify(ticks));
