/** One of several processes on a file: updates a row that all of them update, and prints the ticks it was given. */
import { sqlite } from "tidemark/sqlite";

const [path = "", name = "", updates = "0"] = process.argv.slice(2);
const store = sqlite(path);
const ticks: number[] = [];
const counter = { type: "a.counter", scope: "", id: "all" };
const lane = async () => {
  while (ticks.length < Number(updates)) {
    const at = ticks.push(0) - 1;
    const { tick } = await store.update({ refs: [counter] }, (row) => ({
      row: { ...row, present: true, regressions: row.regressions + 1 },
      append: [{ state: JSON.stringify(`${name} ${at}`), at: 1, via: "sweep", causes: [] }],
    }));
    ticks[at] = tick;
  }
};
await Promise.all([lane(), lane(), lane()]);
await store.close();
console.log(JSON.stringify(ticks));
