/** When the jobs of a scope are looked at, by what their checkpoints say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { type Job, type Lane, learn, MOMENT, openLane } from "../src/lane.ts";
import { createDesk, handClock, memory } from "./desk.ts";

const NOW = 1_800_000_000_000;

/** A lane of one job that is looked at at `at`, after it has learned that it is due at `due`; in ms. */
function learned(at: number, due: number): number | undefined {
  const lane: Lane = { ...openLane("", [{} as Job], NOW), at: [at] };
  learn(lane, 0, { due: () => due * 1_000, begun: true, wanted: false }, NOW, 0.5);
  return lane.at[0];
}

test("what is overdue and was put off for a moment stays so; put off for longer it is looked at now", () => {
  assert.equal(learned(NOW + MOMENT / 2, NOW - 60_000), NOW + MOMENT / 2);
  assert.equal(learned(NOW + MOMENT + 1, NOW - 60_000), NOW);
  assert.equal(learned(NOW - 5_000, NOW - 60_000), NOW - 5_000);
  assert.equal(learned(NOW, NOW + 60_000), NOW + 60_000);
});

test("drain ends though another process is at a poll that is overdue", async (t) => {
  const desk = createDesk();
  const time = handClock();
  const inner = memory(time);
  t.after(() => inner.close());
  let moves = 0;
  const store = {
    ...inner,
    close: async () => {},
    checkpoint: ((...args) => {
      moves++;
      return inner.checkpoint(...args);
    }) as typeof inner.checkpoint,
  };
  const [one, other] = [0, 1].map(() => createSync({ providers: { desk: desk.provider }, store, time }));
  t.after(() => Promise.all([one?.stop(), other?.stop()]));
  await one?.drain();
  await other?.drain();
  time.advance(2 * 3_600_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = new Promise<void>((polls) => {
    desk.before = (call) => {
      if (!call.startsWith("poll")) return undefined;
      polls();
      return promise;
    };
  });
  const draining = one?.drain();
  await begun;
  moves = 0;
  assert.equal(await other?.drain(), true);
  assert.ok(moves < 100, `${moves} moves of checkpoints`);
  resolve();
  await draining;
});
