/**
 * A Stripe account at hand: the real client, the real plugin and the real store over an API of a few lines. The clock,
 * the order of the webhooks and the moment of every answer are the test's.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { createSync, type SyncOptions } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { handClock } from "../desk.ts";
import { type Json, missing, NOW, SECRET, sign } from "../providers/stripe.kit.ts";

type Name = "customer" | "product" | "charge";
const paths: Record<string, Name> = { customers: "customer", products: "product", charges: "charge" };

export interface Thing extends Json {
  id: string;
  object: Name;
  created: number;
  /** Grows with every change in the account: the order that the stream must keep. */
  metadata: { n: string };
}
export interface StripeEvent extends Json {
  id: string;
  type: string;
  created: number;
  data: { object: Thing };
  /** Seconds: when `/v1/events` begins to show it. */
  visible: number;
}
/** A request that has been answered from the truth, and whose answer is still on its way. */
export interface Gate {
  arrived: Promise<void>;
  open(): void;
}

/** Seconds from one poll to the next, at most. */
export const POLL = 300;
const DAY = 86_400;
/** Seconds for which Stripe keeps events. */
const KEPT = 30 * DAY;

export function openAccount(t: { after(run: () => unknown): void }, { pageSize = 100 } = {}) {
  const clock = handClock(NOW * 1_000);
  const seconds = () => Math.floor(clock.now() / 1_000);
  const folder = mkdtempSync(join(tmpdir(), "tidemark-case-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const things = new Map<string, Thing>();
  const removed = new Map<string, Name>();
  /** Every state there ever was. */
  const ever = new Map<number, Thing>();
  const events: StripeEvent[] = [];
  const asked: string[] = [];
  /** What came back, in the order in which it did. */
  const answers: { path: string; body: Json }[] = [];
  const gates: { match: string; arrive: () => void; opened: Promise<void> }[] = [];
  let count = 0;

  const page = (all: readonly (Json & { id: string })[], query: URLSearchParams, size: number) => {
    const after = query.get("starting_after");
    const begin = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const body = {
      object: "list",
      url: "/",
      data: all.slice(begin, begin + size),
      has_more: all.length > begin + size,
    };
    return { status: 200, body };
  };
  const visibleEvents = (query: URLSearchParams) =>
    events
      .filter(({ created, visible }) => visible <= seconds() && created > seconds() - KEPT)
      .filter(({ created }) => created >= Number(query.get("created[gte]") ?? 0))
      .filter(({ created }) => created <= Number(query.get("created[lte]") ?? Infinity))
      .sort((a, b) => b.created - a.created);

  function respond({ pathname, searchParams: query }: URL): { status: number; body: Json } {
    const [, , path = "", id] = pathname.split("/");
    if (path === "events") return page(visibleEvents(query), query, 100);
    const all = [...things.values()].filter(({ object }) => object === paths[path]);
    if (id === undefined) return page(all.reverse(), query, pageSize);
    const thing = things.get(id);
    if (thing) return { status: 200, body: thing };
    // Stripe still knows a customer that was deleted; a product it knows no more.
    if (removed.get(id) === "customer") return { status: 200, body: { id, object: "customer", deleted: true } };
    return { status: 404, body: missing() };
  }

  async function fetch(input: string | URL | Request): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const path = `${url.pathname}${url.search}`.slice("/v1/".length);
    asked.push(path);
    const { status, body } = respond(url);
    const text = JSON.stringify(body);
    const i = gates.findIndex(({ match }) => path.includes(match));
    const [gate] = i < 0 ? [] : gates.splice(i, 1);
    gate?.arrive();
    await gate?.opened;
    answers.push({ path, body: JSON.parse(text) });
    return new Response(text, { status, headers: { "content-type": "application/json", "request-id": "req_1" } });
  }

  function tell(type: string, object: Thing): StripeEvent {
    const event = { id: `evt_${++count}`, object: "event", type, created: seconds(), visible: seconds() };
    const told = { ...event, data: { object: structuredClone(object) } };
    events.push(told);
    return told;
  }

  const open = (options: Partial<SyncOptions> = {}) => {
    const client = new Stripe("sk_test_x", {
      httpClient: Stripe.createFetchHttpClient(fetch as typeof globalThis.fetch),
      telemetry: false,
    });
    const sync = createSync({
      providers: {
        stripe: stripe({
          client,
          webhookSecret: SECRET,
          types: ["customer", "product", "charge"],
          pollEvery: POLL * 1_000,
        }),
      },
      store: sqlite(join(folder, "case.db"), { time: clock }),
      time: clock,
      sweepEvery: 365 * DAY * 1_000,
      ...options,
    });
    t.after(() => sync.stop());
    const deliver = async (event: Json) => {
      const body = JSON.stringify({ ...event, visible: undefined });
      const headers = { "stripe-signature": sign(body, SECRET, seconds()) };
      return (await sync.webhook("stripe", new Request("http://x/", { method: "POST", body, headers }))).status;
    };
    const recorded = async (id: string) => {
      const name = things.get(id)?.object ?? removed.get(id);
      assert.ok(name, `there never was a ${id}`);
      const entries: { n: number | null; via: string; initial: boolean; state: object | null }[] = [];
      for await (const { after, via, initial } of sync.history(`stripe.${name}`, id)) {
        entries.push({ n: after && Number((after as unknown as Thing).metadata.n), via, initial, state: after });
      }
      return entries;
    };
    return {
      sync,
      deliver,
      drain: () => sync.drain(),
      recorded,
      states: async (id: string) => (await recorded(id)).map(({ n }) => n),
    };
  };
  type Opened = ReturnType<typeof open>;

  return {
    ...{ clock, seconds, events, asked, answers, open },
    later: (s: number) => clock.advance(s * 1_000),
    /** Changes an object. Answers the event, which is not delivered. */
    put(type: string, id: string, fields: Json = {}): StripeEvent {
      const [object = ""] = type.split(".");
      const created = things.get(id)?.created ?? seconds();
      const n = String(++count);
      const thing = { id, object: object as Name, created, metadata: { n }, ...fields };
      things.set(id, { ...thing, ...(object === "product" && { updated: seconds() }) });
      ever.set(Number(n), things.get(id) as Thing);
      return tell(type, things.get(id) as Thing);
    },
    remove(id: string): StripeEvent {
      const thing = things.get(id);
      assert.ok(thing);
      things.delete(id);
      removed.set(id, thing.object);
      return tell(`${thing.object}.deleted`, thing);
    },
    n: (id: string) => Number(things.get(id)?.metadata.n),
    /** The next request whose path holds this is answered now, and its answer arrives when the gate is opened. */
    hold(match: string): Gate {
      const arrived = Promise.withResolvers<void>();
      const opened = Promise.withResolvers<void>();
      gates.push({ match, arrive: () => arrived.resolve(), opened: opened.promise });
      return { arrived: arrived.promise, open: () => opened.resolve() };
    },
    /** What a poller sees that asks for events created after a second. */
    after: (second: number) => visibleEvents(new URLSearchParams()).filter(({ created }) => created > second),
    /** What is recorded is what there is, every state was one of the provider's, and none comes after a newer one. */
    async endsAtTruth({ sync, drain, recorded }: Opened, expected: string[] = []): Promise<void> {
      // What lists lag has passed; nothing is owed.
      clock.advance(10_000);
      await drain();
      for (const id of [...things.keys(), ...removed.keys()]) {
        const entries = await recorded(id);
        assert.deepEqual(entries.at(-1)?.state ?? null, things.get(id) ?? null, `${id}: what is recorded is the truth`);
        const ns = entries.flatMap(({ n }) => (n === null ? [] : [n]));
        assert.deepEqual(
          ns,
          [...new Set(ns)].sort((a, b) => a - b),
          `${id}: never an older state after a newer one`,
        );
        for (const { n, state } of entries) if (n !== null) assert.deepEqual(state, ever.get(n), `${id}: as it was`);
      }
      const { types, alarms } = await sync.health();
      assert.deepEqual([types.map(({ dirty, failing }) => dirty + failing), alarms], [types.map(() => 0), expected]);
    },
  };
}

/** A row as a peer keeps it that writes what the webhook carries, if its event is of a later second. */
export function naiveRow() {
  let row: Thing | undefined;
  let stamp = 0;
  return {
    get n() {
      return row && Number(row.metadata.n);
    },
    hear({ type, created, data }: StripeEvent) {
      if (type.endsWith(".deleted")) row = undefined;
      else if (row === undefined || created > stamp) [row, stamp] = [data.object, created];
    },
    /** What was read replaces the row, and is as old as the moment at which it is written. */
    write(read: Thing, second: number) {
      [row, stamp] = [read, second];
    },
  };
}
