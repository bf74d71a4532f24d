/** The feeds of PayPal: its log of events, disputes and subscriptions by the time of their update. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed } from "tidemark";
import { fakeContext } from "./context.ts";
import { type Json, NOW, notFound, plugin, refsOf, serve } from "./paypal.kit.ts";

const MINUTE = 60_000;
const stamp = (ms: number) => new Date(ms).toISOString();
const eventOf = (id: string, at: number, over: Json = {}): Json => ({
  ...{ id, create_time: stamp(at), event_type: "BILLING.SUBSCRIPTION.UPDATED", resource_type: "subscription" },
  ...{ resource: { id: "I-1" }, ...over },
});

/** A feed of a provider whose API answers with these rows, and what it was asked. */
function feedOf(name: string, rows: (url: URL) => Response | Json[], field = "events") {
  const { fetch, asked } = serve((url) => {
    const answer = rows(url);
    return answer instanceof Response ? answer : Response.json({ [field]: answer, links: [] });
  });
  const feed: Feed | undefined = plugin({ fetch, types: ["subscription", "dispute", "order"] }).feeds?.[name];
  assert.ok(feed);
  const poll = (cursor: string | null, now: number) => feed.poll(cursor, fakeContext({ now: () => now }));
  return { feed, poll, asked };
}

test("each feed is there for its types", () => {
  const named = (types: Parameters<typeof plugin>[0]) => Object.keys(plugin(types).feeds ?? {});
  assert.deepEqual(named({}), ["events", "disputes", "subscriptions"]);
  assert.deepEqual(named({ types: ["order"] }), ["events"]);
  assert.deepEqual(named({ types: ["dispute"] }), ["events", "disputes"]);
  const { feed } = feedOf("events", () => []);
  assert.deepEqual(
    [feed.types, feed.every, feed.horizon],
    [["subscription", "dispute", "order"], 900_000, 29 * 86_400_000],
  );
  assert.equal(plugin({ pollEvery: 20_000 }).feeds?.["events"]?.every, 20_000);
});

test("a window reaches from 70 minutes before the last poll until now; one that is too short waits", async () => {
  const { poll, asked } = feedOf("events", () => []);
  const { cursor } = await poll(null, NOW);
  const window = (n: number) => Object.fromEntries(asked[n]?.searchParams ?? []);
  assert.deepEqual(window(0), { page_size: "50", start_time: stamp(NOW - 70 * MINUTE), end_time: stamp(NOW) });
  assert.deepEqual(await poll(cursor, NOW + 9_999), { hints: [], cursor });
  assert.equal(asked.length, 1);
  await poll(cursor, NOW + 15 * MINUTE);
  assert.deepEqual(window(1), {
    page_size: "50",
    start_time: stamp(NOW - 70 * MINUTE),
    end_time: stamp(NOW + 15 * MINUTE),
  });
});

test("a long window is read in pieces, and what was read is not read again", async () => {
  const { poll, asked } = feedOf("events", ({ searchParams }) => {
    const page = Number(searchParams.get("n") ?? 0);
    const href = `https://api.paypal.com/v1/notifications/webhooks-events?n=${page + 1}`;
    const events = [eventOf(`WH-${page}`, NOW, { resource: { id: `I-${page}` } })];
    return Response.json({ events, links: page < 14 ? [{ rel: "next", href }] : [] });
  });
  const first = await poll(null, NOW);
  assert.equal(asked.length, 10);
  const second = await poll(first.cursor, NOW + 1);
  assert.deepEqual(
    asked.map(({ searchParams }) => Number(searchParams.get("n") ?? 0)),
    Array.from({ length: 15 }, (_, n) => n),
  );
  assert.deepEqual([first, second].flatMap(({ hints }) => hints.map(({ id }) => id)).length, 15);
  assert.deepEqual(JSON.parse(second.cursor ?? ""), { since: NOW, ended: true });
  const third = await poll(second.cursor, NOW + 20_000);
  assert.deepEqual([third.hints, JSON.parse(third.cursor ?? "")], [[], { since: NOW }]);
});

test("a place that PayPal no longer knows begins the window anew", async () => {
  for (const refusal of [() => notFound(), () => new Response("{}", { status: 400 })]) {
    const { poll, asked } = feedOf("events", ({ searchParams }) =>
      searchParams.has("old") ? refusal() : [eventOf("WH-1", NOW)],
    );
    const cursor = JSON.stringify({
      since: NOW - MINUTE,
      window: { until: NOW, next: JSON.stringify({ asked: { old: "1" } }) },
    });
    const { hints, cursor: to } = await poll(cursor, NOW + 5 * MINUTE);
    assert.deepEqual([hints.length, JSON.parse(to ?? "")], [1, { since: NOW, ended: true }]);
    assert.equal(asked[1]?.searchParams.get("start_time"), stamp(NOW - 71 * MINUTE));
  }
  const { poll } = feedOf("events", () => new Response("{}", { status: 400 }));
  await assert.rejects(() => poll(null, NOW));
});

/** Polls as the engine does, ten seconds each: how many until the feed has nothing to add. */
async function pollsOf(poll: ReturnType<typeof feedOf>["poll"], from: string | null, begin: number) {
  for (let at = from, polls = 1, now = begin; polls < 20; polls++, now += 10_000) {
    const answer = await poll(at, now);
    if (answer.cursor === at || answer.hints.length === 0) return { polls, cursor: answer.cursor };
    at = answer.cursor;
  }
  throw new Error("the feed does not come to an end");
}

test("more events within the overlap than one poll reads do not have the feed begin anew for ever", async () => {
  const { poll } = feedOf("events", ({ searchParams }) => {
    const page = Number(searchParams.get("n") ?? 0);
    const href = `https://api.paypal.com/v1/notifications/webhooks-events?n=${page + 1}`;
    return Response.json({ events: [eventOf(`WH-${page}`, NOW)], links: page < 24 ? [{ rel: "next", href }] : [] });
  });
  const first = await pollsOf(poll, null, NOW);
  assert.equal((await pollsOf(poll, first.cursor, NOW + 15 * MINUTE)).polls, 4);
});

test("a page that PayPal never gives does not have the window begin anew for ever", async () => {
  const { poll, asked } = feedOf("events", ({ searchParams }) => {
    const page = Number(searchParams.get("n") ?? 0);
    const href = `https://api.paypal.com/v1/notifications/webhooks-events?n=${page + 1}`;
    if (page === 10) return new Response("{}", { status: 400 });
    return Response.json({ events: [eventOf(`WH-${page}`, NOW)], links: [{ rel: "next", href }] });
  });
  await assert.rejects(() => pollsOf(poll, null, NOW), /no more/);
  assert.equal(asked.length, 11);
});

test("after a pause longer than PayPal looks back, no older time is asked for: it would refuse that for ever", async () => {
  const DAY = 24 * 60 * MINUTE;
  for (const [name, days, field] of [
    ["events", 30, "start_time"],
    ["disputes", 180, "update_time_after"],
  ] as const) {
    const least = (now: number, url: URL) => Date.parse(url.searchParams.get(field) ?? "") >= now - days * DAY;
    const now = NOW + 400 * DAY;
    const { poll } = feedOf(
      name,
      (url) => (least(now, url) ? [] : new Response("{}", { status: 400 })),
      name === "events" ? "events" : "items",
    );
    for (const window of [undefined, { until: NOW + MINUTE, next: JSON.stringify({ asked: { old: "1" } }) }]) {
      const { cursor } = await poll(JSON.stringify({ since: NOW, ...(window && { window }) }), now);
      assert.deepEqual(JSON.parse(cursor ?? ""), { since: now });
    }
  }
});

test("a subscription is looked at again when its event is two minutes old, and when it is an hour old", async () => {
  const { poll } = feedOf("events", () => [
    eventOf("WH-1", NOW),
    eventOf("WH-2", NOW, {
      event_type: "CHECKOUT.ORDER.APPROVED",
      resource_type: "checkout-order",
      resource: { id: "O1" },
    }),
  ]);
  const hintsIn = async (since: number, until: number) => {
    const { hints } = await poll(JSON.stringify({ since: NOW + since }), NOW + until);
    return hints.filter(({ event }) => event === undefined);
  };
  const again = [{ type: "subscription", id: "I-1" }];
  assert.deepEqual(await hintsIn(-MINUTE, 2 * MINUTE - 1), []);
  assert.deepEqual(await hintsIn(-MINUTE, 2 * MINUTE), again);
  assert.deepEqual(await hintsIn(2 * MINUTE, 60 * MINUTE - 1), []);
  assert.deepEqual(await hintsIn(2 * MINUTE, 60 * MINUTE), again);
  assert.deepEqual(await hintsIn(60 * MINUTE, 70 * MINUTE), []);
});

test("an event that is none stops nothing, and of one resource the newest sixteen are named", async () => {
  const many = Array.from({ length: 40 }, (_, n) => eventOf(`WH-${n}`, NOW - n * 1_000));
  const { poll } = feedOf("events", () => [
    { event_type: 5 },
    ...many,
    { id: "x" },
    eventOf("WH-x", NOW, { resource: { id: "I-2" } }),
  ]);
  const { hints } = await poll(null, NOW);
  const named = hints.filter(({ id }) => id === "I-1").map(({ event }) => event?.id);
  assert.deepEqual(new Set(named), new Set(many.slice(0, 16).map(({ id }) => id)));
  assert.ok(refsOf(hints).includes("subscription I-2"));
});

test("disputes are named by the time of their update, so that the overlap repeats nothing", async () => {
  const row = {
    dispute_id: "PP-D-1",
    update_time: "2026-01-02T03:04:05.000Z",
    create_time: "2026-01-01T00:00:00.000Z",
  };
  const { feed, poll, asked } = feedOf("disputes", () => [row, { status: "OPEN" }], "items");
  const { hints } = await poll(null, NOW);
  const at = Date.parse(row.update_time);
  assert.deepEqual(hints, [
    {
      type: "dispute",
      id: "PP-D-1",
      version: at,
      event: { id: `PP-D-1 ${row.update_time}`, name: "dispute updated", at: new Date(at) },
    },
  ]);
  assert.equal(asked[0]?.pathname, "/v1/customer/disputes");
  const window = { page_size: "50", update_time_after: stamp(NOW - 10 * MINUTE), update_time_before: stamp(NOW) };
  assert.deepEqual([Object.fromEntries(asked[0]?.searchParams ?? []), feed.horizon], [window, 179 * 86_400_000]);
});

test("subscriptions are asked for with both ends of the window; without a time one is looked at each time", async () => {
  const rows = [{ id: "I-1", status_update_time: "2026-01-02T03:04:05Z" }, { id: "I-2" }];
  const { poll, asked } = feedOf("subscriptions", () => rows, "subscriptions");
  const { hints } = await poll(null, NOW);
  assert.deepEqual(hints.map(({ id, event }) => `${id} ${event?.id}`).sort(), [
    "I-1 I-1 2026-01-02T03:04:05Z",
    "I-2 undefined",
  ]);
  const both = { status_updated_after: stamp(NOW - 10 * MINUTE), status_updated_before: stamp(NOW) };
  assert.deepEqual(Object.fromEntries(asked[0]?.searchParams ?? []), { ...both, page_size: "20", page: "1" });
});
