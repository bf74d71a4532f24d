/** Stories of feeds that left something out: where they began, at their borders, and when they were all that was left. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createSync } from "tidemark";
import { openAccount, POLL } from "../cases/account.ts";
import { memory, take } from "../desk.ts";
import { LiveApi, TOKEN } from "../providers/rest.emulator.ts";
import { liveapi } from "../providers/rest.liveapi.ts";
import { handClock } from "./clock.ts";

test("what changes after any request of the backfill is not lost between the backfill and the feed", async (t) => {
  const ids = ["ch_1", "ch_2", "ch_3", "ch_4", "ch_5"];
  const begin = () => {
    const account = openAccount(t, { pageSize: 2 });
    for (const id of ids) account.put("charge.pending", id);
    // So long ago that the feed does not begin with their events.
    account.later(3_600);
    return { account, app: account.open() };
  };
  const calm = begin();
  await calm.app.drain();
  const requests = calm.account.asked.length;
  assert.ok(requests >= 6, `${requests} requests`);
  for (let at = 0; at < requests; at++) {
    const { account, app } = begin();
    const gates = Array.from({ length: at + 1 }, () => account.hold(""));
    const backfill = app.drain();
    for (const { arrived, open } of gates.slice(0, at)) {
      await arrived;
      open();
    }
    await gates[at]?.arrived;
    // It was answered, and the answer is on its way.
    for (const id of ids) account.put("charge.succeeded", id);
    account.put("charge.pending", "ch_6");
    // What is left of the backfill takes longer than a feed looks back.
    account.later(1_200);
    gates[at]?.open();
    await backfill;
    for (let passed = 0; passed < 3; passed++) {
      account.later(POLL);
      await app.drain();
    }
    assert.equal(account.asked.filter((path) => /^charges\?(?!.*starting_after)/.test(path)).length, 1, "one sweep");
    await account.endsAtTruth(app);
    await app.sync.stop();
  }
});

/** LiveAPI, whose feed asks for what was updated since a time, inclusive, in pages of seven; no webhook arrives. */
function follow(t: TestContext) {
  const clock = handClock();
  const service = new LiveApi({ now: clock.now, secret: "secret" });
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return service.fetch(request);
  };
  const providers = { live: liveapi({ token: TOKEN, secret: "secret", fetch }) };
  const sync = createSync({ providers, store: memory(clock), time: clock, sweepEvery: 365 * 86_400_000 });
  t.after(() => sync.stop());
  const poll = async () => {
    clock.advance(300_000);
    await sync.drain();
    clock.advance(10_000);
    await sync.drain();
  };
  const found = () => take(sync.changes({ follow: false }));
  // A stream is created where the number is 0; the same one is renamed by 0.7.
  const create = (count: number) => {
    for (let i = 0; i < count; i++) service.write(() => 0);
  };
  return { sync, poll, found, create, service, asked };
}

test("twenty records of one instant, which fill three pages, are all found by the poll", async (t) => {
  const { sync, poll, found, create } = follow(t);
  await sync.drain();
  await poll();
  create(20);
  await poll();
  await poll();
  const changes = await found();
  assert.equal(new Set(changes.map(({ id }) => id)).size, 20);
  assert.deepEqual(new Set(changes.map(({ via }) => via)), new Set(["poll"]));
});

test("what stands on the border of one poll and the next is read once and told once, however often it is named", async (t) => {
  const { sync, poll, found, create, asked } = follow(t);
  await sync.drain();
  create(5);
  await poll();
  await poll();
  const before = { changes: (await found()).length, reads: asked.filter((path) => /streams\//.test(path)).length };
  assert.equal(before.changes, 5);
  for (let polls = 0; polls < 5; polls++) await poll();
  const after = { changes: (await found()).length, reads: asked.filter((path) => /streams\//.test(path)).length };
  assert.deepEqual(after, before);
});

test("webhooks that stopped without a word: changes arrive by the next poll, and health says what was lost", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  account.later(POLL);
  await app.drain();
  const lossOf = async () => (await app.sync.health()).losses.find(({ type }) => type === "stripe.charge")?.hour;
  for (let i = 0; i < 4; i++) {
    assert.equal(await app.deliver(account.put("charge.pending", `ch_${i}`)), 202);
    await app.drain();
  }
  for (let i = 0; i < 4; i++) {
    account.later(POLL);
    await app.drain();
  }
  assert.equal((await lossOf())?.rate, 0);
  // From now on the hook is switched off.
  for (let i = 0; i < 4; i++) {
    account.put("charge.succeeded", `ch_${i}`);
    const [before, now] = [await app.states(`ch_${i}`), account.n(`ch_${i}`)];
    account.later(POLL);
    await app.drain();
    assert.deepEqual(await app.states(`ch_${i}`), [...before, now], "within one period");
  }
  account.later(3 * POLL);
  await app.drain();
  assert.equal((await lossOf())?.lost, 4);
  await account.endsAtTruth(app);
});
