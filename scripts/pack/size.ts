/**
 * What each entry weighs in a bundle, and what it brings along. The table in docs/size.md is the measure: an entry that grew
 * by a tenth, or that brings what it did not, is noticed.
 * @module
 */

/** One entry in a bundle of its own, without the peer dependencies. */
export interface Weight {
  /** As it is imported: `tidemark/stripe`. */
  entry: string;
  /** Bytes, minified. */
  minified: number;
  /** Bytes, minified and compressed with gzip. */
  gzip: number;
  /** The parts of the package and the other packages of which code is in the bundle, sorted. */
  brings: readonly string[];
}

const HEAD = ["entry", "minified", "gzip", "brings"];
/** A share by which an entry may grow or shrink until the table must be written anew. */
const TOLERANCE = 0.1;
/** Bytes by which any may: the table rounds to as many. */
const ROUNDING = 100;
/** What createSync cannot do without: its loops, and the store that it takes if it is given none. */
const ENGINE = ["engine", "sqlite"];
const WITH_ENGINE = ["tidemark", "tidemark/testing"];
/** What is no entry, and yet nobody's but who must have it. */
const ASIDE = ["engine", "cli", "commander"];

/**
 * The part of the package, or the other package, that a module is of; undefined for what all share.
 * @param id the module's path below node_modules, with slashes
 */
export function partOf(id: string): string | undefined {
  const [name = "", dist, area, ...rest] = id.split("/");
  if (name !== "tidemark") return name.startsWith("@") ? `${name}/${dist}` : name;
  if (dist !== "dist") return undefined;
  const [first = ""] = rest;
  if (area === "cli") return area;
  if (area === "providers") return first;
  if (area === "outlets") return `outlets/${first}`;
  return PARTS[rest.join("/")] ?? (first === "testing" ? first : undefined);
}
const PARTS: Readonly<Record<string, string>> = {
  "sync.js": "engine",
  "store/sqlite.js": "sqlite",
  "store/postgres.js": "postgres",
};

/** What an entry brings though whoever imports it asked for something else. `entries` are all there are. */
export function needless({ entry, brings }: Weight, entries: readonly string[]): string[] {
  const own = [entry.replace(/^tidemark\/?/, ""), ...(WITH_ENGINE.includes(entry) ? ENGINE : [])];
  const others = [...entries.map((one) => one.replace(/^tidemark\/?/, "")), ...ASIDE];
  return brings.filter((part) => others.includes(part) && !own.includes(part));
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
const cells = ({ entry, minified, gzip, brings }: Weight): string[] => [
  ...[`\`${entry}\``, kilobytes(minified), kilobytes(gzip), brings.join(", ")],
];

/** The table of docs/size.md. */
export function tableOf(weights: readonly Weight[]): string {
  const rows = [HEAD, ...weights.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head = "", ...body] = rows.map(line);
  return [head, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body].join("\n");
}

/** The weights that a table says, by entry; what is no row of one is passed over. */
export function weightsIn(page: string): Map<string, Weight> {
  const rows = page.matchAll(/^\| `(tidemark[^`]*)` *\| *([\d.]+) kB *\| *([\d.]+) kB *\| *([^|]*?) *\|$/gm);
  return new Map(
    [...rows].map(([, entry = "", minified, gzip, brings = ""]) => [
      entry,
      {
        ...{ entry, minified: Number(minified) * 1_000, gzip: Number(gzip) * 1_000 },
        brings: brings === "" ? [] : brings.split(", "),
      },
    ]),
  );
}

/** What the table says otherwise than was measured, a sentence each. */
export function differences(said: ReadonlyMap<string, Weight>, measured: readonly Weight[]): string[] {
  const gone = [...said.keys()].filter((entry) => !measured.some((weight) => weight.entry === entry));
  return [
    ...gone.map((entry) => `${entry} is no entry any more`),
    ...measured.flatMap((weight) => {
      const before = said.get(weight.entry);
      return before ? compare(before, weight) : [`${weight.entry} is not in the table`];
    }),
  ];
}

function compare(before: Weight, now: Weight): string[] {
  const more = now.gzip - before.gzip;
  const grown = Math.abs(more) > Math.max(ROUNDING, before.gzip * TOLERANCE);
  const others = before.brings.join() !== now.brings.join();
  return [
    ...(grown ? [`${now.entry} was ${kilobytes(before.gzip)} with gzip, and is ${kilobytes(now.gzip)}`] : []),
    ...(others ? [`${now.entry} brought ${list(before.brings)}, and brings ${list(now.brings)}`] : []),
  ];
}
const list = (parts: readonly string[]): string => parts.join(", ") || "nothing";
