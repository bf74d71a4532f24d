/** Feeds by description: what was updated since a time, and a log of events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed } from "tidemark";
import type { LogOptions, UpdatesOptions } from "tidemark/rest";
import { context, NOW, over } from "./rest.kit.ts";

type Row = { id: string; updated_at: string };
const iso = (ms: number): string => new Date(ms).toISOString();
const row = (id: number, ago: number): Row => ({ id: String(id), updated_at: iso(NOW - ago) });
const MINUTE = 60_000;

/** A feed of updates over rows that a service has, a page of three at a time; those `after` ms later than it is asked. */
function updating(rows: () => Row[], updates: Partial<UpdatesOptions> = {}, after = 0) {
  const answer = (url: URL) => {
    const since = Date.parse(url.searchParams.get("since") ?? "");
    const at = Number(url.searchParams.get("skip") ?? 0);
    return {
      data: rows()
        .filter(({ updated_at }) => Date.parse(updated_at) >= since + after)
        .slice(at, at + 3),
    };
  };
  const list = { path: "things", rows: "data", paging: { by: "offset", param: "skip" } } as const;
  const { provider, asked } = over(answer, {
    ...{ list, version: { time: "updated_at" }, updates: { param: "since", ...updates } },
  });
  return { feed: provider.feeds?.["thing updates"] as Feed, asked };
}

/** Polls as the engine does: again at once while the cursor moves and hints come. */
async function drain(feed: Feed, cursor: string | null, now = NOW, between = () => {}) {
  const ids: string[] = [];
  const events: string[] = [];
  let gap = false;
  for (let turn = 0; turn < 50; turn++) {
    const answer = await feed.poll(cursor, context({ now: () => now }));
    gap ||= answer.gap === true;
    ids.push(...answer.hints.map(({ id }) => id ?? ""));
    events.push(...answer.hints.map(({ event }) => event?.id ?? ""));
    if (answer.cursor === cursor || answer.hints.length === 0) return { ids, events, gap, cursor: answer.cursor };
    cursor = answer.cursor;
    between();
  }
  throw new Error("the feed does not come to an end");
}

test("a feed asks from a little before the last time on, and its repeats have the same name", async () => {
  const rows: Row[] = [row(1, 10 * MINUTE)];
  const { feed, asked } = updating(() => rows, { query: { sort: "updated_at" }, every: 5 });
  assert.deepEqual([feed.types, feed.every], [["thing"], 5]);
  const first = await drain(feed, null);
  assert.deepEqual(first.ids, []);
  assert.equal(
    asked[0]?.url,
    `https://api.example.com/v1/things?sort=updated_at&since=${encodeURIComponent(iso(NOW - 5 * MINUTE))}`,
  );
  rows.push(row(2, 2 * MINUTE), row(3, 4 * MINUTE));
  const second = await drain(feed, first.cursor);
  assert.deepEqual([...new Set(second.ids)].sort(), ["2", "3"]);
  assert.equal(new Set(second.events).size, 2);
  const third = await drain(feed, second.cursor);
  assert.deepEqual(
    third.events.filter((name) => !second.events.includes(name)),
    [],
  );
});

test("what is fresh is looked at once more, because it may change within its own second", async () => {
  const { feed } = updating(() => [row(1, 0)]);
  const [fresh] = (await drain(feed, null)).events;
  const [later] = (await drain(feed, null, NOW + 2 * MINUTE)).events;
  const [last] = (await drain(feed, null, NOW + 3 * MINUTE)).events;
  assert.notEqual(fresh, later);
  assert.equal(later, last);
});

test("times are asked for as the service writes them", async () => {
  for (const [format, expected] of [
    ["iso", iso(NOW - 5 * MINUTE)],
    ["s", "1795262100"],
    ["ms", "1795262100000"],
  ] as const) {
    const { feed, asked } = updating(() => [], { format });
    await drain(feed, null);
    assert.equal(new URL(asked[0]?.url ?? "").searchParams.get("since"), expected);
  }
});

test("all pages are read, a poll each, and only then the time moves on", async () => {
  const rows = Array.from({ length: 10 }, (_, i) => row(i, 100_000 - i * 1_000));
  const { feed } = updating(() => rows.toReversed());
  const first = await feed.poll(null, context());
  assert.equal(first.hints.length, 3);
  const rest = await drain(feed, first.cursor);
  assert.deepEqual(new Set([...first.hints.map(({ id }) => id), ...rest.ids]), new Set(rows.map(({ id }) => id)));
});

test("more pages within the overlap than one do not have the feed begin anew for ever", async () => {
  const rows = Array.from({ length: 7 }, (_, i) => row(i, 100_000));
  const feed = over(
    (url) => {
      const at = Number(url.searchParams.get("at") ?? 0);
      return { data: rows.slice(at, at + 3), ...(at + 3 < rows.length && { next: `things?at=${at + 3}` }) };
    },
    {
      list: { path: "things", rows: "data", paging: { by: "url", next: "next" } },
      ...{ version: { time: "updated_at" }, updates: { param: "since" } },
    },
  ).provider.feeds?.["thing updates"] as Feed;
  const first = await drain(feed, null);
  assert.equal(first.ids.length, 7);
  rows.push(row(8, 90_000));
  assert.ok((await drain(feed, first.cursor, NOW + 5 * MINUTE)).ids.includes("8"), "the next poll is no empty one");
});

test("a place that the service no longer knows begins the pass anew; one that it never takes is an error", async () => {
  let session = 1;
  let refused = 404;
  const rows = Array.from({ length: 5 }, (_, i) => row(i, 100_000));
  const { provider, asked } = over(
    ({ searchParams }) => {
      const [of, at] = (searchParams.get("cursor") ?? `${session}:0`).split(":").map(Number) as [number, number];
      if (of !== session) return new Response("{}", { status: refused });
      return { data: rows.slice(at, at + 3), ...(at + 3 < rows.length && { next: `${of}:${at + 3}` }) };
    },
    {
      list: { path: "things", rows: "data", paging: { by: "cursor", next: "next", param: "cursor" } },
      ...{ version: { time: "updated_at" }, updates: { param: "since" } },
    },
  );
  const feed = provider.feeds?.["thing updates"] as Feed;
  const begun = await feed.poll(null, context());
  session = 2;
  for (refused of [400, 404, 410, 422]) {
    const { ids } = await drain(feed, begun.cursor, NOW + 60 * MINUTE);
    assert.deepEqual(new Set(ids), new Set(rows.map(({ id }) => id)));
    assert.equal(asked.at(-2)?.url.includes(encodeURIComponent(iso(NOW - 5 * MINUTE))), true, "from the same time on");
  }
  refused = 500;
  const late = context({ now: () => NOW + 60 * MINUTE });
  await assert.rejects(async () => feed.poll(begun.cursor, late), { status: 500 }, "a failure forgets no place");
  refused = 404;
  await assert.rejects(
    async () => feed.poll(begun.cursor, context()),
    { status: 404 },
    "nor does a place get lost at once",
  );
  const never = over(
    ({ searchParams }) => (searchParams.has("page") ? new Response("{}", { status: 400 }) : { data: rows }),
    {
      list: { path: "things", rows: "data", paging: { by: "page", param: "page" } },
      ...{ version: { time: "updated_at" }, updates: { param: "since" } },
    },
  ).provider.feeds?.["thing updates"] as Feed;
  await assert.rejects(drain(never, null), { status: 400 });
});

test("an ascending list loses nothing while its rows move to the end", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    let rows = Array.from({ length: 12 }, (_, i) => row(i, 100_000 - i * 1_000));
    let moved = 0;
    const move = () => {
      if (moved === 8) return;
      const [one] = rows.splice((moved * seed) % 3, 1);
      rows = [...rows, row(Number(one?.id), 50_000 - moved++ * 1_000)];
    };
    const { feed } = updating(() => rows, { ascending: true });
    const { ids } = await drain(feed, null, NOW, move);
    assert.deepEqual(new Set(ids), new Set(rows.map(({ id }) => id)), `seed ${seed}`);
  }
});

test("one instant that fills pages is read by pages", async () => {
  const rows = Array.from({ length: 8 }, (_, i) => row(i, 100_000));
  const { ids } = await drain(updating(() => rows, { ascending: true }).feed, null);
  assert.deepEqual(new Set(ids), new Set(rows.map(({ id }) => id)));
});

test("an ascending list whose service leaves out the time itself loses none of that time", async () => {
  const rows = Array.from({ length: 9 }, (_, i) => row(i, 100_000 - Math.floor(i / 2) * 3_000));
  const { feed } = updating(() => rows, { ascending: true }, 1);
  assert.deepEqual(new Set((await drain(feed, null)).ids), new Set(rows.map(({ id }) => id)));
});

test("a list that is not as it is described is an error", async () => {
  const descending = updating(() => [row(1, 1), row(2, 2), row(3, 3), row(4, 4)], { ascending: true });
  await assert.rejects(drain(descending.feed, null), /updates.ascending }\): the list is not: sort it by query/);
  const timeless = updating(() => [{ ...row(1, 0) }], { time: "at" });
  await assert.rejects(drain(timeless.feed, null), /resources.thing.updates }\): no row has a time at "at"/);
});

test("a row without a time is looked at each time, and holds up nothing", async () => {
  const rows = [row(1, MINUTE), { ...row(2, MINUTE), updated_at: "" }];
  const { provider } = over(() => ({ data: rows }), { version: { time: "updated_at" }, updates: { param: "since" } });
  const { hints } = (await provider.feeds?.["thing updates"]?.poll(null, context())) ?? {};
  assert.deepEqual(
    hints?.map(({ id, event }) => [id, event === undefined]),
    [
      ["1", false],
      ["2", true],
    ],
  );
});

test("an event without a name holds up nothing in a log, and a log without any is described wrongly", async () => {
  const { name, ...nameless } = { ...event(1), name: "", type: "" };
  assert.deepEqual((await drain(logging(() => [nameless, event(2)]).feed, null)).ids, ["t2"]);
  await assert.rejects(drain(logging(() => [nameless]).feed, null), { name: "Mismatch", code: "envelope.name" });
  const swapped = [{ ...event(1), at: iso(NOW + 5_000) }, event(2)];
  assert.deepEqual((await drain(logging(() => swapped).feed, null)).ids, ["t1", "t2"], "times need not be in order");
});

test("a time far ahead of every clock does not stop the feed", async () => {
  const rows = [row(1, -86_400_000)];
  const { feed } = updating(() => rows);
  const { cursor } = await drain(feed, null);
  rows.push(row(2, -MINUTE));
  assert.ok((await drain(feed, cursor, NOW + MINUTE)).ids.includes("2"));
});

const event = (n: number, name = "thing.changed") => ({
  id: `e${String(n).padStart(3, "0")}`,
  type: name,
  at: iso(NOW + n),
  data: { id: `t${n}` },
});

/** A feed over a log, three events a page. */
function logging(events: () => ReturnType<typeof event>[], log: Partial<LogOptions> = {}, deaf = false) {
  const answer = (url: URL) => {
    const after = url.searchParams.get("after") ?? "";
    return { data: (deaf ? events() : events().filter(({ id }) => id > after)).slice(0, 3) };
  };
  const { provider, asked } = over(
    answer,
    {},
    {
      envelope: { name: "type", id: "id", at: "at" },
      events: { "thing.*": { thing: "data.id" } },
      log: { path: "events", rows: "data", after: "after", ...log },
    },
  );
  return { feed: provider.feeds?.["log"] as Feed, asked };
}

test("a log is read from the event after the last one on, and its events are those of webhooks", async () => {
  const events = [event(1), event(2), event(3), event(4, "other")];
  const { feed, asked } = logging(() => events, { since: { param: "from", format: "s" }, horizon: 9, every: 7 });
  assert.deepEqual([feed.types, feed.every, feed.horizon], [["thing"], 7, 9]);
  const first = await drain(feed, null);
  assert.deepEqual(first.ids, ["t1", "t2", "t3"]);
  assert.deepEqual(first.events, ["e001", "e002", "e003"]);
  const queries = asked.map(({ url }) => new URL(url).search);
  assert.deepEqual(queries, ["?from=1795262100", "?after=e003", "?after=e004"]);
  events.push(event(5));
  assert.deepEqual((await drain(feed, first.cursor)).ids, ["t5"]);
});

test("a last event that the service no longer keeps has the log begin anew; one that it never takes is an error", async () => {
  let events = [event(1), event(2)];
  const { provider, asked } = over(
    ({ searchParams }) => {
      const after = searchParams.get("after");
      const begin = after === null ? 0 : events.findIndex(({ id }) => id === after) + 1;
      if (after !== null && begin === 0) return new Response("{}", { status: 404 });
      return { data: events.slice(begin, begin + 3) };
    },
    {},
    {
      envelope: { name: "type", id: "id", at: "at" },
      events: { "thing.*": { thing: "data.id" } },
      log: { path: "events", rows: "data", after: "after", since: { param: "from", format: "ms" } },
    },
  );
  const feed = provider.feeds?.["log"] as Feed;
  const first = await drain(feed, null);
  events = [event(7), event(8)];
  assert.equal(first.gap, false);
  const anew = await drain(feed, first.cursor);
  assert.deepEqual([anew.ids, anew.gap], [["t7", "t8"], true], "what came between is in no answer, and it says so");
  assert.ok(asked.some(({ url }) => url.endsWith(`events?from=${NOW - 5 * MINUTE}`)));
  events = [];
  const none = await drain(feed, first.cursor);
  events = [event(9)];
  assert.deepEqual((await drain(feed, none.cursor)).ids, ["t9"]);
  const never = over(
    ({ searchParams }) => (searchParams.has("after") ? new Response("{}", { status: 400 }) : { data: events }),
    {},
    {
      envelope: { name: "type", id: "id" },
      events: { "thing.*": { thing: "data.id" } },
      log: { path: "events", rows: "data", after: "after" },
    },
  ).provider.feeds?.["log"] as Feed;
  await assert.rejects(drain(never, null), { status: 400 });
});

test("a log in which there was nothing yet is asked from the first poll on", async () => {
  const events: ReturnType<typeof event>[] = [];
  const { feed, asked } = logging(() => events, { since: { param: "from", format: "ms" } });
  const { cursor } = await drain(feed, null);
  await drain(feed, cursor, NOW + 3_600_000);
  assert.deepEqual(new Set(asked.map(({ url }) => new URL(url).search)), new Set([`?from=${NOW - 5 * MINUTE}`]));
});

test("events of no use do not hold up those behind them", async () => {
  const events = Array.from({ length: 80 }, (_, n) => event(n, n < 78 ? "other" : "thing.changed"));
  const { feed } = logging(() => events);
  const first = await feed.poll(null, context());
  assert.deepEqual(first.hints, [], "a poll reads twenty pages");
  assert.deepEqual((await drain(feed, first.cursor)).ids, ["t78", "t79"]);
});

test("a log that does not go on, or begins with the newest, is an error", async () => {
  const events = Array.from({ length: 5 }, (_, n) => event(n));
  await assert.rejects(
    drain(logging(() => events, {}, true).feed, null),
    /log.after }\): it answers what was read: does it take "after"/,
  );
  const apart = events.map((one, n) => ({ ...one, at: iso(NOW + n * 31_000) }));
  await assert.rejects(
    drain(logging(() => apart.toReversed()).feed, null),
    /the newest event comes first: sort it by query/,
  );
  const nameless = logging(() => [{ ...event(1), id: "" }], {}, true);
  await assert.rejects(drain(nameless.feed, null), /log }\): an event has no id at "id"/);
});
