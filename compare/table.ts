/**
 * Results as a table: for the terminal and, the same lines, for `docs/comparison.md`.
 * @module
 */
import type { Result } from "./run.ts";

export const BEGIN = "<!-- written by `npm run compare -- --write` -->";
export const END = "<!-- end -->";

const ORDER = ["wrong", "right", "none"] as const;

/** What stands in one column: of several subjects the worst, with its words. */
export function cellOf(results: readonly Result[]): string {
  for (const verdict of ORDER) {
    const [one] = results.filter((result) => result.verdict === verdict);
    if (!one) continue;
    const word = { wrong: "**wrong**", right: "right", none: "not its task" }[verdict];
    if (one.why === "") return word;
    return verdict === "right" ? `${word}, ${one.why}` : `${word}: ${one.why}`;
  }
  return "";
}

/** The table, and what comes below it. `about` says what was run, and when. */
export function linesOf(results: readonly Result[], about: string): string[] {
  const columns = [...new Set(results.map(({ subject }) => subject.column))];
  const cases = [...new Set(results.map((result) => result.case))];
  const of = (column: string) => results.filter(({ subject }) => subject.column === column);
  const rows = cases.map((one) => [
    `${one.id}. ${one.title}`,
    one.holds,
    ...columns.map((column) => cellOf(of(column).filter((result) => result.case === one))),
  ]);
  return [
    about,
    "",
    `| given | what must hold | ${columns.join(" | ")} |`,
    `|---|---|${columns.map(() => "---|").join("")}`,
    ...[...rows, sumOf(columns, of)].map((row) => `| ${row.join(" | ")} |`),
    "",
    ...costOf(results, columns),
  ];
}

function sumOf(columns: readonly string[], of: (column: string) => Result[]): string[] {
  const sums = columns.map((column) => {
    const cells = Map.groupBy(of(column), (result) => result.case).values();
    const verdicts = [...cells].map((some) => ORDER.find((verdict) => some.some((one) => one.verdict === verdict)));
    const count = (verdict: string) => verdicts.filter((one) => one === verdict).length;
    return `${count("right")} right, ${count("wrong")} wrong, ${count("none")} not its task`;
  });
  return ["**All**", "", ...sums];
}

/** What being right costs: requests in the cases that are everyone's task, at each service. */
function costOf(results: readonly Result[], columns: readonly string[]): string[] {
  return ["stripe", "github"].flatMap((name) => {
    const here = results.filter(({ subject }) => subject.dialect.name === name);
    const subjects = columns.filter((column) => here.some(({ subject }) => subject.column === column));
    const isEveryones = (one: Result["case"]) =>
      here.filter((result) => result.case === one).every(({ verdict }) => verdict !== "none");
    const shared = here.filter((result) => isEveryones(result.case) && result.case.needs === "webhooks");
    if (subjects.length < 2 || shared.length === 0) return [];
    const spent = subjects.map((column) => {
      const own = shared.filter(({ subject }) => subject.column === column);
      return `${column} ${own.reduce((sum, { requests }) => sum + requests, 0)}`;
    });
    const ids = [...new Set(shared.map((result) => result.case.id))].join(", ");
    return [`Requests to ${name === "stripe" ? "Stripe" : "GitHub"} in ${ids}: ${spent.join(", ")}.`, ""];
  });
}

/** A page with the lines between the two marks. */
export function written(page: string, lines: readonly string[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`The page has lost its marks: ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${[BEGIN, "", ...lines].join("\n")}${page.slice(end)}`;
}
