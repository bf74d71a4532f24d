/**
 * `npm run economy`: what it costs to know of every change, and how late one knows, over a simulated week of one provider:
 * polling every minute, webhooks alone, and both as this engine does. In virtual time, the same for the same seeds.
 *
 *   npm run economy -- [--seeds 5] [--write]
 *
 * `--write` puts the table into docs/reconciling.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runWeek, type Week, type WeekOptions } from "../test/week/week.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const DOC = new URL("../docs/reconciling.md", import.meta.url);
const [BEGIN, END] = ["<!-- economy -->", "<!-- /economy -->"];

interface Case {
  name: string;
  lost: string;
  options: WeekOptions;
}

const fixed = { pollEvery: MINUTE };
/** Nobody hears of anything from the fourth day on. */
const dead = (ms: number) => (ms < 3 * DAY ? 0.01 : 1);
const cases: readonly Case[] = [
  { name: "polls every minute", lost: "no webhooks", options: { mode: "poll", options: fixed } },
  { name: "webhooks alone", lost: "1 %", options: { mode: "webhook" } },
  { name: "Tidemark", lost: "none", options: { loss: 0 } },
  { name: "Tidemark", lost: "1 %", options: { loss: 0.01 } },
  { name: "Tidemark", lost: "5 %", options: { loss: 0.05 } },
  { name: "Tidemark", lost: "all, from the fourth day on", options: { loss: dead } },
  { name: "Tidemark", lost: "all", options: { loss: 1 } },
];

const { values } = parseArgs({ options: { seeds: { type: "string", default: "5" }, write: { type: "boolean" } } });
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) {
  console.error("Usage: npm run economy -- [--seeds 5] [--write]");
  process.exit(2);
}

const columns = ["how", "webhooks lost", "calls", "per change", "p50", "p99", "worst", "never known"];
const lines = [`| ${columns.join(" | ")} |`, `|${" --- |".repeat(2)}${" ---: |".repeat(columns.length - 2)}`];
console.log(lines.join("\n"));
for (const { name, lost, options } of cases) {
  const weeks: Week[] = [];
  for (let seed = 1; seed <= seeds; seed++) weeks.push(await runWeek({ ...options, seed }));
  lines.push(lineOf(name, lost, weeks));
  console.log(lines.at(-1));
}
if (values.write) {
  const text = readFileSync(DOC, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/reconciling.md has lost its marks: ${BEGIN} and ${END}`);
  writeFileSync(DOC, `${text.slice(0, begin)}${BEGIN}\n\n${lines.join("\n")}\n\n${text.slice(end)}`);
}

/** Of several weeks the median, of what is never known and of the worst the most. */
function lineOf(name: string, lost: string, weeks: readonly Week[]): string {
  const middle = (of: (week: Week) => number) => weeks.map(of).sort((a, b) => a - b)[weeks.length >> 1] ?? 0;
  const most = (of: (week: Week) => number) => Math.max(...weeks.map(of));
  const cells = [
    ...[name, lost],
    Math.round(middle(({ total }) => total)).toLocaleString("en"),
    middle(({ total, changes }) => total / changes).toFixed(1),
    ...[duration(middle(({ staleness }) => staleness.p50)), duration(middle(({ staleness }) => staleness.p99))],
    ...[duration(most(({ staleness }) => staleness.max)), `${most(({ missing }) => missing)}`],
  ];
  return `| ${cells.join(" | ")} |`;
}

function duration(ms: number): string {
  if (ms < 90_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 90 * MINUTE ? `${(ms / MINUTE).toFixed(1)} min` : `${(ms / 60 / MINUTE).toFixed(1)} h`;
}
