/** Replays one seed with a trace: `npm exec -- node --conditions=@tidemark/source test/world/replay.ts SEED [OPS]`. */
import { simulate } from "./world.ts";

const [seed = "1", ops = "300"] = process.argv.slice(2);
const { failures, conditions, workload, counts } = await simulate(Number(seed), {
  ops: Number(ops),
  tell: console.log,
});
console.log(JSON.stringify({ conditions, workload }, null, 1), counts);
console.log(failures.length === 0 ? "no violation" : failures);
process.exitCode = failures.length === 0 ? 0 : 1;
