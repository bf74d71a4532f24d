/**
 * Does how long something takes depend on what it is given? After Reparaz, Balasch and Verbauwhede, "Dude, is my code constant
 * time?": two classes of inputs, in random order, and Welch's t between their times. Beyond 4.5 they are not of one kind.
 */
import { createRandom } from "../../src/testing/random.ts";

/** Inputs of a class; each is measured again and again, so that no single one decides. */
export type Class = readonly string[];

/** The share of the times that is kept: what is above has waited for something else on this machine. */
const KEPT = 0.5;

/** Times in nanoseconds of both classes, interleaved by chance. */
export function measure(
  run: (input: string) => unknown,
  classes: readonly [Class, Class],
  samples: number,
): [number[], number[]] {
  const random = createRandom(21);
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < samples; n++) {
    const which = random.int(0, 1) as 0 | 1;
    const input = random.pick(classes[which]);
    const begun = process.hrtime.bigint();
    run(input);
    const took = Number(process.hrtime.bigint() - begun);
    // The first ones are compiled while they run.
    if (n > samples / 20) times[which].push(took);
  }
  return times;
}

/** Without the slowest, by one bound for both. */
export function cropped([one, other]: readonly [number[], number[]]): [number[], number[]] {
  const all = [...one, ...other].sort((a, b) => a - b);
  const bound = all[Math.floor(all.length * KEPT)] ?? Number.POSITIVE_INFINITY;
  return [one.filter((time) => time <= bound), other.filter((time) => time <= bound)];
}

/** Welch's t of two samples; 0 for two that are the same. */
export function tOf([one, other]: readonly [number[], number[]]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)];
  const error = Math.sqrt(a.variance / one.length + b.variance / other.length);
  return error === 0 ? 0 : (a.mean - b.mean) / error;
}

function momentsOf(times: readonly number[]): { mean: number; variance: number } {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return { mean, variance };
}
