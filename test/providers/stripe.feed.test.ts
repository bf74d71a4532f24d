/** The feed over Stripe's events, with the real client, against a server of our own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, createSync, type Feed, type Time } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { fakeContext } from "./context.ts";
import { idleClient, type Json, json, list, missing, type Route, refsOf, SECRET, serve, sign } from "./stripe.kit.ts";

type Clock = { s: number };
interface StripeEvent extends Json {
  id: string;
  created: number;
}

const eventAt = (created: number, id = `evt_${created}`, customer = `cus_${created}`): StripeEvent => {
  const object = { object: "customer", id: customer };
  return { id, object: "event", type: "customer.updated", created, data: { object } };
};

/** Stripe's log of events: newest first, by window and cursor. Notes what it was asked. */
function eventLog(events: StripeEvent[], asked: string[]): Route {
  return ({ pathname, searchParams: query }, response) => {
    assert.equal(pathname, "/v1/events");
    assert.equal(query.get("limit"), "100");
    const [from, upTo] = [Number(query.get("created[gte]")), Number(query.get("created[lte]"))];
    const after = query.get("starting_after");
    asked.push(`${from}-${upTo}${after === null ? "" : ` after ${after}`}`);
    const all = events
      .filter(({ created }) => created >= from && created <= upTo)
      .sort((a, b) => b.created - a.created);
    const begin = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    if (after !== null && begin === 0) return json(response, 400, missing("starting_after"));
    list(response, all.slice(begin, begin + 100), all.length > begin + 100);
  };
}

const feedOf = (client: typeof idleClient): Feed => {
  const feed = stripe({ client, webhookSecret: SECRET }).feeds?.["events"];
  assert.ok(feed);
  return feed;
};

/** Asks as the engine does: again at once while the cursor moves and hints come. */
async function pollAll(feed: Feed, begin: string | null, clock: Clock) {
  const refs: string[] = [];
  let cursor = begin;
  for (let turns = 1; ; turns++) {
    const answer = await feed.poll(cursor, fakeContext({ now: () => clock.s * 1_000 }));
    refs.push(...refsOf(answer.hints));
    if (answer.cursor === cursor || answer.hints.length === 0) return { refs, cursor: answer.cursor, turns };
    assert.ok(turns < 100, "a feed that never ends");
    cursor = answer.cursor;
  }
}

test("the feed declares what Stripe bears and keeps", () => {
  const { types, every, horizon } = feedOf(idleClient);
  assert.deepEqual([types.length, every], [26, 360_000]);
  const common = { client: idleClient, webhookSecret: SECRET };
  assert.equal(stripe({ ...common, pollEvery: 5 }).feeds?.["events"]?.every, 5);
  assert.equal(stripe({ ...common, accounts: ["acct_1"] }).feeds?.["events"]?.every, 3_600_000);
  assert.equal(stripe({ ...common, accounts: ["acct_1"], pollEvery: 5 }).feeds?.["events"]?.every, 5);
  assert.ok(horizon && horizon < 30 * 86_400_000 && horizon > 29 * 86_400_000);
});

test("it begins with the last minutes, reads only what has settled, and some of it again", async (t) => {
  const asked: string[] = [];
  const events = [eventAt(999_300), eventAt(999_500), eventAt(999_970)];
  const feed = feedOf(await serve(t, eventLog(events, asked)));
  const clock = { s: 1_000_000 };
  const first = await pollAll(feed, null, clock);
  assert.deepEqual(first.refs, ["customer cus_999500"]);
  assert.equal(first.cursor, JSON.stringify({ created: 999_940 }));
  clock.s = 1_000_300;
  // One that appears late, behind what was read.
  events.push(eventAt(999_930));
  const second = await pollAll(feed, first.cursor, clock);
  assert.deepEqual(second.refs, ["customer cus_999500", "customer cus_999930", "customer cus_999970"]);
  assert.deepEqual(asked, ["999340-999940", "999340-1000240"]);
});

test("hints are oldest first and name their events", async (t) => {
  const feed = feedOf(await serve(t, eventLog([eventAt(999_800), eventAt(999_700), eventAt(999_900)], [])));
  const { hints } = await feed.poll(null, fakeContext({ now: () => 1_000_000_000 }));
  const hint = (created: number) => ({
    ...{ type: "customer", id: `cus_${created}` },
    event: { id: `evt_${created}`, name: "customer.updated", at: new Date(created * 1_000) },
  });
  assert.deepEqual(hints, [hint(999_700), hint(999_800), hint(999_900)]);
});

test("it has caught up within one window, however long a poll takes", async (t) => {
  const asked: string[] = [];
  const clock = { s: 1_000_000 };
  const log = eventLog([eventAt(999_900)], asked);
  const client = await serve(t, (url, ...rest) => {
    clock.s += 5;
    log(url, ...rest);
  });
  const { turns } = await pollAll(feedOf(client), null, clock);
  assert.deepEqual([turns, asked.length], [2, 1]);
});

test("a long outage is caught up in pieces: the window is over when its last page was read", async (t) => {
  const asked: string[] = [];
  const events = Array.from({ length: 2_345 }, (_, i) => eventAt(990_000 + i));
  const feed = feedOf(await serve(t, eventLog(events, asked)));
  const clock = { s: 1_000_000 };
  const begin = JSON.stringify({ created: 990_000 });

  const piece = await feed.poll(begin, fakeContext({ now: () => clock.s * 1_000 }));
  assert.equal(piece.hints.length, 1_000);
  assert.deepEqual(JSON.parse(piece.cursor ?? ""), {
    created: 990_000,
    window: { upTo: 999_940, after: "evt_991345" },
  });
  clock.s += 1_000;
  const { refs, cursor } = await pollAll(feed, piece.cursor, clock);
  assert.equal(new Set([...refs, ...refsOf(piece.hints)]).size, 2_345);
  assert.ok(
    asked.slice(0, 24).every((window) => window.startsWith("989400-999940")),
    "one window, though time goes on",
  );
  assert.deepEqual(JSON.parse(cursor ?? ""), { created: 1_000_940 });
});

test("the window begins anew when the event at its cursor has left Stripe's memory", async (t) => {
  const asked: string[] = [];
  const feed = feedOf(await serve(t, eventLog([eventAt(999_500)], asked)));
  const cursor = JSON.stringify({ created: 999_000, window: { upTo: 999_940, after: "evt_forgotten" } });
  const answer = await feed.poll(cursor, fakeContext({ now: () => 1_000_000_000 }));
  assert.deepEqual(refsOf(answer.hints), ["customer cus_999500"]);
  assert.equal(answer.cursor, JSON.stringify({ created: 999_940 }));
  assert.deepEqual(asked, ["998400-999940 after evt_forgotten", "998400-999940"]);
});

test("of each resource the newest 16 events are named, as many as are remembered", async (t) => {
  const busy = Array.from({ length: 40 }, (_, i) => eventAt(999_600 + i, `evt_${i}`, "cus_busy"));
  const feed = feedOf(await serve(t, eventLog([...busy, eventAt(999_500)], [])));
  const { hints } = await feed.poll(null, fakeContext({ now: () => 1_000_000_000 }));
  const ids = hints.map(({ event }) => event?.id);
  assert.deepEqual(ids, ["evt_999500", ...Array.from({ length: 16 }, (_, i) => `evt_${24 + i}`)]);
});

test("events of types that were not selected, and of connected accounts, are passed over", async (t) => {
  const other = { ...eventAt(999_800), type: "balance.available", data: { object: { object: "balance" } } };
  const foreign = { ...eventAt(999_700), account: "acct_1" };
  const feed = feedOf(await serve(t, eventLog([other, foreign], [])));
  const answer = await feed.poll(null, fakeContext({ now: () => 1_000_000_000 }));
  assert.deepEqual(answer, { hints: [], cursor: JSON.stringify({ created: 999_940 }) });
});

test("a failure in the middle moves nothing", async (t) => {
  const events = Array.from({ length: 150 }, (_, i) => eventAt(999_500 + i));
  const log = eventLog(events, []);
  const client = await serve(t, (url, response, request) => {
    if (url.searchParams.has("starting_after")) json(response, 500, { error: { type: "api_error" } });
    else log(url, response, request);
  });
  await assert.rejects(async () => feedOf(client).poll(null, fakeContext({ now: () => 1_000_000_000 })), {
    statusCode: 500,
  });
});

test("a server without an event log has no feed, however it says so; a key that may not read it is told", async (t) => {
  type Answer = readonly [number, unknown];
  let answer: Answer = [404, {}];
  const client = await serve(t, (_, response) => json(response, ...answer));
  const feed = feedOf(client);
  const absences: Answer[] = [
    [404, { error: { type: "invalid_request_error", message: "Unrecognized request URL" } }],
    [404, { message: "Not Found" }],
  ];
  for (answer of absences) {
    assert.deepEqual(await feed.poll(null, fakeContext()), { hints: [], cursor: null });
    const cursor = JSON.stringify({ created: 5 });
    assert.deepEqual(await feed.poll(cursor, fakeContext()), { hints: [], cursor });
  }
  for (const status of [401, 403]) {
    answer = [status, { error: { type: "invalid_request_error" } }];
    await assert.rejects(async () => feed.poll(null, fakeContext()), AccessLost);
  }
  const failures: Answer[] = [
    [200, { message: "Hello" }],
    [503, { message: "Busy" }],
    [200, { object: "list", data: [{ id: "evt_1" }], has_more: false }],
  ];
  for (answer of failures) {
    await assert.rejects(
      async () => feed.poll(null, fakeContext()),
      (error) => !(error instanceof AccessLost),
    );
  }
});

test("with the engine: a webhook that never came is found by the next poll, one that came costs nothing more", async (t) => {
  let shift = 0;
  const time: Time = {
    now: () => Date.now() + shift,
    random: Math.random,
    after(ms, run) {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  };
  const seconds = () => Math.floor(time.now() / 1_000);
  const events: StripeEvent[] = [];
  const states = new Map<string, Json>();
  const fetched: string[] = [];
  const log = eventLog(events, []);
  const client = await serve(t, (url, response, request) => {
    if (url.pathname === "/v1/events") return log(url, response, request);
    const id = url.pathname.split("/")[3] ?? "";
    fetched.push(id);
    json(response, 200, states.get(id));
  });
  const provider = stripe({ client, webhookSecret: SECRET, types: ["customer"], backfill: "none" });
  const sync = createSync({ providers: { stripe: provider }, store: sqlite(":memory:", { time }), time });
  t.after(() => sync.stop());
  await sync.drain();
  assert.deepEqual(fetched, []);

  states.set("cus_1", { object: "customer", id: "cus_1", name: "Ann" });
  events.push(eventAt(seconds(), "evt_1", "cus_1"));
  shift += 400_000;
  await sync.drain();
  assert.deepEqual(fetched, ["cus_1"]);

  states.set("cus_2", { object: "customer", id: "cus_2", name: "Bob" });
  const told = eventAt(seconds(), "evt_2", "cus_2");
  const body = JSON.stringify(told);
  const headers = { "stripe-signature": sign(body, SECRET, seconds()) };
  await sync.webhook("stripe", new Request("http://x/", { method: "POST", body, headers }));
  await sync.drain();
  assert.deepEqual(fetched, ["cus_1", "cus_2"]);
  events.push(told);
  shift += 400_000;
  await sync.drain();
  assert.deepEqual(fetched, ["cus_1", "cus_2"], "both events were seen again, and recognised");

  const changes = [];
  for await (const { id, after, via, causes } of sync.changes({ follow: false })) {
    changes.push({ after, via, causes: causes.map(({ id }) => id), id });
  }
  assert.deepEqual(changes, [
    { id: "cus_1", after: states.get("cus_1"), via: "poll", causes: ["evt_1"] },
    { id: "cus_2", after: states.get("cus_2"), via: "webhook", causes: ["evt_2"] },
  ]);
});
