/** Webhooks that stopped while changes go on are told from those that have nothing to tell. Pure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeSilent, nextSilences, type Slots, silenceName, silencesIn, silencesOf } from "../../src/hook/silence.ts";
import { SLOT, type Slot } from "../../src/loss/hour.ts";
import { type Counts, nothing } from "../../src/loss/tally.ts";

/** 2027-01-15T08:00Z, and the slot that ends then. */
const NOW = 1_800_000_000_000;
const LAST = NOW / SLOT - 1;

type Counted = { [type: string]: Counts };

/** Slots by how many of them ago they were: 0 is the one that has just ended. */
function slotsOf(ago: { [slot: number]: Counted }, scopes: { [slot: number]: Slot["scopes"] } = {}): Slots {
  const numbers = new Set([...Object.keys(ago), ...Object.keys(scopes)].map(Number));
  return new Map(
    [...numbers].map((n) => [
      LAST - n,
      {
        types: Object.fromEntries(
          Object.entries(ago[n] ?? {}).map(([type, counts]) => [type, { ...nothing(), counts }]),
        ),
        scopes: scopes[n] ?? [],
      },
    ]),
  );
}
const notes = (counts: Counts): Counted => ({ "desk.note": counts });
const never = () => undefined;
const find = (slots: Slots, expects: (scope: string | null) => number | undefined = never, now = NOW) =>
  silencesOf(slots, now, expects);

test("webhooks came, then none, and changes go on: silent since the last ones", () => {
  const slots = slotsOf({ 9: notes({ heard: 4 }), 4: notes({ poll: 2 }), 1: notes({ sweep: 1, named: 1 }) });
  assert.deepEqual(find(slots), [{ scope: null, since: NOW - 9 * SLOT, missed: 3, at: NOW }]);
  assert.ok(mayBeSilent(slots, NOW));
});

test("no silence: too few, or all at one time, or longer ago than an hour, or a webhook came since", () => {
  const heard = { 9: notes({ heard: 1 }) };
  for (const [why, slots] of [
    ["too few", { 4: notes({ poll: 1 }), 1: notes({ poll: 1 }) }],
    ["one poll, as after a stop of our own", { 3: notes({ poll: 50 }) }],
    ["one poll across two slots", { 3: notes({ poll: 50 }), 2: notes({ poll: 9 }) }],
    ["long ago", { 8: notes({ poll: 2 }), 6: notes({ poll: 2 }) }],
    ["a late webhook", { 4: notes({ named: 2 }), 1: notes({ named: 2 }), 0: notes({ heard: 1, late: 1, mended: 1 }) }],
    ["seconds late: its feed was first", { 4: notes({ named: 2, heard: 2 }), 1: notes({ named: 3, heard: 3 }) }],
  ] as const) {
    assert.deepEqual(find(slotsOf({ ...heard, ...slots })), [], why);
  }
  assert.ok(!mayBeSilent(slotsOf({ 3: notes({ poll: 2 }) }), NOW));
});

test("a type of which no webhook ever told is no sign", () => {
  const label = (poll: number) => ({ "desk.label": { poll } });
  const slots = slotsOf({ 9: notes({ heard: 1 }), 4: label(9), 1: label(9) });
  assert.deepEqual(find(slots), []);
});

test("where none ever came nothing is said, unless setup expects them: then of what was missed since", () => {
  const slots = slotsOf({ 5: notes({ poll: 5 }), 3: notes({ poll: 2 }), 1: notes({ poll: 2 }) });
  assert.deepEqual(find(slots), []);
  assert.deepEqual(
    find(slots, () => NOW - 5 * SLOT + 1),
    [{ scope: null, since: null, missed: 4, at: NOW }],
  );
  assert.deepEqual(
    find(slots, () => NOW - SLOT),
    [],
    "it was set up a moment ago",
  );
});

test("one scope is silent while others are not", () => {
  const both = (counts: Counts): Slot["scopes"] => [
    ["desk.note", "a", { heard: 1 }],
    ["desk.note", "b", counts],
  ];
  const types = { 9: notes({ heard: 2 }), 4: notes({ heard: 1, poll: 2 }), 1: notes({ heard: 1, poll: 2 }) };
  const scopes = { 9: both({ heard: 1 }), 4: both({ poll: 2 }), 1: both({ poll: 2 }) };
  assert.deepEqual(find(slotsOf(types, scopes)), [{ scope: "b", since: NOW - 9 * SLOT, missed: 4, at: NOW }]);
  const many = Array.from({ length: 50 }, (_, i): Slot["scopes"][number] => ["desk.note", `s${i}`, { poll: 2 }]);
  const crowded = slotsOf({ ...types, 2: notes({ heard: 9 }) }, { ...scopes, 2: many });
  assert.deepEqual(find(crowded), [], "it may be one of those that have no counts of their own");
});

test("a silence stays until a webhook comes, or none is expected any more", () => {
  const whole = { scope: null, since: NOW - 9 * SLOT, missed: 3, at: NOW };
  const quiet = slotsOf({});
  assert.deepEqual(nextSilences([whole], [], quiet, NOW + 3 * SLOT), [whole]);
  assert.deepEqual(nextSilences([whole], [{ ...whole, at: NOW + 1 }], quiet, NOW + 1), [whole], "and is told once");
  const heard = slotsOf({ [-1]: notes({ heard: 1 }) });
  assert.deepEqual(nextSilences([whole], [], heard, NOW + SLOT), []);
  assert.deepEqual(
    nextSilences([whole], [], slotsOf({ 0: notes({ heard: 1 }) }), NOW + SLOT),
    [whole],
    "it was before",
  );
  assert.deepEqual(nextSilences([whole], [], quiet, NOW + 7 * 86_400_000), []);
  const ofB = { ...whole, scope: "b" };
  assert.deepEqual(nextSilences([ofB], [whole], quiet, NOW), [whole], "all of them, so that one is not told beside it");
  const heardA = slotsOf({ [-1]: notes({ heard: 1 }) }, { [-1]: [["desk.note", "a", { heard: 1 }]] });
  assert.deepEqual(nextSilences([ofB], [], heardA, NOW + SLOT), [ofB]);
});

test("an hour that is over is one slot, and ends no silence", () => {
  const silence = { scope: null, since: NOW - 3 * SLOT, missed: 3, at: NOW };
  // All of the hour is where its last ten minutes were.
  const closed = slotsOf({ [-5]: notes({ heard: 9 }) });
  assert.deepEqual(nextSilences([silence], [], closed, NOW + 3 * 3_600_000), [silence]);
});

test("a checkpoint holds what it was given, and what nobody here wrote is nothing", () => {
  const silence = { scope: "b", since: null, missed: 3, at: NOW };
  assert.deepEqual(silencesIn({ value: JSON.stringify([silence]) }), [silence]);
  assert.deepEqual(silencesIn({ value: "{}" }), []);
  assert.equal(silenceName("desk"), "silence|desk");
});
