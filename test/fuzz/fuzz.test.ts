/**
 * Whatever comes from outside, what must hold of it does: every parser and every verifier, searched for inputs that reach new
 * code. `FUZZ_MS=300000` searches each for so long, guided by what was reached; `FUZZ_KEEP=1` keeps what reached something new.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { createRandom } from "../../src/testing/random.ts";
import { figure } from "../figure.ts";
import { search, shake } from "./search.ts";
import { corpusOf, folderOf, targets } from "./targets.ts";

const MS = Number(process.env["FUZZ_MS"] ?? 0);
const SEED = Number(process.env["FROM"] ?? 1);
/** Mutations of what is kept, in the suite. */
const COUNT = 400;
/** Characters of an input that must not take long, and CPU milliseconds that it may take. */
const LARGE = 100_000;
const LIMIT = 5;

for (const [name, target] of Object.entries(targets)) {
  test(`fuzz, ${name}: whatever comes, what must hold does`, async (t) => {
    const means = { words: target.words, random: createRandom(SEED) };
    const corpus = corpusOf(name, target);
    if (MS === 0) return shake(target.run, corpus, COUNT, means);
    const { runs, blocks, kept } = await search(target.run, corpus, MS, means);
    assert.ok(blocks > 0, "nothing of the project's code was reached");
    if (process.env["FUZZ_KEEP"] === "1") keep(name, kept);
    figure(t, "F22", `${name}: ${runs.toLocaleString("en")} inputs in ${MS} ms, ${blocks} blocks of code: 0 broke it`);
  });
}

/** What a pattern of many characters would be slow with, if anything. */
const PATTERNS = [
  ...[
    " ",
    "<",
    ">",
    ",",
    ";",
    "=",
    '"',
    "[",
    "{",
    "(",
    "\\",
    ".",
    "-",
    "/",
    ":",
    "%",
    "0",
    "9",
    "a",
    "\u00e9",
    "\0",
    "\n",
    "\t",
  ],
  ...[
    '{"a":',
    "[[],",
    "t=",
    "v1=",
    "v1,",
    "<a>;rel=",
    "<>;",
    " ,",
    ";;rel",
    "; r=",
    "1.",
    "::",
    "\\u0000",
    "a=b&",
    "types=a,",
  ],
];

test(`fuzz: ${LARGE.toLocaleString("en")} characters of anything take less than ${LIMIT} ms of CPU`, async (t) => {
  const slow: string[] = [];
  let worst = { ms: 0, what: "" };
  for (const [name, target] of Object.entries(targets)) {
    const [seed = Buffer.alloc(0)] = corpusOf(name, target);
    for (const pattern of PATTERNS) {
      const long = Buffer.from(pattern.repeat(Math.ceil(LARGE / pattern.length)));
      // By itself, and after what is good.
      for (const input of [long, Buffer.concat([seed, long])]) {
        const ms = await least(target.ours?.(input) ?? (() => target.run(input)));
        if (ms > worst.ms) worst = { ms, what: `${name}, ${JSON.stringify(pattern)}` };
        if (ms >= LIMIT) slow.push(`${name}: ${ms.toFixed(1)} ms for ${JSON.stringify(pattern)} again and again`);
      }
    }
  }
  assert.deepEqual(slow, []);
  figure(t, "F22", `100 kB of ${PATTERNS.length} patterns: ${worst.ms.toFixed(2)} ms of CPU at most (${worst.what})`);
});

/** The least of three medians, where the first is too much: what is slow is slow each time. */
async function least(run: () => unknown): Promise<number> {
  let ms = await median(run);
  for (let again = 0; again < 2 && ms >= LIMIT; again++) ms = Math.min(ms, await median(run));
  return ms;
}

/** CPU milliseconds of this thread: another process that is busy counts for nothing. */
async function median(run: () => unknown): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begun = process.threadCpuUsage();
    await run();
    const { user, system } = process.threadCpuUsage(begun);
    took.push((user + system) / 1_000);
  }
  return took.sort((a, b) => a - b)[1] ?? Number.NaN;
}

function keep(name: string, inputs: readonly Buffer[]): void {
  mkdirSync(folderOf(name), { recursive: true });
  for (const input of inputs) {
    const file = createHash("sha256").update(input).digest("hex").slice(0, 12);
    if (input.length <= 512) writeFileSync(new URL(file, folderOf(name)), input);
  }
}
