/**
 * Looks for inputs that reach new code: what reached some is kept, and mutated further. What was reached is what V8's own
 * precise coverage says, so nothing is instrumented and nothing is compiled.
 */
import { Session } from "node:inspector";
import { setImmediate as turn } from "node:timers/promises";
import type { Random } from "../../src/testing/random.ts";
import type { Run } from "./target.ts";

/** Inputs that are run before coverage is asked for, which takes some milliseconds. */
const BATCH = 256;
const LONGEST = 4_096;

/** What a search came to. */
export interface Found {
  runs: number;
  /** Those that reached something new, beyond the seeds. */
  kept: readonly Buffer[];
  /** Blocks of code that were reached. */
  blocks: number;
}

/** What inputs are mutated with. */
export interface Means {
  words: readonly string[];
  random: Random;
}

/** Runs what there is, and so many mutations of it: the same ones each time. Rejects as {@link search} does. */
export async function shake(
  run: Run,
  seeds: readonly Buffer[],
  count: number,
  { words, random }: Means,
): Promise<void> {
  await runAll(run, seeds);
  for (let n = 0; n < count; n++) await runAll(run, [mutate(random.pick(seeds), seeds, words, random)]);
}

/** Runs mutated inputs until the time is over. Rejects with what a run threw, and the input in it. */
export async function search(run: Run, seeds: readonly Buffer[], ms: number, { words, random }: Means): Promise<Found> {
  const coverage = openCoverage();
  try {
    const corpus = [...seeds];
    const kept: Buffer[] = [];
    await runAll(run, seeds);
    coverage.news();
    let runs = seeds.length;
    for (const end = performance.now() + ms; performance.now() < end; runs += BATCH) {
      // The event loop has its turn, so that the runner hears of what was done.
      await turn();
      const batch = Array.from({ length: BATCH }, () => mutate(random.pick(corpus), corpus, words, random));
      for (const one of await reaching(run, batch, coverage)) {
        corpus.push(one);
        kept.push(one);
      }
    }
    return { runs, kept, blocks: coverage.size() };
  } finally {
    coverage.close();
  }
}

/** Which of them reach something new: halved until one is left. */
async function reaching(run: Run, batch: readonly Buffer[], coverage: Coverage): Promise<Buffer[]> {
  await runAll(run, batch);
  if (!coverage.peek()) return [];
  if (batch.length === 1) {
    coverage.news();
    return [...batch];
  }
  const half = batch.length >> 1;
  coverage.forget();
  const first = await reaching(run, batch.slice(0, half), coverage);
  return [...first, ...(await reaching(run, batch.slice(half), coverage))];
}

async function runAll(run: Run, inputs: readonly Buffer[]): Promise<void> {
  for (const input of inputs) {
    try {
      await run(input);
    } catch (cause) {
      throw new Error(`broken by ${JSON.stringify(input.toString("latin1"))}`, { cause });
    }
  }
}

interface Coverage {
  /** Whether anything was reached since it was last asked that had not been before. */
  peek(): boolean;
  /** Takes what {@link peek} has seen for known. */
  news(): void;
  forget(): void;
  size(): number;
  close(): void;
}

function openCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const known = new Set<string>();
  let seen: string[] = [];
  return {
    peek() {
      seen = reached(session).filter((block) => !known.has(block));
      return seen.length > 0;
    },
    news() {
      for (const block of seen.length > 0 ? seen : reached(session)) known.add(block);
      seen = [];
    },
    forget() {
      seen = [];
    },
    size: () => known.size,
    close() {
      session.post("Profiler.stopPreciseCoverage");
      session.disconnect();
    },
  };
}

/** The blocks of the project's own code that ran since it was last asked. */
function reached(session: Session): string[] {
  const blocks: string[] = [];
  session.post("Profiler.takePreciseCoverage", (error, coverage) => {
    if (error) throw error;
    for (const { url, functions } of coverage.result) {
      if (!/\/(src|providers|outlets|cli)\/[^:]*\.ts$/.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { count, startOffset, endOffset } of ranges) {
          if (count > 0) blocks.push(`${url}:${startOffset}-${endOffset}`);
        }
      }
    }
  });
  return blocks;
}

/** One to four changes: bytes, words of the format, parts of others, repeats. */
function mutate(from: Buffer, corpus: readonly Buffer[], words: readonly string[], random: Random): Buffer {
  let input = from;
  for (let times = random.int(1, 4); times > 0; times--) input = mutateOnce(input, corpus, words, random);
  return input.subarray(0, LONGEST);
}

function mutateOnce(from: Buffer, corpus: readonly Buffer[], words: readonly string[], random: Random): Buffer {
  const [a, b] = [random.int(0, from.length), random.int(0, from.length)];
  const [begin, end] = [Math.min(a, b), Math.max(a, b)];
  const [before, part, after] = [from.subarray(0, begin), from.subarray(begin, end), from.subarray(end)];
  const other = random.pick(corpus);
  switch (random.int(0, 6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, Buffer.from(random.pick(words)), from.subarray(begin)]);
    case 2:
      return Buffer.concat([before, Buffer.from(random.pick(words)), after]);
    case 3:
      return Buffer.concat([before, Buffer.from([random.int(0, 255)]), from.subarray(begin + 1)]);
    case 4:
      return Buffer.concat([before, part, part, after]);
    case 5:
      return Buffer.concat([before, other.subarray(random.int(0, other.length)), after]);
    default: {
      const copy = Buffer.from(from);
      if (copy.length > 0) copy[begin % copy.length] = (copy[begin % copy.length] ?? 0) ^ (1 << random.int(0, 7));
      return copy;
    }
  }
}
