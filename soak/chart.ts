/** Draws `hour.json` as the picture in the docs: `node soak/chart.ts soak/hour.json docs/images/soak.svg`. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Sample } from "./flat.ts";
import type { Result } from "./report.ts";

/** One above the other: what is drawn, and in which unit. */
const ROWS: readonly { title: string; unit: string; series: readonly { name: keyof Sample; says: string }[] }[] = [
  {
    title: "Memory",
    unit: "MB",
    series: [
      { name: "memory", says: "engine" },
      { name: "service", says: "service" },
    ],
  },
  { title: "Database and write-ahead log", unit: "MB", series: [{ name: "disk", says: "" }] },
  { title: "Open file handles of the engine", unit: "", series: [{ name: "handles", says: "" }] },
  {
    title: "Webhook to answer",
    unit: "ms",
    series: [
      { name: "ack50", says: "p50" },
      { name: "ack99", says: "p99" },
    ],
  },
  {
    title: "Write to change at a reader",
    unit: "ms",
    series: [
      { name: "late50", says: "p50" },
      { name: "late99", says: "p99" },
    ],
  },
];
const [WIDTH, LEFT, RIGHT, HEIGHT, GAP, TOP] = [860, 64, 150, 84, 46, 64] as const;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2933 }
  .title { font-weight: 600 } .small { font-size: 11px; fill: #616e7c }
  .axis { stroke: #cbd2d9 } .a { stroke: #2563eb } .b { stroke: #c2410c } path { fill: none; stroke-width: 1.5 }
  .ta { fill: #2563eb } .tb { fill: #c2410c }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e7eb } .small { fill: #9aa5b1 } .axis { stroke: #3e4c59 }
    .a { stroke: #60a5fa } .b { stroke: #fb923c } .ta { fill: #60a5fa } .tb { fill: #fb923c }
  }`;

/** The next of 1, 2, 5, 10, 20 … that is no less. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

export function chartOf({ samples, minutes, rate, kills }: Result): string {
  const plot = WIDTH - LEFT - RIGHT;
  const end = minutes * 60;
  const parts = ROWS.map(({ title, unit, series }, row) => {
    const top = TOP + row * (HEIGHT + GAP);
    const most = roundUp(Math.max(...series.flatMap(({ name }) => samples.map((one) => one[name]))));
    const x = (at: number) => (LEFT + (at / end) * plot).toFixed(1);
    const y = (value: number) => (top + HEIGHT - (value / most) * HEIGHT).toFixed(1);
    const lines = series.map(({ name, says }, i) => {
      const letter = "ab"[i];
      const path = samples.map((one, at) => `${at === 0 ? "M" : "L"}${x(one.at)} ${y(one[name])}`).join("");
      const last = samples.at(-1)?.[name] ?? 0;
      const label = `${says} ${Math.round(last)} ${unit}`.trim();
      return (
        `<path class="${letter}" d="${path}"/>` +
        `<text class="t${letter}" x="${LEFT + plot + 8}" y="${top + 14 + i * 18}">${label}</text>`
      );
    });
    return (
      `<text class="title" x="${LEFT}" y="${top - 10}">${title}</text>` +
      `<text class="small" x="${LEFT - 8}" y="${top + 4}" text-anchor="end">${most} ${unit}</text>` +
      `<text class="small" x="${LEFT - 8}" y="${top + HEIGHT}" text-anchor="end">0</text>` +
      `<line class="axis" x1="${LEFT}" x2="${LEFT + plot}" y1="${top + HEIGHT}" y2="${top + HEIGHT}"/>${lines.join("")}`
    );
  });
  const height = TOP + ROWS.length * (HEIGHT + GAP);
  const quarters = [0, 1, 2, 3, 4].map(
    (i) =>
      `<text class="small" x="${LEFT + (i * plot) / 4}" y="${height - 22}" text-anchor="middle">${Math.round((minutes * i) / 4)} min</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">` +
    `<title>${minutes} minutes at ${rate} webhooks a second with ${kills} kills</title><style>${STYLE}</style>` +
    `<text class="title" x="${LEFT}" y="24">${minutes} minutes, ${rate} webhooks a second, kill -9 of the engine every minute</text>` +
    `${parts.join("")}${quarters.join("")}</svg>\n`
  );
}

const [from, to] = process.argv.slice(2);
if (from !== undefined && to !== undefined)
  writeFileSync(to, chartOf(JSON.parse(readFileSync(from, "utf8")) as Result));
