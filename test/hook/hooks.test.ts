/** Which hooks a process looks after, and the quick answer whether one is right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "tidemark";
import { Hooks, type Setup } from "../../src/hook/hooks.ts";
import { hookName, type KnownHook, knownOf } from "../../src/hook/known.ts";
import { createPatrol } from "../../src/reconcile/patrol.ts";
import { ticks } from "../../src/time.ts";
import { handClock, memory } from "../desk.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const setup: Setup = { url: () => "https://x.example", repair: true, keep: undefined, since: NOW };

/** Scopes that begin with the same letter share a hook. */
function open() {
  const endpoint = { shared: (scope: string) => scope.slice(0, 1) } as Endpoint;
  return new Hooks({ desk: { resources: {}, endpoint }, plain: { resources: {} } }, (_, scope) => scope.slice(-1));
}
const knows = (hooks: Hooks, scope: string, more: Partial<KnownHook>) =>
  hooks.learn({ provider: "desk", scope }, { value: JSON.stringify({ ...knownOf({ value: null }), ...more }) });

test("good or bad as it was when it was last looked at; for all that share it; unknown when that is long ago", () => {
  const hooks = open();
  const state = (scope: string, now = NOW) => hooks.state("desk", scope, now);
  assert.equal(state("a1"), "unknown");
  knows(hooks, "a1", { checked: ticks(NOW) });
  knows(hooks, "b", { checked: ticks(NOW), fault: "disabled" });
  knows(hooks, "c", {});
  assert.deepEqual(
    ["a1", "a2", "b", "c"].map((scope) => state(scope)),
    ["good", "good", "bad", "unknown"],
  );
  assert.equal(state("a1", NOW + 2 * HOUR), "good", "it was to be looked at by then");
  assert.equal(state("a1", NOW + 2 * HOUR + 1), "unknown");
});

test("where webhooks stopped nothing is good", () => {
  const hooks = open();
  for (const scope of ["a", "b"]) knows(hooks, scope, { checked: ticks(NOW) });
  const silence = { scope: "a", since: null, missed: 3, at: NOW };
  hooks.silences.set("desk", [silence]);
  assert.deepEqual([hooks.state("desk", "a", NOW), hooks.state("desk", "b", NOW)], ["bad", "good"]);
  hooks.silences.set("desk", [{ ...silence, scope: null }]);
  assert.equal(hooks.state("desk", "b", NOW), "bad");
  hooks.silences.set("plain", [{ ...silence, scope: null }]);
  assert.equal(hooks.state("plain", "", NOW), "bad", "also where hooks cannot be seen");
});

test("what is looked after: where setup was called, once for all that share a hook; the same set until something changes", () => {
  const hooks = open();
  const there = new Set(["a1", "a2", "b"]);
  assert.deepEqual([...hooks.tended("desk", there)], []);
  hooks.add("desk", "a2", setup);
  assert.deepEqual([...hooks.tended("desk", there)], ["a2"]);
  hooks.add("desk", undefined, { ...setup, repair: false });
  const tended = hooks.tended("desk", there);
  assert.deepEqual([...tended], ["a1", "b"]);
  assert.equal(hooks.tended("desk", there), tended, "ten thousand are not gone through every time");
  assert.deepEqual([...hooks.tended("desk", new Set(["b"]))], ["b"], "other scopes, another set");
  assert.deepEqual([hooks.setupOf("desk", "a2")?.repair, hooks.setupOf("desk", "b")?.repair], [true, false]);
  assert.deepEqual(hooks.sharing("desk", "a1", there), ["a1", "a2"]);
});

test("of many hooks that one credential looks at each is looked at less often, and good for longer", () => {
  const hooks = new Hooks({ desk: { resources: {} } }, (_, scope) => scope.slice(0, 1));
  hooks.add("desk", undefined, setup);
  hooks.tended("desk", new Set(["b", ...Array.from({ length: 3_000 }, (_, i) => `a${i}`)]));
  assert.deepEqual([hooks.slowness("desk", "a7"), hooks.slowness("desk", "b"), hooks.slowness("x", "b")], [3, 1, 1]);
  for (const scope of ["a7", "b"]) knows(hooks, scope, { checked: ticks(NOW) });
  const later = NOW + 5 * HOUR;
  assert.deepEqual([hooks.state("desk", "a7", later), hooks.state("desk", "b", later)], ["good", "unknown"]);
});

test("webhooks are expected from setup on: of a scope, or of a provider", () => {
  const hooks = open();
  assert.equal(hooks.expectedSince("desk", null), undefined);
  hooks.add("desk", "b", setup);
  assert.deepEqual([hooks.expectedSince("desk", null), hooks.expectedSince("desk", "b")], [undefined, NOW]);
  hooks.add("desk", undefined, { ...setup, since: NOW + 1 });
  assert.deepEqual([hooks.expectedSince("desk", null), hooks.expectedSince("desk", "a")], [NOW + 1, NOW + 1]);
  hooks.add("plain", "", setup);
  assert.equal(hooks.expectedSince("plain", null), NOW, "where there is one scope alone it has no counts of its own");
});

test("what another process found is known when its checkpoint is met", async (t) => {
  const hooks = open();
  const time = handClock(NOW);
  const store = memory(time);
  t.after(() => store.close());
  await store.open(() => assert.fail());
  const value = JSON.stringify({ ...knownOf({ value: null }), checked: ticks(NOW), fault: "missing" });
  await store.checkpoint({ name: hookName("desk", "b"), step: (at) => ({ ...at, value }) });
  const engine = { hooks, store, time, kinds: new Map(), scopes: { left: () => false } };
  await createPatrol(engine as never, { lineOf: () => undefined, now: time.now } as never).round();
  assert.equal(hooks.state("desk", "b", NOW), "bad");
});
