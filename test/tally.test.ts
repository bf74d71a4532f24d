/** The pure parts of the loss ledger: buckets, hours, windows, verdicts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addBatch,
  type Batch,
  closeHour,
  type Hour,
  hourName,
  hourOf,
  hourOfName,
  SLOT,
  slotOf,
} from "../src/loss/hour.ts";
import { byType, type Counted, lossOf, ratesOf } from "../src/loss/rates.ts";
import { bucketOf, type Counts, count, nothing, quantile, sumTallies, type Tally } from "../src/loss/tally.ts";
import { forgotten, verdictOf } from "../src/loss/verdict.ts";
import { blank, CAUSES, type Note, put } from "../src/row.ts";
import { notesOf, textOf } from "../src/store/notes.ts";
import { causesFromText, causesToText } from "../src/store/schema.ts";

const tallyOf = (counts: Counts): Tally => ({ ...nothing(), counts });
const EMPTY: Hour = hourOf({ value: null });
const batchOf = (slot: number, scopes: Record<string, Counts>): Batch =>
  new Map([[slot, new Map([["desk.note", new Map(Object.entries(scopes).map(([at, one]) => [at, tallyOf(one)]))]])]]);

test("quantiles are never too short, and at most a fifth too long, from a millisecond to a month", () => {
  for (let ms = 1; ms < 2_500_000_000; ms = Math.ceil(ms * 1.13)) {
    const times = { [bucketOf(ms)]: 1 };
    const told = quantile(times, 0.5) ?? 0;
    assert.ok(told >= ms && told <= Math.ceil(ms * 1.19) + 1, `${ms} is told as ${told}`);
  }
  assert.deepEqual([bucketOf(-5), bucketOf(0), bucketOf(Number.MAX_VALUE)], [0, 0, 126]);
  assert.equal(quantile({}, 0.5), null);
  const times = {};
  for (let i = 0; i < 98; i++) count(times, `${bucketOf(10)}`);
  for (const ms of [1_000, 100_000]) count(times, `${bucketOf(ms)}`);
  const [p50 = 0, p99 = 0, worst = 0] = [0.5, 0.99, 1].map((part) => quantile(times, part) ?? 0);
  assert.ok(p50 < 13 && p99 >= 1_000 && p99 < 1_200 && worst >= 100_000, `${p50} ${p99} ${worst}`);
});

test("sums leave what they are made of as it was", () => {
  const one = { counts: { came: 1 }, lag: { 3: 1 }, lateness: {} };
  const two = { counts: { came: 2, late: 1 }, lag: { 3: 1, 4: 5 }, lateness: { 7: 1 } };
  const both = sumTallies([one, two]);
  assert.deepEqual(both, { counts: { came: 3, late: 1 }, lag: { 3: 2, 4: 5 }, lateness: { 7: 1 } });
  assert.deepEqual([one.counts, one.lag], [{ came: 1 }, { 3: 1 }]);
});

test("a batch counts once, in whatever order processes come; what is no hour is an empty one", () => {
  const first = addBatch(EMPTY, "a", 1, batchOf(7, { "": { came: 1 } }));
  assert.ok(first);
  assert.equal(addBatch(first, "a", 1, batchOf(7, { "": { came: 1 } })), undefined);
  const second = addBatch(first, "b", 1, batchOf(7, { "": { came: 2, late: 1 } }));
  const third = second && addBatch(second, "a", 2, batchOf(8, { "": { came: 4 } }));
  assert.deepEqual(third?.slots["7"]?.types["desk.note"]?.counts, { came: 3, late: 1 });
  assert.deepEqual(third?.slots["8"]?.types["desk.note"]?.counts, { came: 4 });
  assert.deepEqual(third?.writers, { b: 1, a: 2 });
  assert.deepEqual(hourOf({ value: JSON.stringify(third) }), third);
  for (const value of ["", "{", "[]", '{"slots":{"1":2},"writers":{}}']) assert.deepEqual(hourOf({ value }), EMPTY);
});

test("many processes: the last writers are remembered, not all", () => {
  let hour = EMPTY;
  for (let i = 0; i < 150; i++) hour = addBatch(hour, `p${i}`, 1, batchOf(7, { "": { came: 1 } })) ?? hour;
  assert.equal(hour.slots["7"]?.types["desk.note"]?.counts.came, 150);
  const names = Object.keys(hour.writers);
  assert.deepEqual([names.length, names[0], names.at(-1)], [100, "p50", "p149"]);
});

test("ten thousand scopes: the total of all, and by themselves those that lost most; an hour stays small", () => {
  const scopes: Record<string, Counts> = {};
  for (let i = 0; i < 10_000; i++) scopes[`shop-${i}.example.com`] = { came: i, ...(i % 1_000 === 3 && { named: 2 }) };
  const hour = addBatch(EMPTY, "a", 1, batchOf(7, scopes)) ?? EMPTY;
  const { types, scopes: kept } = hour.slots["7"] ?? { types: {}, scopes: [] };
  assert.deepEqual(types["desk.note"]?.counts, { came: 49_995_000, named: 20 });
  const own = new Set(kept.map(([, scope]) => scope));
  const lost = kept.filter(([, , { named }]) => named === 2).length;
  assert.deepEqual([own.size, lost], [50, 10], "ten lost something, the others have most to tell");
  assert.ok(own.has("shop-9999.example.com") && !own.has("shop-5000.example.com"));
  assert.ok(JSON.stringify(hour).length < 5_000, `${JSON.stringify(hour).length} characters`);
});

test("an hour that is over becomes one slot, its last, and says the same", () => {
  const [first, last] = [6 * 500_000, 6 * 500_000 + 5];
  const some = addBatch(EMPTY, "a", 1, batchOf(first, { a: { came: 1 }, b: { named: 1 } })) ?? EMPTY;
  const more = addBatch(some, "a", 2, batchOf(first + 3, { a: { came: 2 } })) ?? some;
  const closed = closeHour(more);
  assert.deepEqual(closed, {
    writers: { a: 2 },
    slots: {
      [last]: {
        types: { "desk.note": tallyOf({ came: 3, named: 1 }) },
        scopes: [
          ["desk.note", "a", { came: 3 }],
          ["desk.note", "b", { named: 1 }],
        ],
      },
    },
  });
  assert.equal(closeHour(closed ?? EMPTY), undefined);
  assert.equal(closeHour(EMPTY), undefined);
  const late = addBatch(closed ?? EMPTY, "a", 3, batchOf(first, { b: { mended: 1 } })) ?? EMPTY;
  assert.deepEqual(closeHour(late)?.slots[last]?.types["desk.note"]?.counts, { came: 3, named: 1, mended: 1 });
});

test("names of hours sort by time, and are taken apart whatever the provider is called", () => {
  assert.ok(hourName("desk", 499_999) < hourName("desk", 500_000));
  for (const provider of ["desk", "a|b", "a|0000001"]) {
    assert.deepEqual(hourOfName(hourName(provider, 500_000)), { provider, hour: 500_000 });
  }
  assert.equal(hourOfName("poll|desk||events"), undefined);
});

test("windows: what ended within the hour, the day, the week; lost is what was named ten minutes ago or more", () => {
  const now = 1_000_000 * SLOT + SLOT / 2;
  const at = (ago: number): Counted => ({ slot: slotOf(now - ago), tally: tallyOf({ came: 9, named: 2, mended: 1 }) });
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const all = [0, 12 * MINUTE, 20 * MINUTE, 62 * MINUTE, 70 * MINUTE, 23 * HOUR, 25 * HOUR, 167 * HOUR, 170 * HOUR];
  const { hour, day, week } = lossOf("desk.note", null, all.map(at), now, true);
  assert.deepEqual([hour.came, day.came, week.came], [36, 54, 72], "the slot that the hour cuts is in it");
  assert.deepEqual([hour.lost, hour.awaited], [2, 2], "one slot goes on, and one ended less than ten minutes ago");
  assert.equal(hour.rate, 2 / 22);
  assert.equal(ratesOf(all.map(at), now, HOUR, false).rate, null);
  const odd: Counted = { slot: slotOf(now - HOUR / 2), tally: tallyOf({ came: 1, mended: 3 }) };
  assert.deepEqual([ratesOf([odd], now, HOUR, true).lost, ratesOf([odd], now, HOUR, true).rate], [0, 0]);
});

test("a week of slots is taken together by type and scope", () => {
  const hour = addBatch(EMPTY, "a", 1, batchOf(7, { a: { came: 1 }, b: { came: 2 } })) ?? EMPTY;
  const later = addBatch(hour, "a", 2, batchOf(8, { a: { came: 4 } })) ?? hour;
  const types = byType(Object.entries(later.slots).map(([slot, one]) => [Number(slot), one] as const));
  const counts = (scope: string | null) =>
    types
      .get("desk.note")
      ?.get(scope)
      ?.map(({ slot, tally }) => [slot, tally.counts.came]);
  assert.deepEqual(
    [counts(null), counts("a"), counts("b")],
    [
      [
        [7, 3],
        [8, 4],
      ],
      [
        [7, 1],
        [8, 4],
      ],
      [[7, 2]],
    ],
  );
});

const ref = { type: "desk.note", scope: "", id: "1" };
const T = 1_800_000_000_000_000;
type Event = NonNullable<Note["event"]>;
const note = (via: Note["via"], id: string, event: Partial<Event> = {}): Note => ({
  ...{ ...ref, version: null, class: "live", via },
  event: { id, name: "n", at: null, ...event },
});
/** What was put to a row, a second each. */
const rowAfter = (...notes: readonly Note[]) =>
  notes.reduce((row, one, i) => put(row, one, T + i * 1e6, T + i * 1e6), blank(ref));

test("a verdict: whoever told of an event first, the other one is judged by it", () => {
  const judged = { judged: true } as const;
  const now = T + 60e6;
  const webhook = note("webhook", "e");
  assert.deepEqual(verdictOf(blank(ref), webhook, now), { kind: "came" });
  assert.deepEqual(verdictOf(blank(ref), note("poll", "e", judged), now), { kind: "named" });
  assert.equal(verdictOf(blank(ref), note("poll", "e"), now), undefined, "the feed names no webhooks' events");
  assert.equal(verdictOf(blank(ref), { ...webhook, event: null }, now), undefined);
  assert.equal(verdictOf(blank(ref), note("app", "e"), now), undefined);
  assert.deepEqual(verdictOf(rowAfter(webhook), webhook, now), { kind: "repeats" });
  assert.equal(verdictOf(rowAfter(webhook), webhook, T), undefined, "one request names a resource twice");
  assert.equal(verdictOf(rowAfter(webhook), note("poll", "e", judged), now), undefined);
  const both = rowAfter(webhook, note("poll", "e", judged));
  assert.deepEqual(verdictOf(both, webhook, now), { kind: "repeats" }, "the feed names what came before");
  const late = { kind: "late", named: T, judged: true };
  assert.deepEqual(verdictOf(rowAfter(note("poll", "e", judged)), webhook, now), late);
  assert.deepEqual(verdictOf(rowAfter(note("poll", "e")), webhook, now), { ...late, judged: false });
  const again = [note("poll", "e", judged), note("poll", "e", judged)];
  assert.deepEqual(verdictOf(rowAfter(...again), webhook, now), late, "the feed repeats itself");
  assert.deepEqual(verdictOf(rowAfter(...again, webhook), webhook, now), { kind: "repeats" });
});

test("a full row: what happened after the oldest that it remembers was told cannot have been forgotten", () => {
  const full = rowAfter(...Array.from({ length: CAUSES }, (_, i) => note("webhook", `e${i}`)));
  const verdict = (at: number | null) => verdictOf(full, note("poll", "x", { judged: true, at }), T + 60e6)?.kind;
  assert.deepEqual([verdict(T / 1_000 + 1), verdict(T / 1_000), verdict(null)], ["named", "unsure", "unsure"]);
  const sure = put(full, note("poll", "x", { judged: true, at: T / 1_000 + 1 }), T + 60e6, T + 60e6);
  const unsure = put(full, note("poll", "x", { judged: true }), T + 60e6, T + 60e6);
  assert.deepEqual([sure.causes.at(-1)?.awaited, unsure.causes.at(-1)?.awaited], ["judged", "named"]);
});

test("forgotten is an event whose webhook is awaited and may be lost, when it is pushed out of a full row", () => {
  const others = Array.from({ length: CAUSES - 1 }, (_, i) => note("webhook", `e${i}`));
  const pushed = (first: Note, last: Note) => {
    const row = rowAfter(first, ...others);
    return forgotten(row, put(row, last, T + 60e6, T + 60e6))?.id;
  };
  const next = note("webhook", "next");
  assert.equal(pushed(note("poll", "x", { judged: true }), next), "x");
  assert.equal(pushed(note("poll", "x"), next), undefined);
  assert.equal(pushed(note("webhook", "x"), next), undefined);
  assert.equal(pushed(note("poll", "x", { judged: true }), note("webhook", "x")), undefined, "its webhook came");
  assert.equal(pushed(note("poll", "x", { judged: true }), note("poll", "e3")), undefined, "nothing was pushed out");
});

test("a webhook of an event that a feed named makes nothing dirty, and leaves the rest of the row as it is", () => {
  const named = { ...rowAfter(note("poll", "a", { judged: true }), note("poll", "e", { judged: true })), due: null };
  const row = put(named, note("webhook", "e"), T + 60e6, T + 60e6);
  assert.deepEqual({ ...row, causes: [] }, { ...named, causes: [] });
  assert.deepEqual(
    row.causes.map(({ awaited }) => awaited),
    ["judged", undefined],
  );
  assert.deepEqual(
    row.causes.map(({ tick }) => tick),
    [T, T + 1e6],
  );
  assert.equal(put(row, note("webhook", "e"), T + 61e6, T + 61e6), row);
});

test("causes and notes come out of their texts as they went in", () => {
  const kinds = [undefined, "named", "judged"] as const;
  const causes = kinds.flatMap((awaited) =>
    [true, false].map((used) => ({ id: "e", name: "n", at: 1, tick: T, used, ...(awaited && { awaited }) })),
  );
  assert.deepEqual(causesFromText(causesToText(causes)), causes);
  for (const one of [note("poll", "e", { judged: true }), note("poll", "e", { at: 5 }), note("webhook", "e")]) {
    assert.deepEqual(notesOf(`[${textOf(one, T)}]`), [{ ...one, tick: T }]);
  }
});
