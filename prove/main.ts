/**
 * `npm run prove`: runs the campaigns of docs/reliability.md, says what each came to, and fails when one falls short.
 *
 *   npm run prove -- [--tier commit|ci|night] [--only F6,F14] [--write]
 *
 * `--write` puts what was measured into the table of docs/reliability.md.
 */
import { parseArgs } from "node:util";
import { TIERS } from "./figure.ts";
import { figures } from "./figures/index.ts";
import type { Verdict } from "./judge.ts";
import { createProver, endAll } from "./run.ts";
import { lineOf, writeRows } from "./table.ts";

const { values } = parseArgs({
  options: {
    tier: { type: "string", default: "ci" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const tier = TIERS.find((one) => one === values.tier);
const only = values.only?.split(",") ?? figures.map(({ id }) => id);
const unknown = only.find((id) => !figures.some((figure) => figure.id === id));
if (tier === undefined || unknown !== undefined) {
  console.error(unknown ? `There is no figure "${unknown}".` : `The tiers are ${TIERS.join(", ")}.`);
  process.exit(2);
}
process.on("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const prove = createProver(tier);
const verdicts: Verdict[] = [];
for (const figure of figures.filter(({ id }) => only.includes(id))) {
  const verdict = await prove(figure);
  if (verdict === undefined) {
    if (values.only) console.log(`${figure.id} needs --tier ${figure.from}`);
    continue;
  }
  verdicts.push(verdict);
  console.log(lineOf(verdict));
  if (values.write) writeRows(new URL("../docs/reliability.md", import.meta.url), [verdict]);
}
const short = verdicts.filter(({ state }) => state === "short");
const ok = verdicts.filter(({ state }) => state === "ok");
const absent = verdicts.length - ok.length - short.length;
console.log(`${ok.length} ok, ${short.length} short${absent > 0 ? `, ${absent} not to be had here` : ""}.`);
process.exitCode = short.length > 0 ? 1 : 0;
