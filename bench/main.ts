/**
 * `npm run bench`: this engine beside what else does the same, in the same run, with the rounds of all in turn. Prints a
 * table for each subject, and says which goals are met.
 *
 *   npm run bench -- [subjects] [--rounds 5] [--seconds 2] [--quick] [--only <part of a name>]…
 *     [--json <file>] [--write]
 *
 * The figures of two runs cannot be compared, the ratios of one can.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { linesOf, writeInto } from "./harness/report.ts";
import { endAll, type Result, runSubject } from "./harness/run.ts";
import { subjects } from "./subjects/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    seconds: { type: "string" },
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const options = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  seconds: Number(values.seconds ?? (values.quick ? 0.5 : 2)),
  quick: values.quick,
  only: values.only,
};
const unknown = positionals.filter((name) => !subjects.some((subject) => subject.name === name));
if (unknown.length > 0 || !(options.rounds >= 1) || !(options.seconds > 0)) {
  console.error(`Subjects: ${subjects.map(({ name }) => name).join(", ")}. Rounds and seconds are above 0.`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => endAll().finally(() => process.exit(130)));
}

const results: Result[] = [];
const failed: string[] = [];
for (const subject of subjects) {
  if (positionals.length > 0 && !positionals.includes(subject.name)) continue;
  try {
    const result = await runSubject(subject, options);
    results.push(result);
    console.log(linesOf(result).join("\n"));
  } catch (error) {
    failed.push(subject.name);
    console.error(`${subject.name} could not be measured:`, error);
  }
}
const goals = results.flatMap((result) => result.goals);
console.log(`${goals.filter(({ met }) => met).length} of ${goals.length} goals met.`);

const { node, sqlite } = process.versions as Record<string, string>;
const about = `${availableParallelism()} cores, ${process.platform}, Node.js ${node}, SQLite ${sqlite}. Medians, and in brackets the least and the most.`;
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ about, results }, null, 2)}\n`);
if (values.write) writeInto(new URL("../docs/performance.md", import.meta.url), about, results);
process.exitCode = failed.length > 0 ? 1 : 0;
