/** Whether webhooks prove themselves, and whether what a poll found first was lost: by the ledger, and by the rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "tidemark";
import { createVirtualTime } from "tidemark/testing";
import { hourName, slotOf } from "../src/hour.ts";
import { compileKinds } from "../src/kind.ts";
import { createMissed } from "../src/missed.ts";
import { feedName, feedOf } from "../src/plan.ts";
import { createSchedule } from "../src/schedule.ts";
import type { Counts } from "../src/tally.ts";
import { createTrust } from "../src/trust.ts";
import { createDesk, memory } from "./desk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A desk whose feed names resources, not events. */
function setUp(state: (scope: string) => "good" | "bad" | "unknown" = () => "unknown") {
  const time = createVirtualTime();
  const store = memory(time);
  const { provider } = createDesk({ scopes: ["a", "b"] });
  const { webhook: _, ...mute } = provider;
  const providers = { desk: provider, mute };
  const settle = async <T>(asked: Promise<T>, ms = 10): Promise<T> => {
    const [answer] = await Promise.all([asked, time.run(time.now() + ms)]);
    return answer;
  };
  const kinds = compileKinds(providers);
  const scopes = { known: () => new Set(["a", "b"]) } as never;
  const trust = createTrust({ time, store, providers, scopes, hookState: (_, scope) => state(scope) });
  /** Asks a minute later. */
  const look = async () => Object.fromEntries(await settle(trust.look(), MINUTE));
  const count = (counts: Counts, ago: number) => {
    const at = time.now() - ago;
    const types = { "desk.note": { counts, lag: {}, lateness: {} } };
    const hour = { writers: {}, slots: { [slotOf(at)]: { types, scopes: [] } } };
    return settle(save(store, hourName("desk", Math.floor(at / HOUR)), hour));
  };
  return { time, store, providers, kinds, trust, settle, look, count };
}

const save = (store: Store, name: string, value: object) =>
  store.checkpoint({ name, step: (at, tick) => ({ ...at, at: tick, value: JSON.stringify(value) }) });

test("a hook in trouble is not trusted, whatever others bring; one that is right is, though nothing came yet", async () => {
  const states: Record<string, "good" | "bad" | "unknown"> = { a: "unknown", b: "unknown" };
  const { trust, look } = setUp((scope) => states[scope] ?? "unknown");
  await look();
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b"), trust.of("mute", "")], [false, false, null]);
  Object.assign(states, { a: "good", b: "good" });
  assert.deepEqual(await look(), {});
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b")], [true, true]);
  states["b"] = "bad";
  assert.deepEqual(await look(), { desk: ["b"] }, "its polls are looked at again");
  assert.deepEqual([trust.of("desk", "a"), trust.of("desk", "b")], [true, false]);
  assert.deepEqual(await look(), {}, "once");
  states["a"] = "bad";
  assert.deepEqual(await look(), { desk: undefined }, "all of them");
});

test("a webhook proves its provider for a day, to all processes, and is not looked for more than once a minute", async () => {
  const { trust, look, count, settle, time } = setUp();
  await count({ heard: 1 }, 23 * HOUR);
  await look();
  assert.equal(trust.of("desk", "a"), true);
  await count({ heard: 0 }, 23 * HOUR);
  await settle(trust.look());
  assert.deepEqual(await settle(trust.look()), new Map(), "it was looked at just now");
  assert.equal(trust.of("desk", "a"), false);
  await count({ heard: 3 }, 26 * HOUR);
  await look();
  assert.equal(trust.of("desk", "a"), false, "that is more than a day ago");
  await count({ heard: 3 }, 0);
  await time.run(time.now() + MINUTE);
  await look();
  assert.equal(trust.of("desk", "b"), true);
});

test("what no webhook told is a part of all changes that were found", async () => {
  const { trust, look, count } = setUp();
  assert.equal(trust.missed("desk", ["desk.note"]), 0);
  await count({ webhook: 60, poll: 10, sweep: 2, missed: 6 }, HOUR);
  await count({ webhook: 26, poll: 2, missed: 4 }, 5 * HOUR);
  await look();
  assert.equal(trust.missed("desk", ["desk.note"]), 0.1);
  assert.equal(trust.missed("desk", ["desk.other"]), 0);
});

test("of a thousand changes that were found at once the webhooks are awaited, and the rows of the rest are not looked at", async () => {
  const { time, store, providers, kinds, trust, settle } = setUp();
  let looked = 0;
  const counting: Store = {
    ...store,
    update(select, ...rest) {
      if ("refs" in select) looked += select.refs.length;
      return store.update(select, ...rest);
    },
  };
  const counted: string[] = [];
  const losses = { missed: (type: string, scope: string) => void counted.push(`${type} ${scope}`) } as never;
  const schedule = createSchedule({ providers, kinds }, trust, { pollEvery: undefined, sweepEvery: undefined });
  const missed = createMissed({ time, store: counting, providers, kinds, losses, schedule });
  const found = (id: number, via: "poll" | "webhook", type = "desk.note") =>
    missed.record({ kind: "change", type, scope: "a", id: `${id}`, position: id + 1, via });
  for (let id = 0; id < 1_500; id++) found(id, "poll");
  found(5_000, "webhook");
  found(5_001, "poll", "mute.note");
  assert.deepEqual(await settle(missed.look()), [], "their webhooks may be under way");
  assert.equal(looked, 0);
  await time.run(time.now() + MINUTE);
  const slow = { cursor: "0", polled: 5, wanted: null, every: HOUR };
  await settle(save(store, feedName("desk", "a", "events"), slow));
  const row = { position: 1, first: 5, last: 5, present: true };
  await settle(
    store.update({ refs: [{ type: "desk.note", scope: "a", id: "7" }] }, (one) => ({ row: { ...one, ...row } })),
  );
  const moved = await settle(missed.look(), MINUTE);
  assert.equal(looked, 1_000);
  assert.deepEqual(counted, ["desk.note a"], "of the others no row tells that they changed");
  assert.deepEqual(
    moved.map((at) => feedOf(at).every),
    [MINUTE],
  );
  assert.deepEqual(await settle(missed.look(), MINUTE), [], "once");
  assert.equal(looked, 1_000);
});
