/** Drain, beside another process that is at the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, RetryLater } from "tidemark";
import { createDesk, handClock, memory } from "./desk.ts";

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

for (const busy of [false, true])
  test(`a sweep that meets ${busy ? "a busy service" : "a limit"} again and again keeps no hint waiting`, async (t) => {
    const desk = createDesk({ feed: false });
    const time = handClock();
    const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
    t.after(() => sync.stop());
    desk.before = (call) => {
      if (call.startsWith("list")) throw new RetryLater(20_000, undefined, { busy });
    };
    await sync.drain();
    desk.put("1", "a");
    await sync.hint("desk.note", "1");
    for (let rest = 0; rest < 2; rest++) {
      time.advance(30_000);
      await sync.drain();
    }
    assert.equal((await sync.get("desk.note", "1"))?.state?.text, "a");
  });
