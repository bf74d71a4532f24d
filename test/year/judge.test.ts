/** The judge of the year accuses what it must, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createJudge, type Judge, type Seen } from "./judge.ts";
import { createService, type Service } from "./service.ts";
import { growth, type Size } from "./tables.ts";

const BOUNDS = { acknowledged: 10, fed: 100, swept: 1_000 };

/** A service with one resource, written at 10, deleted at 20 and created again at 30; and its judge. */
function setUp(feed = true): { service: Service; judge: Judge; see: (at: number, from: number, to: number) => void } {
  const character = { name: "it", versions: "strict", lag: 0, ...(feed && { feed: { deletions: true } }) } as const;
  const service = createService(character, ["s"], ["a"], 0);
  service.write("s", "a", "put", 10);
  service.write("s", "a", "remove", 20);
  service.write("s", "a", "put", 30);
  const judge = createJudge([service]);
  const state = (place: number) => service.history("s", "a")[place]?.state ?? null;
  const see = (at: number, from: number, to: number) =>
    judge.saw(
      { cursor: `log.${at}.1`, type: "it.note", scope: "s", id: "a", before: state(from), after: state(to) } as Seen,
      40,
    );
  return { service, judge, see };
}

/** Places: -1 nothing, 0 first, 1 written, 2 deleted, 3 created again. */
const courses: readonly [
  what: string,
  steps: readonly [at: number, from: number, to: number][],
  wrong: RegExp | null,
][] = [
  [
    "all of it, in order",
    [
      [1, -1, 0],
      [2, 0, 1],
      [3, 1, 2],
      [4, 2, 3],
    ],
    null,
  ],
  [
    "some of it is skipped",
    [
      [1, -1, 0],
      [2, 0, 3],
    ],
    null,
  ],
  [
    "a position is left out",
    [
      [1, -1, 0],
      [3, 0, 1],
    ],
    /position 3 came after 1/,
  ],
  [
    "a position comes twice",
    [
      [1, -1, 0],
      [1, 0, 1],
    ],
    /position 1 came after 1/,
  ],
  [
    "an older state after a newer one",
    [
      [1, -1, 1],
      [2, 1, 0],
    ],
    /not later/,
  ],
  [
    "the same state twice",
    [
      [1, -1, 1],
      [2, 1, 1],
    ],
    /not later/,
  ],
  [
    "a second deletion",
    [
      [1, -1, 1],
      [2, 1, 2],
      [3, 2, 2],
    ],
    /a deletion is not later/,
  ],
  [
    "another state before",
    [
      [1, -1, 0],
      [2, 1, 3],
    ],
    /before is not what was told/,
  ],
];
for (const [what, steps, wrong] of courses)
  test(`the judge: ${what}`, () => {
    const { judge, see } = setUp();
    for (const step of steps) see(...step);
    if (wrong === null) assert.deepEqual(judge.violations, []);
    else assert.match(judge.violations[0] ?? "", wrong);
  });

test("the judge: what was true long ago must be told: sooner where there is a feed", () => {
  for (const [feed, soon, late] of [
    [true, 129, 130],
    [false, 1_029, 1_030],
  ] as const) {
    const { judge, see } = setUp(feed);
    see(1, -1, 1);
    see(2, 1, 2);
    judge.check(soon, BOUNDS);
    assert.deepEqual(judge.violations, []);
    judge.check(late, BOUNDS);
    assert.match(judge.violations[0] ?? "", /at place 3 is not told/);
  }
});

test("the judge: what an acknowledged webhook told of must be told soon, or something newer", () => {
  const { service, judge, see } = setUp();
  judge.acknowledged({ service, scope: "s", id: "a", place: 1 }, 40);
  see(1, -1, 3);
  judge.check(50, BOUNDS);
  assert.deepEqual(judge.violations, []);
  const other = setUp();
  other.judge.acknowledged({ service: other.service, scope: "s", id: "a", place: 3 }, 40);
  other.see(1, -1, 1);
  other.judge.check(49, BOUNDS);
  assert.deepEqual(other.judge.violations, []);
  other.judge.check(50, BOUNDS);
  assert.match(other.judge.violations[0] ?? "", /was acknowledged, and nothing came of it/);
});

test("the judge: after a rollback a reader begins anew, and what is compacted may be left out", () => {
  const { judge, see } = setUp();
  see(1, -1, 0);
  see(2, 0, 3);
  judge.rolledBack(7);
  see(5, -1, 0);
  see(8, 0, 1);
  assert.deepEqual(judge.violations, []);
  see(10, 1, 3);
  assert.match(judge.violations[0] ?? "", /position 10 came after 8/);
});

test("tables that grow in the last third of the year are told, and those that do not are not", () => {
  const size = (n: number): Size => ({ rows: 100, entries: 100 * n, checkpoints: 10, file: 1_000 });
  const flat = [10, 50, 99, 100, 104, 98, 101, 97, 105].map(size);
  assert.deepEqual(growth(flat), []);
  assert.deepEqual(growth([...flat.slice(0, 8), { ...size(98), rows: 120 }]), [], "twenty rows more are noise");
  const grown = [...flat.slice(0, 8), size(120)];
  assert.deepEqual(growth(grown), ["entries grew from 10400 to 12000 in the last third of the year"]);
});
