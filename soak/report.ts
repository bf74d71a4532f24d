/** What a soak came to: lines for a person, and a file that the chart is drawn from. */
import { writeFileSync } from "node:fs";
import { flatnessOf, type Sample } from "./flat.ts";

export interface Result {
  /** Webhooks a second, and how long. */
  rate: number;
  minutes: number;
  kills: number;
  written: number;
  acknowledged: number;
  changes: number;
  violations: readonly string[];
  samples: readonly Sample[];
}

/** Samples in the file, about. */
const KEPT = 240;
/** Minutes below which a run says nothing of what stays flat. */
const SHORT = 9;

export const lineOf = ({
  at,
  memory,
  disk,
  handles,
  ack99,
  late50,
  late99,
  pending,
  written,
  changes,
}: Sample): string =>
  `${String(Math.round(at / 60)).padStart(3)} min  ${written} written, ${changes} changes, ${pending} pending; ` +
  `${memory.toFixed(0)} MB, ${disk.toFixed(0)} MB on disk, ${handles} handles; ` +
  `ack p99 ${ack99.toFixed(0)} ms, change p50 ${late50.toFixed(0)} p99 ${late99.toFixed(0)} ms`;

/** Says it, and writes it to `out` as JSON. Answers whether all was right. */
export function report(result: Result, out: string): boolean {
  const { minutes, kills, written, acknowledged, changes, violations, samples } = result;
  // The samples just before each kill: the engine is as old in each.
  const flatness = minutes < SHORT ? [] : flatnessOf(samples.filter(({ at }) => at % 60 < 5));
  for (const { name, middle, last, flat } of flatness) {
    console.log(
      `${flat ? "flat" : "NOT FLAT"}  ${name}: ${middle.toFixed(1)} in the middle third, ${last.toFixed(1)} in the last`,
    );
  }
  // Who wrote nothing has lost nothing, and an engine that acknowledges nothing is found out by no sweep.
  const whole = written > 0 && acknowledged === written;
  const zero = violations.length === 0 && whole;
  console.log(
    `${acknowledged} of ${written} webhooks acknowledged, ${changes} changes, ${kills} kills: ${violations.length} violations`,
  );
  if (!whole) console.log(written > 0 ? "  not every webhook was acknowledged" : "  nothing was written");
  for (const sentence of violations.slice(0, 20)) console.log(`  ${sentence}`);
  const step = Math.max(1, Math.round(samples.length / KEPT));
  const kept = samples.filter((_, i) => (i + 1) % step === 0).map(rounded);
  writeFileSync(out, `${JSON.stringify({ ...result, flatness, samples: kept })}\n`);
  return zero && flatness.every(({ flat }) => flat);
}

const rounded = (sample: Sample): Sample =>
  Object.fromEntries(
    Object.entries(sample).map(([name, value]) => [name, Math.round(value * 10) / 10]),
  ) as unknown as Sample;
