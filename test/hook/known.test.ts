/** What follows from a look at a hook: when the next one is, and whether it is mended. Pure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hookDue,
  hookName,
  type KnownHook,
  knownOf,
  left,
  mayMendAt,
  mended,
  mending,
  merge,
  refusalOf,
  seen,
  slownessOf,
  unmended,
} from "../../src/hook/known.ts";
import { placeOf } from "../../src/reconcile/plan.ts";
import { type Tick, ticks } from "../../src/time.ts";

const MINUTE = ticks(60_000);
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW: Tick = 1_800_000_000_000_000;
const BLANK = knownOf({ value: null });
const OK = { ok: true } as const;
const MISSING = { ok: false, fault: "missing", problem: "there is none" } as const;
const over = (more: Partial<KnownHook>): KnownHook => ({ ...BLANK, ...more });

test("a checkpoint's name says whose hook it is; what nobody here wrote says nothing", () => {
  assert.deepEqual(placeOf(hookName("github", "acme/app|x")), {
    ...{ kind: "hook", provider: "github", scope: "acme/app|x", job: "" },
  });
  const hook = over({ checked: 1, fault: "events", problem: "x", since: 1, wanted: 2 });
  assert.deepEqual(knownOf({ value: JSON.stringify(hook) }), hook);
  for (const value of ["", "{}", '{"checked":"1"}']) assert.deepEqual(knownOf({ value }), BLANK);
});

test("due: at once when it never was, or is wanted; an hour later, ten minutes in trouble, one after it was mended", () => {
  assert.equal(hookDue(BLANK, 1), 0);
  assert.equal(hookDue(over({ checked: NOW, wanted: NOW }), 1), 0);
  assert.equal(hookDue(over({ checked: NOW }), 1), NOW + HOUR);
  assert.equal(hookDue(over({ checked: NOW }), 0), NOW + 0.9 * HOUR, "spread");
  assert.equal(hookDue(over({ checked: NOW, fault: "missing" }), 1), NOW + 10 * MINUTE);
  assert.equal(hookDue(over({ checked: NOW, fault: "missing", repaired: NOW }), 1), NOW + MINUTE);
  assert.equal(hookDue(over({ checked: NOW, fault: "missing", repaired: NOW - MINUTE }), 1), NOW + 10 * MINUTE);
});

test("of thousands that one credential looks at each has its turn less often, twice a day at least", () => {
  assert.deepEqual([1, 1_000, 2_500, 1e6].map(slownessOf), [1, 1, 2.5, 12]);
  assert.equal(hookDue(over({ checked: NOW }), 1, 2.5), NOW + 2.5 * HOUR);
});

test("a look: trouble is since it was first seen, and gone when it is right", () => {
  const bad = seen(over({ lastGood: 5 }), MISSING, NOW);
  assert.deepEqual([bad.fault, bad.problem, bad.since, bad.lastGood], ["missing", "there is none", NOW, 5]);
  const worse = seen(bad, { ok: false, fault: "access", problem: "403" }, NOW + 1);
  assert.deepEqual([worse.fault, worse.since, worse.checked], ["access", NOW, NOW + 1]);
  const good = seen(over({ ...worse, failures: 2 }), OK, NOW + 2);
  assert.deepEqual(
    [good.fault, good.problem, good.since, good.lastGood, good.failures],
    [null, null, null, NOW + 2, 0],
  );
  assert.equal(seen(BLANK, { ...MISSING, problem: "x".repeat(9_999) }, NOW).problem?.length, 500);
});

test("repairs are counted until it is right for a day", () => {
  const after = (ms: Tick) => seen(over({ repaired: NOW, repairs: 3 }), OK, NOW + ms).repairs;
  assert.deepEqual([after(DAY - 1), after(DAY)], [3, 0]);
});

test("it is mended at once, then once an hour; after a failure in one, two, four minutes, up to an hour", () => {
  assert.equal(mayMendAt(BLANK), 0);
  assert.equal(mayMendAt(over({ repaired: NOW, repairs: 1 })), NOW + HOUR);
  assert.equal(mayMendAt(over({ repaired: NOW, repairs: 9 })), NOW + HOUR);
  const after = (failures: number) => (mayMendAt(over({ repaired: NOW, repairs: 1, failures })) - NOW) / MINUTE;
  assert.deepEqual([1, 2, 3, 4, 20].map(after), [1, 2, 4, 8, 60]);
});

test("before it is mended it counts as failed, and a secret that is told once as lost, until both are done", () => {
  const missing = seen(BLANK, MISSING, NOW);
  const begun = mending(missing, "once", NOW + 1);
  assert.deepEqual([begun.repaired, begun.failures, begun.unkept], [NOW + 1, 1, true]);
  assert.equal(mending(missing, "always", NOW).unkept, false, "it can be asked for again");
  assert.equal(mending(missing, undefined, NOW).unkept, false);
  assert.equal(mending({ ...missing, fault: "disabled" }, "once", NOW).unkept, false, "it keeps its secret");
  const done = mended(begun, true);
  assert.deepEqual([done.failures, done.repairs, done.unkept], [0, 1, false]);
  assert.equal(mended(begun, false).unkept, true);
  const failed = unmended(begun, "Error 502");
  assert.match(failed.problem ?? "", /there is none; to mend it failed: Error 502/);
});

test("a hook whose secret nobody has is not right, whatever is shown; one that is gone has none", () => {
  const lost = seen(over({ unkept: true }), OK, NOW);
  assert.equal(lost.fault, "secret");
  assert.match(lost.problem ?? "", /secret was not kept. Delete it/);
  assert.equal(lost.lastGood, null);
  const gone = seen(lost, MISSING, NOW);
  assert.deepEqual([gone.fault, gone.unkept], ["missing", false]);
});

test("it is mended if the application allows it, and if somebody keeps the secret that this makes", () => {
  const why = (fault: KnownHook["fault"], leave: Partial<Parameters<typeof refusalOf>[1]>, unkept = false) =>
    refusalOf(over({ fault, unkept }), { repair: true, keeps: false, givesSecret: undefined, ...leave });
  assert.equal(why("missing", {}), undefined);
  assert.match(why("missing", { repair: false }) ?? "", /repair: false/);
  assert.match(why("access", {}) ?? "", /access/);
  for (const fault of ["missing", "elsewhere", "secret"] as const) {
    assert.match(why(fault, { givesSecret: "once" }) ?? "", /Give setup a keep/);
    assert.equal(why(fault, { givesSecret: "once", keeps: true }), undefined);
  }
  for (const fault of ["disabled", "events", "form"] as const)
    assert.equal(why(fault, { givesSecret: "once" }), undefined);
  assert.match(
    why("secret", { givesSecret: "once", keeps: true }, true) ?? "",
    /not mended/,
    "that would help nothing",
  );
});

test("what is left as it is says why, and until when", () => {
  const hook = over({ fault: "missing", problem: "there is none", repaired: NOW, repairs: 2 });
  assert.match(
    left(hook, undefined).problem ?? "",
    /there is none; it was mended 2 times in a day.*until 2027-01-15T09:00/,
  );
  assert.match(left({ ...hook, failures: 1 }, undefined).problem ?? "", /to mend it failed.*until 2027-01-15T08:01/);
  assert.equal(left(hook, "because").problem, "there is none; because");
});

test("what is wanted while it is looked at is still to be done", () => {
  const hook = over({ checked: NOW });
  assert.equal(merge(hook, over({ wanted: NOW + 1 })).wanted, NOW + 1);
  assert.equal(merge(hook, over({ wanted: NOW - 1 })).wanted, null);
});
