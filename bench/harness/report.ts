/**
 * Results as tables: for the terminal and, the same lines, for `docs/performance.md`.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Range, Result } from "./run.ts";

export const format = (value: number): string => {
  if (Number.isNaN(value)) return "-";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
};

const cell = (range: Range | undefined): string =>
  range ? `${format(range.median)} (${format(range.min)}..${format(range.max)})` : "";

/** A table in Markdown, with columns of equal width so that it reads well in a terminal, too. */
function table(rows: readonly (readonly string[])[]): string[] {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) => `| ${widths.map((width, i) => (row[i] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.slice(1).map(line)];
}

export function linesOf(result: Result): string[] {
  const { title, units, figures, goals, rounds, others, notes } = result;
  const names = Object.keys(units);
  const rows = Object.entries(figures).map(([name, own]) => [name, ...names.map((unit) => cell(own[unit]))]);
  const ofGoals = goals.map(({ text, figure, of, value, atLeast, atMost, met }) => [
    `${of}: ${figure}, ${text}`,
    atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`,
    format(value),
    met ? "met" : "missed",
  ]);
  return [
    `### ${title}`,
    "",
    ...table([["", ...Object.values(units)], ...rows]),
    "",
    ...(ofGoals.length > 0 ? [...table([["goal", "", "ratio", ""], ...ofGoals]), ""] : []),
    `Rounds: ${rounds}. Others used ${format(others.median)} cores in the median, ${format(others.max)} at most.`,
    ...notes.map((note) => `Note: ${note}.`),
    "",
  ];
}

const BEGIN = "<!-- written by `npm run bench -- --write` -->";
const END = "<!-- end -->";

/** Puts the tables between the two marks of the document. */
export function writeInto(path: URL, about: string, results: readonly Result[]): void {
  const text = readFileSync(path, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path.pathname} has lost its marks: ${BEGIN} and ${END}`);
  const block = [BEGIN, "", about, "", ...results.flatMap(linesOf), ""].join("\n");
  writeFileSync(path, `${text.slice(0, begin)}${block}${text.slice(end)}`);
}
