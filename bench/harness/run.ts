/**
 * Runs a subject: each round measures every contender, in another order each time.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peer } from "../servers/peer.ts";
import type { Bench, Contender, Figures, Goal, Subject } from "./bench.ts";
import { busyCores } from "./busy.ts";
import { median } from "./numbers.ts";
import { createDatabase, startRedis } from "./services.ts";

export interface Options {
  rounds: number;
  seconds: number;
  quick: boolean;
  /** Only contenders with one of these in their names; all if there is none. */
  only: readonly string[];
}
export interface Range {
  median: number;
  min: number;
  max: number;
}
export interface Result {
  name: string;
  title: string;
  units: Readonly<Record<string, string>>;
  rounds: number;
  /** By contender and figure. */
  figures: Record<string, Record<string, Range>>;
  goals: (Goal & { value: number; met: boolean })[];
  /** Cores that others used just before the measurements: the median and the most. */
  others: { median: number; max: number };
  notes: string[];
}

/** What is to be ended even if the process is told to stop. */
const ends: (() => unknown)[] = [];
let used = 1;

export async function runSubject(subject: Subject, options: Options): Promise<Result> {
  const notes: string[] = [];
  try {
    const all = await subject.setup(benchOf(options, notes));
    const contenders = all.filter(({ name }) => isWanted(name, options.only));
    const rounds = Math.min(options.rounds, subject.rounds ?? options.rounds);
    const measured: Record<string, Figures>[] = [];
    const others: number[] = [];
    for (let round = subject.warm === false ? 0 : -1; round < rounds; round++) {
      const figures = await runRound(contenders, Math.max(0, round), others);
      if (round >= 0) measured.push(figures);
    }
    return resultOf(subject, measured, others, notes);
  } finally {
    await endAll();
  }
}

const isWanted = (name: string, only: readonly string[]): boolean =>
  only.length === 0 || only.some((part) => name.includes(part));

async function runRound(contenders: readonly Contender[], round: number, others: number[]) {
  const figures: Record<string, Figures> = {};
  const shift = round % contenders.length;
  for (const { name, round } of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
    others.push(await busyCores());
    figures[name] = await round();
  }
  return figures;
}

/** Ends what was begun, the last first. One that cannot be ended does not keep the others. */
export async function endAll(): Promise<void> {
  for (let end = ends.pop(); end; end = ends.pop()) {
    try {
      await end();
    } catch (error) {
      console.error(error);
    }
  }
}

function benchOf({ seconds, quick }: Options, notes: string[]): Bench {
  const defer = (end: () => unknown) => void ends.push(end);
  const directory = () => {
    const path = mkdtempSync(join(process.env["BENCH_DIRECTORY"] ?? tmpdir(), "tidemark-bench-"));
    defer(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  return {
    ...{ seconds, quick, defer, directory },
    database: () => createDatabase(`tidemark_bench_${process.pid}_${ends.length}`, defer),
    redis: (preload) => startRedis(directory(), defer, preload),
    numbers(count) {
      used += count;
      return used - count;
    },
    note: (text) => void notes.push(text),
  };
}

function resultOf(subject: Subject, rounds: Record<string, Figures>[], others: number[], notes: string[]): Result {
  const figures: Result["figures"] = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const units = Object.keys(subject.units).filter((unit) => rounds[0]?.[name]?.[unit] !== undefined);
    figures[name] = Object.fromEntries(
      units.map((unit) => [unit, rangeOf(rounds.map((round) => round[name]?.[unit] ?? Number.NaN))]),
    );
  }
  const goals = subject.goals.filter(({ of, to }) => of in figures && (to === undefined || to in figures));
  const { name, title, units } = subject;
  const { median, max } = rangeOf(others);
  return {
    ...{ name, title, units, rounds: rounds.length, figures, notes },
    goals: goals.map((goal) => judge(goal, rounds)),
    others: { median, max },
  };
}

const rangeOf = (values: number[]): Range => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** The ratio, or the difference, within each round; of these the median. */
function judge(goal: Goal, rounds: readonly Record<string, Figures>[]) {
  const { figure, of, to, difference = false } = goal;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  const value = median(
    rounds.map((round) => {
      const own = round[of]?.[figure] ?? Number.NaN;
      if (to === undefined) return own;
      const other = round[to]?.[figure] ?? Number.NaN;
      return difference ? own - other : own / other;
    }),
  );
  return { ...goal, value, met: value >= atLeast && value <= atMost };
}

/** Whether the peers' packages are there. */
export function hasPeers(): boolean {
  try {
    peer.resolve("bullmq");
    return true;
  } catch {
    return false;
  }
}
