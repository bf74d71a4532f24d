/** `npm run prove`: what it takes for proved, and what it writes down. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Figure, sizeOf } from "../prove/figure.ts";
import { figures } from "../prove/figures/index.ts";
import { judge, type Told, type Verdict } from "../prove/judge.ts";
import type { Heard } from "../prove/reporter.ts";
import { withRows } from "../prove/table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const kills: Figure = {
  ...{ id: "F6", title: "kill -9", goal: "0 lost", run: ["test/kill.test.ts"], says: ["{KILLS} kills"] },
  sizes: { commit: { KILLS: "50" }, night: { KILLS: "1000" } },
};
const byKind = (a: Heard, b: Heard) => a.kind.localeCompare(b.kind);
const told = (some: Partial<Told>): Told => ({ heard: [], last: "", code: 0, ...some });
const passed = { kind: "passed", name: "a" } as const;
const said = (text: string, id = "F6") => ({ kind: "figure", id, said: text }) as const;

test("a figure is proved by a test that says it, in the size that was asked for", () => {
  const size = { KILLS: "50" };
  assert.deepEqual(judge(kills, size, told({ heard: [said("50 kills: 0 lost")] })), ["ok", "50 kills: 0 lost"]);
  for (const [what, run] of [
    ["nothing was said", told({})],
    ["another campaign was run", told({ heard: [said("20 kills: 0 lost")] })],
    ["another figure was said", told({ heard: [said("50 kills", "F7")] })],
    ["a test failed", told({ heard: [said("50 kills"), { kind: "failed", name: "a", why: "b" }], code: 1 })],
    ["the process failed", told({ heard: [said("50 kills")], code: 1 })],
    ["it ran too long", told({ heard: [said("50 kills")], code: null })],
    ["three times as much was run", told({ heard: [said("150 kills: 0 lost")] })],
    [
      "a test beside it was skipped",
      told({ heard: [said("50 kills"), { kind: "skipped", name: "b", why: "no disk" }] }),
    ],
    ["it was skipped", told({ heard: [{ kind: "skipped", name: "a", why: "no disk" }] })],
  ] as const) {
    assert.equal(judge(kills, size, run)[0], "short", what);
  }
});

test("where nothing in particular must be said, anything is enough", () => {
  const { says: _, ...any } = kills;
  assert.deepEqual(judge(any, {}, told({ heard: [said("17")] })), ["ok", "17"]);
});

test("each of the faults that a figure has must be said", () => {
  const both: Figure = { ...kills, says: ["full", "locked"] };
  assert.equal(judge(both, {}, told({ heard: [said("full")] }))[0], "short");
  assert.deepEqual(judge(both, {}, told({ heard: [said("full"), said("locked")] })), ["ok", "full; locked"]);
});

test("what several say alike is said once", () => {
  const heard = [said("stripe: 0 accepted"), said("github: 0 accepted"), said("all: done")];
  assert.deepEqual(judge({ ...kills, says: [] }, {}, told({ heard })), [
    "ok",
    "stripe / github: 0 accepted; all: done",
  ]);
  assert.deepEqual(judge({ ...kills, says: [] }, {}, told({ heard: [said("0 lost"), said("0 lost")] })), [
    "ok",
    "0 lost",
  ]);
});

test("what a machine may lack is not short there, and says why; what it may not lack is", () => {
  const heard = [{ kind: "skipped", name: "a", why: "there is no browser" }] as const;
  const browser: Figure = { ...kills, needs: "a browser" };
  assert.deepEqual(judge(browser, {}, told({ heard })), ["absent", "there is no browser"]);
  assert.equal(judge(browser, {}, told({ heard: [...heard, { kind: "failed", name: "b", why: "c" }] }))[0], "short");
});

test("tests that say nothing are counted, and none is not enough; a script says its last line", () => {
  const counted: Figure = { ...kills, counts: "checks", says: [] };
  assert.deepEqual(judge(counted, {}, told({ heard: [passed, passed] })), ["ok", "2 checks"]);
  assert.equal(judge(counted, {}, told({}))[0], "short");
  const skipped = { kind: "skipped", name: "b", why: "there is no browser" } as const;
  assert.equal(judge(counted, {}, told({ heard: [passed, skipped] }))[0], "short", "one of them did not run");
  assert.equal(judge({ ...counted, needs: "a browser" }, {}, told({ heard: [passed, skipped] }))[0], "absent");
  const script: Figure = { ...kills, run: ["scripts/mutants.ts"], says: [] };
  assert.deepEqual(judge(script, {}, told({ last: "all 7 were killed" })), ["ok", "all 7 were killed"]);
  assert.equal(judge(script, {}, told({ last: "1 was not", code: 1 }))[0], "short");
});

test("a tier runs as the one before where it says nothing of its own, and not what takes longer", () => {
  assert.deepEqual(sizeOf(kills, "ci"), { KILLS: "50" });
  assert.deepEqual(sizeOf(kills, "night"), { KILLS: "1000" });
  assert.equal(sizeOf({ ...kills, from: "night" }, "ci"), null);
});

test("the table has the figures in their order, and keeps the rows of those that did not run", () => {
  const verdict = (id: Figure["id"], text: string): Verdict => ({
    ...{ figure: { ...kills, id }, tier: "ci", state: "ok", said: text, ms: 95_000 },
  });
  const empty = "before\n<!-- prove -->\n<!-- /prove -->\nafter\n";
  const first = withRows(empty, [verdict("F10", "a|b"), verdict("F2", "12345 steps")]);
  assert.match(first, /^before\n<!-- prove -->\n\n\| \| what .*\n\|---.*\n\| F2 .*12,345 steps.*\n\| F10 .*a\\\|b/);
  assert.ok(first.includes("| ci, 95 s | ok |") && first.endsWith("\n\n<!-- /prove -->\nafter\n"));
  const second = withRows(first, [verdict("F2", "7 steps")]);
  assert.ok(second.includes("7 steps") && !second.includes("12,345") && second.includes("F10"));
  assert.throws(() => withRows("no marks", []), /lost its marks/);
});

test("each figure has an id of its own, a goal, and sizes for what it is asked to say; each row of the page is one of them", () => {
  assert.equal(new Set(figures.map(({ id }) => id)).size, figures.length);
  const page = readFileSync(join(root, "docs/reliability.md"), "utf8");
  for (const one of figures) {
    const { id, title, goal, run, says = [] } = one;
    assert.ok(title !== "" && goal !== "" && run.length > 0, id);
    const size = sizeOf({ ...one, from: "commit" }, "night") ?? {};
    const names = says.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""));
    for (const name of names) assert.ok(name in size, `${id}: ${name} has no size`);
  }
  const rows = [...page.matchAll(/^\| (F\d+) /gm)].map(([, id]) => id);
  assert.ok(rows.length > 0 && rows.every((id) => figures.some((figure) => figure.id === id)), `${rows}`);
});

test("the reporter hears what a test says, whatever is in it, and what fails and is skipped", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-prove-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "a.test.ts");
  const figure = JSON.stringify(fileURLToPath(new URL("figure.ts", import.meta.url)));
  const text = `# "quoted" \\ | done`;
  writeFileSync(
    file,
    `import { test } from "node:test"; import { figure } from ${figure};
     test("says", (t) => figure(t, "F1", ${JSON.stringify(text)}));
     test("fails", () => { throw new Error("no good") });
     test("is skipped", { skip: "no disk" }, () => {});`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ["--test", `--test-reporter=${join(root, "prove/reporter.ts")}`, file];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  const heard = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(heard.sort(byKind), [
    { kind: "failed", name: "fails", why: "no good" },
    { kind: "figure", id: "F1", said: text },
    { kind: "passed", name: "says" },
    { kind: "skipped", name: "is skipped", why: "no disk" },
  ]);
});
