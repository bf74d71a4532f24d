/** Scenarios of lists and feeds: pages that fail, end or shift, and clocks that differ from the provider's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { createSync, type EngineEvent, type Page, type Provider } from "tidemark";
import { github } from "tidemark/github";
import { stripe } from "tidemark/stripe";
import type { Emulator } from "tidemark/testing";
import { memory, take } from "../desk.ts";
import { githubEmulator } from "../providers/github.emulator.ts";
import { HOME } from "../providers/github.kit.ts";
import { gitlabOf, ORIGIN } from "../providers/gitlab.emulator.ts";
import { plugin as gitlab, SIGNING } from "../providers/gitlab.kit.ts";
import { LiveApi, TOKEN } from "../providers/rest.emulator.ts";
import { liveapi } from "../providers/rest.liveapi.ts";
import { stripeEmulator } from "../providers/stripe.emulator.ts";
import { handClock } from "../stories/clock.ts";
import type { Thing } from "../stories/shelf.ts";
import { DAY, follow, HOUR, MINUTE, SECOND } from "./kit.ts";

const THINGS = 18;

/** Eighteen things in nine pages of two, recorded, of which one is gone then, and nobody told. */
async function recorded(t: Parameters<typeof follow>[0]) {
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => events.push(event);
  const at = follow(t, { page: 2 }, { sweepEvery: DAY, observe });
  for (let i = 0; i < THINGS; i++) at.shelf.put(`t${String(i).padStart(2, "0")}`);
  await at.one.drain();
  at.shelf.remove("t00");
  at.shelf.calls.length = 0;
  const { thing } = at.shelf.provider.resources;
  const { list = assert.fail() } = thing;
  const swept = () => events.filter(({ kind }) => kind === "sweep").length;
  return { ...at, thing, list, swept };
}

test("a sweep whose third of nine pages fails suspects nothing", async (t) => {
  const { shelf, one, states, later, thing, list, swept, dirty } = await recorded(t);
  let page = 0;
  thing.list = async (at, context) => {
    if (++page >= 3) throw new Error("the service answers 502");
    return list(at, context);
  };
  const before = swept();
  await later(25 * HOUR);
  assert.equal(page, 3);
  assert.deepEqual([swept() - before, shelf.count("fetch"), (await dirty()).length], [0, 0, 0]);
  thing.list = list;
  await later(HOUR);
  assert.equal(swept() - before, 1);
  assert.deepEqual(await states("t00"), [1, null], "the whole one finds it");
  await one.endsAtTruth();
});

test("a page token that expires in the midst of a sweep: it begins anew, and nothing is suspected meanwhile", async (t) => {
  const { shelf, one, clock, states, later, thing, list, swept } = await recorded(t);
  const asked: (string | null)[] = [];
  let expired = 0;
  // A token is good for an hour.
  thing.list = async (token, context): Promise<Page<Thing>> => {
    const [at = "", given = ""] = token?.split(" ") ?? [];
    asked.push(token);
    if (token !== null && clock.now() - Number(given) > HOUR) {
      expired++;
      throw new Error("the service answers 400: this token has expired");
    }
    const page = await list(token && at, context);
    if (asked.length === 4) clock.advance(2 * HOUR);
    return { ...page, next: page.next && `${page.next} ${clock.now() - (asked.length === 4 ? 2 * HOUR : 0)}` };
  };
  const before = swept();
  await later(25 * HOUR);
  for (let hours = 0; hours < 72 && swept() === before; hours++) {
    assert.equal(shelf.count("fetch"), 0, "nothing is suspected");
    assert.deepEqual(await states("t00"), [1]);
    await later(HOUR);
  }
  assert.ok(expired > 0);
  assert.equal(asked.filter((token) => token === null).length, 2, "it began anew");
  assert.deepEqual(await states("t00"), [1, null]);
  await one.endsAtTruth();
});

test("where a list ends is what the provider says, not how full a page is", async (t) => {
  const { shelf, one, later, thing, swept } = await recorded(t);
  const pages: Record<string, (all: Thing[], from: number) => Page<Thing>> = {
    // The last page is full, and the last.
    full: (all, from) => ({ items: all.slice(from, from + 2), next: from + 2 < all.length ? `${from + 2}` : null }),
    // It is full, and an empty one follows.
    empty: (all, from) => ({ items: all.slice(from, from + 2), next: from < all.length ? `${from + 2}` : null }),
    // Pages are short or empty, and go on.
    short: (all, from) => ({
      items: all.slice(from, from + 1).filter(() => from % 3 > 0 || from > all.length - 2),
      next: from + 1 < all.length ? `${from + 1}` : null,
    }),
  };
  shelf.put("t00");
  for (const [name, page] of Object.entries(pages)) {
    const seen = new Set<string>();
    let end: string | null = "";
    thing.list = async (at) => {
      const { items = [], next } = page(shelf.all(), Number(at ?? 0));
      end = next;
      for (const { id } of items) seen.add(id);
      return { items, next };
    };
    const before = swept();
    shelf.calls.length = 0;
    await one.sync.sweep("shelf.thing");
    assert.equal(swept() - before, 1, name);
    assert.equal(end, null, `${name}: its last page was asked for`);
    assert.equal(
      shelf.count("fetch"),
      THINGS - seen.size,
      `${name}: what no page showed is asked for, and nothing else`,
    );
    assert.ok(name === "short" ? seen.size < THINGS : seen.size === THINGS, `${name}: ${seen.size}`);
    await later(MINUTE);
    await one.endsAtTruth();
  }
});

/** How far a service's clock is behind ours, in ms. */
const BEHIND = 3 * MINUTE;
const quiet = () => {};
type Fetch = (request: Request) => Promise<Response>;

/** Services in memory, each with a feed: what creates something, and what changes it. */
const services: Readonly<
  Record<string, (now: () => number) => { provider: Provider; emulator: Emulator; type: string }>
> = {
  rest(now) {
    const emulator = new LiveApi({ now, secret: "secret" });
    const fetch: Fetch = async (request) => emulator.fetch(request);
    return { provider: liveapi({ token: TOKEN, secret: "secret", fetch }), emulator, type: "stream" };
  },
  github(now) {
    const emulator = githubEmulator({ now, secret: "secret" });
    const fetch = async (asked: string, init?: RequestInit) => emulator.fetch(new Request(asked, init));
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const client = new Octokit({ auth: "token", log, request: { fetch } });
    const provider = github({ client, webhookSecret: "secret", repos: [HOME], types: ["issue"] });
    return { provider, emulator, type: "issue" };
  },
  gitlab(now) {
    const emulator = gitlabOf(["issue"])({ now, secret: SIGNING[0] });
    const fetch: Fetch = async (request) => emulator.fetch(request);
    const of = { projects: ["7"], groups: [], instance: false, types: ["issue"] };
    return { provider: gitlab({ fetch, url: ORIGIN, ...of }), emulator, type: "issue" };
  },
  stripe(now) {
    const emulator = stripeEmulator({ now, secret: "secret" });
    const fetch = async (url: unknown, init?: RequestInit) => emulator.fetch(new Request(url as URL, init));
    const httpClient = Stripe.createFetchHttpClient(fetch as typeof globalThis.fetch);
    const client = new Stripe("sk_test_x", { httpClient, telemetry: false });
    return { provider: stripe({ client, webhookSecret: "whsec_x", types: ["customer"] }), emulator, type: "customer" };
  },
};

for (const [name, open] of Object.entries(services)) {
  test(`the clock of ${name} is three minutes behind ours: its feed passes over nothing`, async (t) => {
    const clock = handClock();
    const { provider, emulator, type } = open(() => clock.now() - BEHIND);
    const sync = createSync({ providers: { it: provider }, store: memory(clock), time: clock, sweepEvery: 365 * DAY });
    t.after(() => sync.stop());
    const later = async (ms: number) => {
      clock.advance(ms);
      await sync.drain();
    };
    emulator.write(() => 0);
    await later(0);
    // From the first moment of the feed on, one by one.
    for (let i = 0; i < 8; i++) {
      emulator.write(() => (i % 2 === 0 ? 0 : 0.5));
      await later(30 * SECOND);
    }
    for (let i = 0; i < 6; i++) await later(5 * MINUTE);
    const log = await take(sync.changes({ follow: false }));
    assert.ok(log.filter(({ via }) => via === "poll").length >= 5, `${log.map(({ via }) => via)}`);
    const [{ changes, suspects } = assert.fail()] = await sync.sweep(`it.${type}`);
    assert.deepEqual([changes, suspects], [0, 0], "a sweep finds nothing that the feed did not");
  });
}
