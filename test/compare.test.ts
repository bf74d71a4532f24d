/** `npm run compare`: this engine's column of the table, what it takes for right, and what it writes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Case } from "../compare/case.ts";
import { cases } from "../compare/cases/index.ts";
import { excuseOf, type Result, runCase } from "../compare/run.ts";
import { subjects } from "../compare/subjects/index.ts";
import { tidemark } from "../compare/subjects/tidemark.ts";
import { BEGIN, cellOf, END, linesOf, written } from "../compare/table.ts";
import { differenceOf } from "../compare/verdict.ts";

// Each has a clock, a service and a file of its own, and waits for most of its time.
describe("this engine's column", { concurrency: 8 }, () => {
  const own = tidemark.flatMap((subject) => cases.map((one) => [subject, one] as const));
  for (const [subject, one] of own.filter(([subject, one]) => excuseOf(one, subject) === undefined)) {
    test(`${subject.name}: ${one.id}. ${one.title}: ${one.holds}`, async () => {
      const { verdict, why } = await runCase(one, subject, { patience: 500 });
      assert.deepEqual([verdict, why], ["right", ""]);
    });
  }
});

test("the thirteen cases and the fifteen stories are all there, once", () => {
  const stories = Array.from({ length: 15 }, (_, i) => `s${i + 1}`);
  const ids = ["1", "2", "3", "4", "5a", "5b", "6", "7", "8", "A", "B", "C", "D", ...stories];
  assert.deepEqual(
    cases.map(({ id }) => id),
    ids,
  );
});

test("what a subject has is held against what there is", () => {
  for (const [states, truth, seen] of [
    [[1, 2], 2, undefined],
    [[1, null], null, undefined],
    [[], null, undefined],
    [[1], 2, "the older state"],
    [[3], 2, "a state that never was"],
    [[], 2, "it is not there"],
    [[1, null], 2, "it is not there"],
    [[1], null, "what was deleted is there"],
    [[1, 3, 2, 3], 3, "an older state after a newer one"],
    [[Number.NaN], 1, "a state that the API does not have"],
  ] as const) {
    assert.equal(differenceOf(states, truth), seen, `${states} beside ${truth}`);
  }
});

const [one = assert.fail()] = cases;
const [stripe = assert.fail(), github = assert.fail()] = tidemark;
const result = (some: Partial<Result> = {}): Result => ({
  ...{ case: one, subject: stripe, verdict: "right", why: "", requests: 0 },
  ...some,
});

test("a column is wrong where one of its subjects is, and a task where it is one's", () => {
  const wrong = result({ subject: github, verdict: "wrong", why: "the older state" });
  assert.equal(cellOf([result(), wrong]), "**wrong**: the older state");
  assert.equal(cellOf([result({ verdict: "none", why: "not at Stripe" }), result()]), "right");
  assert.equal(cellOf([result({ verdict: "none", why: "reads nothing" })]), "not its task: reads nothing");
  assert.equal(cellOf([result({ why: "after a backfill" })]), "right, after a backfill");
});

test("what a subject does not say that it does is not its task, and is not run", async () => {
  const needs: Case = { ...one, needs: "reads", run: () => assert.fail("it was run") };
  const [peer = assert.fail()] = subjects.filter(({ does }) => !does.includes("reads"));
  assert.equal((await runCase(needs, peer)).verdict, "none");
  assert.equal((await runCase({ ...needs, on: "github" }, stripe)).verdict, "none");
});

test("a case whose hard step was not reached says nothing about anybody", async () => {
  const missed: Case = { ...one, run: () => Promise.reject(new Error("not reached")) };
  await assert.rejects(runCase(missed, stripe), /case 1 could not be run for Tidemark, Stripe/);
});

test("the table is written between its marks, and the page has one of all cases and subjects", () => {
  const lines = linesOf([result(), result({ subject: github, verdict: "none" })], "Run today.");
  const page = written(`before\n${BEGIN}\nWHAT WAS\n${END}\nafter\n`, lines);
  assert.match(page, /^before\n<!--[^\n]+\n\nRun today\.\n\n\| given [\s\S]*<!-- end -->\nafter\n$/);
  assert.ok(!page.includes("WHAT WAS"));
  assert.throws(() => written("no marks", lines), /has lost its marks/);
  const real = readFileSync(new URL("../docs/comparison.md", import.meta.url), "utf8");
  const begin = real.indexOf(BEGIN);
  const table = real.slice(begin, real.indexOf(END, begin));
  for (const { id, title, holds } of cases)
    assert.ok(table.includes(`| ${id}. ${title} | ${holds} |`), `${id} is in it`);
  for (const { column } of subjects) assert.ok(table.includes(` ${column} |`), `${column} is in it`);
});
