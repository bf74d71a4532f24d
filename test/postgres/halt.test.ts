/** On Postgres: a subscription that stands still does so for every process, and one that is ended leaves nothing behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, RetryLater, TargetGone } from "tidemark";
import { postgres } from "tidemark/postgres";
import { createDesk, handClock } from "../desk.ts";
import { groundFor } from "../store/postgres.kit.ts";

test("what one process met, another knows: RetryLater, TargetGone, retry, unsubscribe and newest", async (t) => {
  const { pool, schema, later } = await groundFor(t);
  const desk = createDesk({ feed: false });
  const time = handClock();
  const engine = () => {
    const sync = createSync({ providers: { desk: desk.provider }, store: postgres({ pool, schema, time }), time });
    later(() => sync.stop());
    return sync;
  };
  const [one, two] = [engine(), engine()];
  let error: Error | undefined = new RetryLater(60_000, "down");
  const taken: string[] = [];
  for (const [name, sync] of [
    ["one", one],
    ["two", two],
  ] as const) {
    sync.subscribe("out", ({ id }) => {
      if (error) throw error;
      taken.push(`${name} ${id}`);
    });
  }
  for (const id of ["1", "2"]) {
    desk.put(id, "a");
    await one.get("desk.note", id, { maxAge: 0 });
  }
  await one.drain();
  error = undefined;
  await two.drain();
  assert.deepEqual(taken, [], "it is not time yet");
  time.advance(60_000);
  error = new TargetGone("gone");
  await two.drain();
  error = undefined;
  time.advance(3_600_000);
  await one.drain();
  assert.deepEqual([taken, (await one.health()).subscriptions[0]?.halted?.due], [[], null]);
  await two.retry("out");
  await one.drain();
  assert.deepEqual(taken, ["one 1", "one 2"]);
  assert.deepEqual(
    (await two.newest()).map(({ id }) => id),
    ["2", "1"],
  );
  await Promise.all([one.unsubscribe("out"), two.unsubscribe("out")]);
  assert.deepEqual((await one.health()).subscriptions, []);
  await one.drain();
  assert.equal(taken.length, 2);
});
