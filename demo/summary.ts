/**
 * The table at the end. Pure.
 * @module
 */
import type { NetworkCounts } from "./network.ts";
import { median, type Tally } from "./tally.ts";

/** All that is told at the end. */
export interface Outcome {
  done: { github: number; stripe: number };
  network: NetworkCounts;
  tally: Pick<Tally, "webhooks" | "found" | "late" | "requests" | "stale" | "unordered" | "failures">;
  /** How often the engine was killed. */
  kills: number;
  /** How often it ended though nobody wanted it to. */
  deaths: number;
  /** Changes that did not fit the one before them. */
  misfits: number;
  /** How many resources were compared, and the names of those that differ. */
  compared: number;
  different: readonly string[];
}

/** A row: how deep it is indented, what it counts, the number, a remark. Undefined: a line between. */
export type Line = readonly [depth: 0 | 1, what: string, count: number, remark?: string] | undefined;

export function summaryOf({ done, network, tally, kills, deaths, misfits, compared, different }: Outcome): Line[] {
  const found = (by: string) => tally.found.get(by) ?? 0;
  const all = [...tally.found.values()].reduce((sum, count) => sum + count, 0);
  const late = (by: string) => {
    const middle = median(tally.late.get(by) ?? []);
    return middle === undefined ? "" : `typically ${seconds(middle)} after the operation`;
  };
  const rejected = [...tally.webhooks].filter(([outcome]) => !["accepted", "ignored", "answered"].includes(outcome));
  return [
    [0, "operations at the providers", done.github + done.stripe, `GitHub ${done.github}, Stripe ${done.stripe}`],
    undefined,
    [0, "webhooks sent", network.sent],
    [1, "lost on the way", network.lost, share(network.lost, network.sent)],
    [1, "doubled on the way", network.doubled, share(network.doubled, network.sent)],
    [1, "copies that met a dead engine", network.unmet],
    ...rejected.map(([outcome, count]): Line => [1, `answered as ${outcome}`, count]),
    undefined,
    [0, "changes in the stream", all],
    [1, "there before the first look", found("first look")],
    [1, "found by webhook", found("webhook"), late("webhook")],
    [1, "found by poll", found("poll"), late("poll")],
    [1, "found by sweep", found("sweep"), late("sweep")],
    [1, "lost, doubled or out of order", misfits, kills > 0 ? `though killed with kill -9: ${times(kills)}` : ""],
    undefined,
    [0, "requests to the providers", tally.requests, "polls, sweeps and reads together"],
    [1, "stale reads refused", tally.stale],
    [1, "reads made again, their order unknown", tally.unordered],
    ...(deaths > 0 ? [[1, "ends of the engine that nobody wanted", deaths] as const] : []),
    ...(tally.failures > 0 ? [[1, "failures met and survived", tally.failures] as const] : []),
    undefined,
    [0, "differences to the providers", different.length, `${compared} resources compared, field by field`],
  ];
}

/** Whether the stream told what is, each change once and in order, and the engine ended only when it was to. */
export const isRight = ({ different, misfits, deaths }: Outcome): boolean =>
  different.length === 0 && misfits === 0 && deaths === 0;

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const times = (count: number) => (count === 1 ? "once" : `${count} times`);
const share = (part: number, whole: number) => (whole === 0 ? "" : `${Math.round((100 * part) / whole)} %`);

/** Rows as text: names, numbers in a column, remarks. */
export const rowsOf = (lines: readonly Line[]): string[] =>
  lines.map((line) => {
    if (!line) return "";
    const [depth, what, count, remark = ""] = line;
    return `${"  ".repeat(depth)}${what}`.padEnd(42) + String(count).padStart(6) + (remark && `   ${remark}`);
  });
