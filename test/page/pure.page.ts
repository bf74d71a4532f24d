/** The parts of the page that decide something, without a browser. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { changedFields, differences, MOST, pathText } from "../../inspector/src/diff.ts";
import { createEventReader } from "../../inspector/src/events.ts";
import { find } from "../../inspector/src/find.ts";
import { keyReader } from "../../inspector/src/keys.ts";
import { lossWords, shareOf, summaries } from "../../inspector/src/providers.ts";
import { remember } from "../../inspector/src/recent.ts";
import { linkTo, resourceLink, routeOf } from "../../inspector/src/route.ts";
import { seriesOf } from "../../inspector/src/series.ts";
import { chosenTypes } from "../../inspector/src/types.ts";
import type { Health, LossHour, TypeHealth } from "../../inspector/src/wire.ts";
import { away, clock, due, lateness, percent, span } from "../../inspector/src/words.ts";
import { payloads } from "./payloads.ts";

suite("differences", () => {
  const told = (before: unknown, after: unknown) =>
    differences(before, after).map(({ path, before, after }) => [pathText(path), before, after]);

  test("field by field, as deep as it goes; what is gone comes last", () => {
    const before = { a: 1, lines: [{ n: 1 }, { n: 2 }], gone: null, same: { x: [1] } };
    const after = { a: "1", lines: [{ n: 1 }, { n: 3 }, { n: 4 }], same: { x: [1] }, "a.b": true };
    assert.deepEqual(told(before, after), [
      ["a", 1, "1"],
      ["lines[1].n", 2, 3],
      ["lines[2]", undefined, { n: 4 }],
      ['["a.b"]', undefined, true],
      ["gone", null, undefined],
    ]);
  });

  test("a list that became empty, or another kind of value, is one difference", () => {
    assert.deepEqual(told({ a: [1, 2] }, { a: [] }), [["a", [1, 2], []]]);
    assert.deepEqual(told({ a: [1] }, { a: { 0: 1 } }), [["a", [1], { 0: 1 }]]);
    assert.deepEqual(told({ a: {} }, { a: [] }), [["a", {}, []]]);
    assert.deepEqual(told({ a: {} }, { a: {} }), []);
    assert.deepEqual(told({ a: { b: 1 } }, { a: null }), [["a", { b: 1 }, null]]);
  });

  test("keys of a state are names and nothing else, and there is an end to it", () => {
    const odd = JSON.parse('{"id": 1, "__proto__": {"x": 1}, "constructor": 2}');
    const paths = told({ id: 1 }, odd).map(([path]) => path);
    assert.deepEqual(paths, ["__proto__", "constructor"]);
    const wide = Object.fromEntries(Array.from({ length: 2 * MOST }, (_, n) => [`f${n}`, n]));
    assert.equal(differences({ id: 1 }, { id: 1, ...wide }).length, MOST);
  });

  test("in a few words: the fields, and last those that change with everything", () => {
    assert.deepEqual(changedFields({ updated_at: 1, a: { b: 1 } }, { updated_at: 2, a: { b: 2, c: 3 } }), [
      "a",
      "updated_at",
    ]);
  });
});

suite("addresses", () => {
  test("whatever a resource is called, its address leads to it and to nothing else", () => {
    for (const id of [...payloads(), "a/b", "a?b#c", "100 %", "ä", ""]) {
      for (const scope of ["", "acme/app", id]) {
        const route = routeOf(resourceLink({ type: "desk.note", scope, id }));
        assert.deepEqual([route.view, route.parts, route.query["scope"] ?? ""], ["resource", ["desk.note", id], scope]);
      }
    }
  });

  test("what is empty is left out; what cannot be read is taken as it is", () => {
    assert.equal(linkTo("overview"), "#/");
    assert.equal(linkTo("changes", [], { type: "", scope: "a b" }), "#/changes?scope=a+b");
    assert.deepEqual(routeOf(""), { view: "overview", parts: [], query: {} });
    assert.deepEqual(routeOf("#/resource/%E0%A4%A/x").parts, ["%E0%A4%A", "x"]);
  });
});

test("a stream is read however it is cut into pieces", () => {
  const text = ':\n\nid: 1\ndata: {"a":"b"}\n\nid: 2\n\nevent: lost\ndata: {"error":"x"}\n\n';
  const whole = [
    { event: "message", data: null, id: null },
    { event: "message", data: '{"a":"b"}', id: "1" },
    { event: "message", data: null, id: "2" },
    { event: "lost", data: '{"error":"x"}', id: "2" },
  ];
  for (let size = 1; size <= text.length; size++) {
    const read = createEventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...read(text.slice(at, at + size)));
    assert.deepEqual(events, whole, `pieces of ${size}`);
  }
});

suite("keys", () => {
  const press = (read: ReturnType<typeof keyReader>, key: string, more: object = {}) =>
    read({ key, ctrlKey: false, metaKey: false, altKey: false, target: null, timeStamp: 0, ...more });
  const reader = () => keyReader([["c", "changes"]]);

  test("g and a letter, soon after it, is a view", () => {
    const read = reader();
    assert.equal(press(read, "c"), undefined);
    press(read, "g");
    assert.deepEqual(press(read, "c", { timeStamp: 1_000 }), { do: "go", view: "changes" });
    press(read, "g");
    assert.equal(press(read, "c", { timeStamp: 2_000 }), undefined);
  });

  test("the browser's own keys, and what is written in a field, are left alone", () => {
    const read = reader();
    const field = { closest: (selector: string) => (selector.includes("input") ? {} : null) };
    assert.equal(press(read, "/", { target: field }), undefined);
    assert.deepEqual(press(read, "/"), { do: "search" });
    for (const held of ["ctrlKey", "metaKey", "altKey"])
      assert.equal(press(read, "/", { [held]: true }), undefined, held);
  });
});

test("a search means a resource, what was seen lately, or a type", () => {
  const types = ["stripe.invoice", "stripe.customer", "github.issue"];
  remember([{ type: "stripe.invoice", scope: "acct", id: "in_77" }]);
  const links = (text: string) => find(text, types).map(({ link }) => link);
  assert.deepEqual(links("github.issue acme/app 7"), ["#/resource/github.issue/7?scope=acme%2Fapp"]);
  assert.deepEqual(links("stripe.invoice in_9"), ["#/resource/stripe.invoice/in_9"]);
  assert.deepEqual(links("IN_7"), ["#/resource/stripe.invoice/in_77?scope=acct"]);
  assert.deepEqual(links("github"), ["#/resources?type=github.issue"]);
  assert.deepEqual(links("stripe.nothing in_9"), []);
  assert.deepEqual(links("  "), []);
});

suite("providers", () => {
  const rates = {
    found: { webhook: 0, poll: 0, sweep: 0 },
    came: 6,
    late: 3,
    repeats: 0,
    lost: 1,
    awaited: 5,
    unsure: 0,
  };
  const known = { ...rates, rate: 0.1, lag: null, lateness: null };
  const loss = (type: string, scope: string | null, some = known) => ({
    type,
    scope,
    hour: some,
    day: some,
    week: some,
  });

  test("what was lost is a part of what should have come by now, all scopes together, once", () => {
    assert.deepEqual(shareOf([loss("a.x", null)], "hour"), { lost: 1, late: 3, events: 10, known: true });
    assert.equal(shareOf([loss("a.x", null, { ...known, rate: null as never })], "hour").known, false);
    assert.equal(lossWords(shareOf([loss("a.x", null)], "week")), "none in 7 days");
    assert.match(lossWords(shareOf([], "week")), /^not known/);
  });

  test("each provider is told by its own types; those that fail come first", () => {
    const type = (name: string, some: Partial<TypeHealth>) => ({
      type: name,
      scope: "",
      live: 1,
      dirty: 0,
      failing: 0,
      oldest: null,
      lastWebhook: null,
      sweep: null,
      ...some,
    });
    const health = {
      types: [
        type("a.x", { live: 2, lastWebhook: "2026-01-01T00:00:00Z" }),
        type("a.y", { lastWebhook: "2026-01-02T00:00:00Z" }),
        type("ab.x", { failing: 1, dirty: 2, oldest: "2026-01-01T00:00:00Z" }),
      ],
      losses: [loss("a.x", null), loss("a.x", "one"), loss("ab.x", null)],
      paused: [{ provider: "a", scope: "one", since: "2026-01-01T00:00:00Z" }],
    } as unknown as Health;
    const [first, second] = summaries(["a", "ab"], health);
    assert.deepEqual([first?.key, first?.failing, first?.dirty, first?.paused], ["ab", 1, 2, null]);
    assert.deepEqual(
      [second?.key, second?.live, second?.lastWebhook, second?.loss.day.lost],
      ["a", 3, "2026-01-02T00:00:00Z", 1],
    );
    assert.equal(second?.paused?.scopes, 1);
  });

  test("types: the worst first, narrowed by provider, type and a part of the scope", () => {
    const types = [
      { type: "a.x", scope: "One", failing: 0, dirty: 9, live: 1, lastSweep: "2026-01-01T00:00:00Z" },
      { type: "a.x", scope: "two", failing: 1, dirty: 0, live: 5, lastSweep: null },
      { type: "b.x", scope: "one", failing: 0, dirty: 0, live: 9, lastSweep: "2025-01-01T00:00:00Z" },
    ] as unknown as TypeHealth[];
    const scopes = (chosen: object) => chosenTypes(types, chosen).map(({ scope }) => scope);
    assert.deepEqual(scopes({}), ["two", "One", "one"]);
    assert.deepEqual(scopes({ scope: "ONE" }), ["One", "one"]);
    assert.deepEqual(scopes({ provider: "a", scope: "one" }), ["One"]);
    assert.deepEqual(scopes({ sort: "live" }), ["one", "two", "One"]);
    assert.deepEqual(scopes({ sort: "swept" }), ["two", "one", "One"]);
    assert.deepEqual(scopes({ sort: "constructor" }), ["two", "One", "one"]);
  });
});

test("hours in which nothing was counted are there, too; what is older is not", () => {
  const now = Date.parse("2026-03-08T12:30:00Z");
  const hour = (at: string, type: string, lost: number): LossHour =>
    ({ hour: at, type, lost, late: 0, unsure: 0, webhook: 0, poll: 0, sweep: 0 }) as never;
  const all = [
    hour("2026-03-08T12:00:00Z", "a.x", 1),
    hour("2026-03-08T12:00:00Z", "a.y", 2),
    hour("2026-03-08T12:00:00Z", "b.x", 9),
    hour("2026-03-01T13:00:00Z", "a.x", 4),
    hour("2026-03-01T12:00:00Z", "a.x", 8),
  ];
  const { hours, counts } = seriesOf(all, (type) => type.startsWith("a."), now);
  assert.deepEqual([hours.length, counts.lost.at(-1), counts.lost[0], counts.lost[1]], [168, 3, 4, 0]);
  assert.equal(Object.keys(counts.lost).length, 168);
  assert.equal(hours.at(-1), Date.parse("2026-03-08T12:00:00Z") / 1_000);
});

test("numbers and times as people read them", () => {
  const now = Date.parse("2026-03-08T12:00:00Z");
  const at = (ms: number) => new Date(now + ms).toISOString();
  assert.deepEqual([0, 340, 1_500, 59_400, 90_000, 7_200_000, 400_000_000].map(span), [
    "0 ms",
    "340 ms",
    "1.5 s",
    "59 s",
    "1.5 min",
    "2 h",
    "4.6 d",
  ]);
  assert.deepEqual(
    [at(-90_000), at(90_000), at(100), null].map((one) => away(one, now)),
    ["1.5 min ago", "in 1.5 min", "now", "never"],
  );
  assert.deepEqual(
    [at(-90_000), at(90_000), at(-500)].map((one) => due(one, now)),
    ["1.5 min over", "in 1.5 min", "now"],
  );
  assert.deepEqual([0, 1, 0.1234, 0.00456, 0.00001, 0.999].map(percent), [
    "0 %",
    "100 %",
    "12 %",
    "0.456 %",
    "< 0.01 %",
    "99.9 %",
  ]);
  assert.match(clock(at(-86_400_000 * 3), now), /^5 Mar \d\d:\d\d:\d\d$/);
  const cause = (ms: number) => ({ id: "e", name: "n", at: at(ms) });
  assert.equal(lateness({ at: at(0), causes: [cause(-9_000), cause(-2_000), { id: "e", name: "n" }] }), 2_000);
  assert.equal(lateness({ at: at(0), causes: [{ id: "e", name: "n" }] }), undefined);
});
