/** Verdicts as lines: on the terminal, and in the table of docs/reliability.md, where the rows of what did not run stay. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Verdict } from "./judge.ts";

const BEGIN = "<!-- prove -->";
const END = "<!-- /prove -->";
const HEAD = ["| | what | must be | measured | run | |", "|---|---|---|---|---|---|"];

/** `12 s`, `3 min`. */
function duration(ms: number): string {
  if (ms < 100_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 6_000_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Numbers as people write them: `8,170`. */
const readable = (text: string): string =>
  text.replace(/(?<![\d.,])\d{4,}(?![\d.])/g, (digits) => Number(digits).toLocaleString("en"));

export const lineOf = ({ figure: { id, title, goal }, state, said, ms }: Verdict): string =>
  readable(`${id.padEnd(4)}${state.padEnd(7)}${title}; must be: ${goal}; was: ${said} (${duration(ms)})`);

const cell = (text: string): string => readable(text).replaceAll("|", "\\|").replaceAll("\n", " ");

/** The page with the rows of these verdicts. Throws Error where it has lost its marks. */
export function withRows(page: string, verdicts: readonly Verdict[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has lost its marks: ${BEGIN} and ${END}`);
  const rows = new Map<number, string>();
  for (const line of page.slice(begin, end).split("\n")) {
    const [, id] = /^\| F(\d+) /.exec(line) ?? [];
    if (id !== undefined) rows.set(Number(id), line);
  }
  for (const { figure, tier, state, said, ms } of verdicts) {
    const { id, title, goal } = figure;
    const row = [id, title, goal, said, `${tier}, ${duration(ms)}`, state === "absent" ? "not here" : state];
    rows.set(Number(id.slice(1)), `| ${row.map(cell).join(" | ")} |`);
  }
  const sorted = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  return `${page.slice(0, begin)}${[BEGIN, "", ...HEAD, ...sorted, "", ""].join("\n")}${page.slice(end)}`;
}

export function writeRows(path: URL, verdicts: readonly Verdict[]): void {
  writeFileSync(path, withRows(readFileSync(path, "utf8"), verdicts));
}
