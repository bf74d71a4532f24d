/** What a run says of a figure. */
import { type Figure, isTest, type Tier } from "./figure.ts";
import type { Heard } from "./reporter.ts";

/** `ok`; `short` of its goal; or `absent`: not to be had here, and not promised. */
export type State = "ok" | "short" | "absent";

export interface Verdict {
  figure: Figure;
  tier: Tier;
  state: State;
  /** What was measured, or why nothing was. */
  said: string;
  /** How long that took, in ms. */
  ms: number;
}

/** What the tests, or the script, of a figure told. */
export interface Told {
  heard: readonly Heard[];
  /** The last line of a script. */
  last: string;
  /** Null: it ran too long. */
  code: number | null;
}

export function judge(figure: Figure, size: Readonly<Record<string, string>>, told: Told): [State, string] {
  const { says = [""], needs } = figure;
  const failed = told.heard.find((one) => one.kind === "failed");
  if (failed) return ["short", `${failed.name}: ${failed.why.split("\n")[0]}`];
  if (told.code !== 0)
    return ["short", told.code === null ? "it ran too long" : told.last || `it ended with ${told.code}`];
  const said = saidOf(figure, told);
  const skipped = told.heard.find((one) => one.kind === "skipped");
  // What the others said is not all that was to be shown.
  if (skipped) return [needs ? "absent" : "short", [...said, skipped.why].join("; ")];
  const wanted = says.map((text) => text.replace(/\{(\w+)\}/g, (_, name: string) => size[name] ?? "?"));
  const missing = wanted.find((text) => !said.some((one) => isSaid(bare(one), text)));
  if (missing === undefined && said.length >= Math.max(1, wanted.length)) return ["ok", together(said)];
  return ["short", `${said.join("; ") || "nothing was said"}${missing ? `; not: ${missing}` : ""}`];
}

/** `50 kills` is not said by `150 kills`. */
const isSaid = (said: string, wanted: string): boolean =>
  wanted === "" ||
  said
    .split(wanted)
    .slice(0, -1)
    .some((before) => !/\d$/.test(before));

/** What several say alike is said once: `stripe / github: 0 accepted`. */
function together(said: readonly string[]): string {
  const groups = Map.groupBy(said, (one) => /: (.*)/s.exec(one)?.[1] ?? one);
  const lines = [...groups].map(([rest, [first = "", ...others]]) => {
    const names = [first, ...others].map((one) => one.slice(0, -rest.length - 2));
    return others.length > 0 && rest !== first ? `${names.join(" / ")}: ${rest}` : first;
  });
  return lines.join("; ");
}

/** Numbers without their commas, as sizes are given. */
const bare = (text: string): string => text.replace(/(?<=\d),(?=\d{3})/g, "");

function saidOf({ id, run, counts }: Figure, { heard, last }: Told): string[] {
  if (!isTest(run)) return last === "" ? [] : [last];
  if (counts === undefined) return heard.flatMap((one) => (one.kind === "figure" && one.id === id ? [one.said] : []));
  const { length: passed } = heard.filter(({ kind }) => kind === "passed");
  return passed > 0 ? [`${passed} ${counts}`] : [];
}
