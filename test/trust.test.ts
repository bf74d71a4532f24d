/** Whether webhooks prove themselves, and whether what a poll found first was lost: by the ledger, and by the rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { compileKinds } from "../src/kind.ts";
import { hourName, slotOf } from "../src/loss/hour.ts";
import type { Counts } from "../src/loss/tally.ts";
import { createMissed } from "../src/reconcile/missed.ts";
import { feedName, feedOf } from "../src/reconcile/plan.ts";
import { createSchedule } from "../src/reconcile/schedule.ts";
import { createTrust } from "../src/reconcile/trust.ts";
import { createDesk, memory } from "./desk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A desk whose feed names resources, not events. */
function setUp(state: (scope: string) => "good" | "bad" | "unknown" = () => "unknown") {
  const time = createVirtualTime();
  const store = memory(time);
  const { provider } = createDesk({ scopes: ["a", "b"] });
  const { webhook: _, ...mute } = provider;
  const { feeds: __, ...bare } = mute;
  const providers = { desk: provider, mute, bare };
  const settle = async <T>(asked: Promise<T>, ms = 10): Promise<T> => {
    const [answer] = await Promise.all([asked, time.run(time.now() + ms)]);
    return answer;
  };
  const kinds = compileKinds(providers);
  const scopes = { known: () => new Set(["a", "b"]) } as never;
  let pages = 0;
  const counted: Store = {
    ...store,
    checkpoints(...query) {
      pages++;
      return store.checkpoints(...query);
    },
  };
  const trust = createTrust({ time, store: counted, providers, scopes, hookState: (_, scope) => state(scope) });
  const schedule = createSchedule({ providers, kinds }, trust, { pollEvery: undefined, sweepEvery: undefined });
  /** A minute later. */
  const look = async () => {
    await time.run(time.now() + MINUTE);
    return Object.fromEntries(await settle(trust.look()));
  };
  const count = (counts: Counts, ago: number) => {
    const at = time.now() - ago;
    const types = { "desk.note": { counts, lag: {}, lateness: {} } };
    const hour = { writers: {}, slots: { [slotOf(at)]: { types, scopes: [] } } };
    return settle(save(store, hourName("desk", Math.floor(at / HOUR)), hour));
  };
  return { time, store, providers, kinds, trust, schedule, settle, look, count, asked: () => pages };
}

const save = (store: Store, name: string, value: object) =>
  store.checkpoint({ name, step: (at, tick) => ({ ...at, at: tick, value: JSON.stringify(value) }) });

test("a hook in trouble is not trusted, whatever others bring; one that is right is, though nothing came yet", async () => {
  const states: Record<string, "good" | "bad" | "unknown"> = { a: "unknown", b: "unknown" };
  const { trust, look, count } = setUp((scope) => states[scope] ?? "unknown");
  await look();
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b"), trust.of("mute", "")], [false, false, null]);
  Object.assign(states, { a: "good", b: "good" });
  assert.deepEqual(await look(), {});
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b")], [true, true]);
  await count({ heard: 1 }, 0);
  states["b"] = "bad";
  assert.deepEqual(await look(), { desk: ["b"] }, "its polls are looked at again");
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b")], [true, false]);
  assert.deepEqual(await look(), {}, "once");
  states["a"] = "bad";
  assert.deepEqual(await look(), { desk: undefined }, "all of them");
});

test("a webhook proves its provider for a day, to all processes, and is not looked for more than once a minute", async () => {
  const { trust, look, count, settle, asked } = setUp();
  await count({ heard: 1 }, 23 * HOUR);
  await look();
  assert.equal(trust.of("desk", "a"), true);
  const before = asked();
  assert.deepEqual(await settle(trust.look()), new Map());
  assert.equal(asked(), before, "it was looked at just now");
  await count({ heard: 0 }, 23 * HOUR);
  assert.deepEqual(await look(), { desk: undefined });
  assert.equal(trust.of("desk", "a"), false);
  await count({ heard: 3 }, 26 * HOUR);
  await look();
  assert.equal(trust.of("desk", "a"), false, "that is more than a day ago");
  await count({ heard: 3 }, 0);
  await look();
  assert.equal(trust.of("desk", "b"), true);
});

test("what no webhook told is a part of all changes that were found, and where things change polls are the quicker for it", async () => {
  const { trust, schedule, providers, look, count } = setUp();
  const { events: feed = { types: [], poll: async () => ({ hints: [], cursor: null }) } } = providers.desk.feeds ?? {};
  const after = (every: number) => schedule.polled("desk", "a", feed, { every }, true);
  assert.equal(trust.missed("desk", ["desk.note"]), 0);
  await count({ webhook: 60, poll: 10, sweep: 2, missed: 6, heard: 60 }, HOUR);
  await count({ webhook: 26, poll: 2, missed: 4 }, 5 * HOUR);
  await look();
  assert.equal(trust.missed("desk", ["desk.note"]), 0.1);
  assert.equal(trust.missed("desk", ["desk.other"]), 0);
  assert.ok(after(10 * MINUTE) < 1.1 * MINUTE, `${after(10 * MINUTE)} ms`);
  await count({ webhook: 998, heard: 998 }, HOUR);
  await count({ webhook: 1_000, poll: 1, missed: 1 }, 5 * HOUR);
  await look();
  assert.equal(after(5 * MINUTE), 6.25 * MINUTE);
});

test("a change tells of a loss where webhooks should have brought it, or where only sweeps find any", () => {
  const { schedule } = setUp();
  const types = ["desk.note", "mute.note", "bare.note"];
  assert.deepEqual(types.map(schedule.mayMiss), [true, false, true]);
});

test("of a thousand changes that were found at once the webhooks are awaited, and the rows of the rest are not looked at", async () => {
  const { time, store, providers, kinds, schedule, settle } = setUp();
  const looked: string[] = [];
  const counting: Store = {
    ...store,
    update(select, ...rest) {
      if ("refs" in select) looked.push(...select.refs.map(({ type, id }) => `${type} ${id}`));
      return store.update(select, ...rest);
    },
  };
  const counted: string[] = [];
  const losses = { missed: (type: string, scope: string) => void counted.push(`${type} ${scope}`) } as never;
  const missed = createMissed({ time, store: counting, providers, kinds, losses, schedule });
  const found = (id: number, via: "poll" | "webhook", type = "desk.note") =>
    missed.record({ kind: "change", type, scope: "a", id: `${id}`, position: id + 1, via });
  found(5_000, "webhook");
  found(5_001, "poll", "mute.note");
  for (let id = 0; id < 1_500; id++) found(id, "poll");
  assert.deepEqual(await settle(missed.look()), [], "their webhooks may be under way");
  assert.equal(looked.length, 0);
  await time.run(time.now() + MINUTE);
  const slow = { cursor: "0", polled: 5, wanted: null, every: HOUR };
  await settle(save(store, feedName("desk", "a", "events"), slow));
  const row = { position: 1, first: 5, last: 5, present: true };
  const ref = { type: "desk.note", scope: "a", id: "7" };
  await settle(store.update({ refs: [ref] }, (one) => ({ row: { ...one, ...row } })));
  const moved = await settle(missed.look(), MINUTE);
  assert.equal(looked.length, 1_000);
  assert.deepEqual([looked.includes("desk.note 5000"), looked.includes("mute.note 5001")], [false, false]);
  assert.deepEqual(counted, ["desk.note a"], "of the others no row tells that they changed");
  assert.deepEqual(
    moved.map((at) => feedOf(at).every),
    [MINUTE],
  );
  assert.deepEqual(await settle(missed.look(), MINUTE), [], "once");
  assert.equal(looked.length, 1_000);
});
