/**
 * `npm run compare`: the same cases against this engine and against what else does something like it, each for real, with
 * its own database. Prints a table; exit code 1 if this engine is wrong, or a case could not be run.
 *
 *   npm run compare -- [--only <id of a case>]… [--column <part of a name>] [--write]
 *
 * Postgres is at 127.0.0.1:5432, or where BENCH_POSTGRES says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createDatabase } from "../bench/harness/services.ts";
import { peer } from "../bench/servers/peer.ts";
import { cases } from "./cases/index.ts";
import { type Result, runCase } from "./run.ts";
import type { Subject } from "./subject.ts";
import { subjects } from "./subjects/index.ts";
import { linesOf, written } from "./table.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    column: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const chosen = cases.filter(({ id }) => values.only.length === 0 || values.only.includes(id));
const asked = subjects.filter(({ name }) => name.toLowerCase().includes(values.column.toLowerCase()));
const whole = chosen.length === cases.length && asked.length === subjects.length;
if (chosen.length === 0 || asked.length === 0 || (values.write && !whole)) {
  console.error(
    `Cases: ${cases.map(({ id }) => id).join(", ")}. Subjects: ${subjects.map(({ name }) => name).join("; ")}.`,
  );
  console.error("--write takes all of them.");
  process.exit(2);
}

const ends: (() => unknown)[] = [];
const results: Result[] = [];
let broken = 0;
try {
  for (const [i, subject] of asked.entries()) {
    const name = `compare_${process.pid}_${i}`;
    const database = subject.database ? await createDatabase(name, (end) => ends.push(end)) : undefined;
    for (const one of chosen) await tell(one, subject, database);
  }
} finally {
  for (const end of ends.reverse()) await end();
}

async function tell(one: (typeof cases)[number], subject: Subject, database: string | undefined): Promise<void> {
  try {
    const result = await runCase(one, subject, { database, shared: true });
    results.push(result);
    console.log(`${subject.name}: ${one.id}: ${result.verdict}${result.why && `, ${result.why}`}`);
  } catch (error) {
    broken++;
    console.error(error);
  }
}

const versionOf = (name: string): string => readVersion(peer.resolve.paths(name)?.[0] ?? "", name);
function readVersion(folder: string, name: string): string {
  return JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version;
}
const own: string = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
const packages = [...new Set(asked.map((subject) => subject.package))].flatMap((name) => name ?? []);
const versions = [`Tidemark ${own}`, ...packages.map((name) => `\`${name}\` ${versionOf(name)}`)];
const about = `Run on ${new Date().toISOString().slice(0, 10)} with Node.js ${process.versions.node}: ${versions.join(", ")}.`;
const lines = linesOf(results, about);
console.log(lines.join("\n"));
if (values.write && broken === 0) {
  const page = new URL("../docs/comparison.md", import.meta.url);
  writeFileSync(page, written(readFileSync(page, "utf8"), lines));
}
const wrong = results.some(({ subject, verdict }) => subject.package === undefined && verdict === "wrong");
process.exitCode = wrong || broken > 0 ? 1 : 0;
