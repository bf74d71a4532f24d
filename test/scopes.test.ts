/** Scopes come and go while the engine runs: nothing is deleted, nothing is asked in vain, and who comes back is swept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, createSync } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { createDesk, handClock, memory, take, webhookOf } from "./desk.ts";

const MINUTE = 60_000;

function open(scopes: string[]) {
  const desk = createDesk({ scopes, feed: false });
  const time = handClock();
  let asked = 0;
  const there = desk.provider.scopes ?? assert.fail();
  desk.provider.scopes = () => {
    asked++;
    return there();
  };
  const revoked = new Set<string>();
  desk.before = (call) => {
    const scope = call.split(/[ /]/)[1] ?? "";
    if (revoked.has(scope)) throw new AccessLost("401");
  };
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  const seen = async () =>
    (await take(sync.changes({ follow: false }))).map(
      ({ scope, id, after }) => `${scope}/${id} ${after?.text ?? "gone"}`,
    );
  return { desk, time, sync, seen, revoked, asked: () => asked };
}

test("a scope that lost access is asked about, and once it has left it is left alone: nothing is deleted", async () => {
  const { desk, time, sync, seen, revoked, asked } = open(["a", "b"]);
  desk.put("1", "one", "a");
  desk.put("1", "one", "b");
  await sync.drain();
  const before = await seen();
  revoked.add("a");
  await sync.hint("desk.note", "1", { scope: "a" });
  time.advance(2 * MINUTE);
  const was = asked();
  await sync.drain();
  desk.notes.delete("a");
  await sync.drain();
  assert.equal(asked(), was + 1, "an AccessLost makes the engine ask which scopes there are");
  const calls = desk.calls.length;
  time.advance(10 * MINUTE);
  await sync.drain();
  assert.deepEqual(
    desk.calls.slice(calls).filter((call) => call.includes("a")),
    [],
    "nothing is asked of it any more",
  );
  assert.deepEqual(await seen(), before, "and nothing is deleted");
  assert.deepEqual((await sync.health()).alarms, [], "what failed there is no alarm any more");
  await sync.stop();
});

test("doubts do not make the engine ask more than once a minute", async () => {
  const scopes = Array.from({ length: 30 }, (_, i) => `s${i}`);
  const { time, sync, revoked, asked } = open(scopes);
  await sync.drain();
  time.advance(2 * MINUTE);
  const was = asked();
  for (const scope of scopes) {
    revoked.add(scope);
    await sync.hint("desk.note", "1", { scope });
    await sync.drain();
    time.advance(1_000);
  }
  assert.equal(asked() - was, 1);
  await sync.stop();
});

test("a scope that comes back is swept, and what waited there is read", async () => {
  const { desk, time, sync, seen } = open(["a", "b"]);
  desk.put("1", "one", "a");
  await sync.drain();
  const kept = desk.notes.get("a") ?? assert.fail();
  desk.notes.delete("a");
  time.advance(6 * MINUTE);
  await sync.drain();
  kept.set("1", { id: "1", text: "two", rev: 99 });
  desk.notes.set("a", kept);
  time.advance(25 * 60 * MINUTE);
  await sync.drain();
  assert.deepEqual(await seen(), ["a/1 one", "a/1 two"]);
  await sync.stop();
});

test("a webhook for a scope that was just added is kept; one for a scope that is nobody's is not", async () => {
  const { desk, time, sync, seen } = open(["a"]);
  await sync.drain();
  time.advance(11_000);
  desk.notes.set("new", new Map());
  assert.equal((await sync.webhook("desk", webhookOf([desk.put("1", "one", "new")]))).status, 202);
  await sync.webhook("desk", webhookOf([{ type: "note", id: "1", scope: "nobody's" }]));
  await sync.drain();
  assert.deepEqual(await seen(), ["new/1 one"]);
  assert.equal(desk.count("fetch nobody's"), 0);
  await assert.rejects(sync.hint("desk.note", "1", { scope: "nobody's" }), {
    name: "TypeError",
    message: 'desk has no scope "nobody\'s": look at what its scopes() answers',
  });
  await sync.stop();
});

test("while the clock is put back a webhook for a new scope is kept", async () => {
  const { desk, time, sync, seen } = open(["a"]);
  await sync.drain();
  time.advance(-24 * 60 * MINUTE);
  desk.notes.set("b", new Map());
  const hint = desk.put("1", "one", "b");
  assert.equal((await sync.webhook("desk", webhookOf([hint]))).status, 202);
  await sync.drain();
  assert.deepEqual(await seen(), ["b/1 one"]);
  await sync.stop();
});

test("who failed to name its scopes is asked again though the clock is put back", async () => {
  const { desk, time, sync, seen } = open(["a"]);
  const there = desk.provider.scopes ?? assert.fail();
  desk.provider.scopes = () => assert.fail("503");
  desk.put("1", "one", "a");
  await sync.drain();
  desk.provider.scopes = there;
  time.advance(-60 * MINUTE);
  await sync.drain();
  assert.deepEqual(await seen(), ["a/1 one"]);
  await sync.stop();
});

test("scopes whose page never comes are given up, and let go of what they hold when it does", async () => {
  const time = createVirtualTime();
  const desk = createDesk({ feed: false });
  let come = () => {};
  let ended = 0;
  desk.provider.scopes = async function* () {
    try {
      yield "";
      await new Promise<void>((resolve) => {
        come = resolve;
      });
      yield "late";
    } finally {
      ended++;
    }
  };
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  const swept = sync.sweep("desk.note").then(
    () => "swept",
    (error: Error) => error.name,
  );
  await time.run(time.now() + 60_000);
  assert.deepEqual([await swept, ended], ["TimeoutError", 0]);
  come();
  await time.run(time.now() + 1);
  assert.equal(ended, 1);
  await sync.stop();
});
