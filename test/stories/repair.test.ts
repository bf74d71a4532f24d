/** Stories of what a repair could not repair: rows that a filter hid, validators that stuck, changes that nothing told of. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { createSync, type Provider, type Time } from "tidemark";
import { github } from "tidemark/github";
import { stripe } from "tidemark/stripe";
import type { Emulator } from "tidemark/testing";
import { createRandom } from "tidemark/testing";
import type { Row } from "../../src/row.ts";
import { memory, take } from "../desk.ts";
import { githubEmulator } from "../providers/github.emulator.ts";
import { SECRET as GITHUB, HOME } from "../providers/github.kit.ts";
import { models, open as openStrapi } from "../providers/strapi.kit.ts";
import { STRIPE_TYPES, stripeEmulator } from "../providers/stripe.emulator.ts";
import { SECRET as STRIPE } from "../providers/stripe.kit.ts";
import { handClock } from "./clock.ts";
import { open } from "./process.ts";
import { requestOf } from "./senders.ts";
import { Shelf, VERSIONS } from "./shelf.ts";

const HOUR = 3_600_000;

/** What a row may have become, by a fault of ours, of a disk, or of a hand in the database. */
const CORRUPTIONS: Readonly<Record<string, { row: Partial<Row>; n?: number | null }>> = {
  "never recorded": { row: {} },
  "an older state": { row: { print: "x", raw: "x", version: 1 }, n: 1 },
  "a state that never was": { row: { print: "x", raw: null, version: null }, n: -1 },
  "a version that nobody serves": { row: { print: "x", raw: "x", version: 1e9 }, n: 1e9 },
  "a version without its state": { row: { version: 1e9 } },
  "gone, though it is there": { row: { present: false, print: null, raw: null }, n: null },
  "gone, with a version": { row: { present: false, print: null, raw: null, version: 1e9 }, n: null },
  "contradicted twice": { row: { print: "x", raw: "x", version: 1e9, regressions: 2, regressedAt: 1 }, n: 1e9 },
  "an epoch": { row: { print: "x", raw: "x", version: 1e9, epoch: 1 }, n: 1e9 },
  "a hint that was never met": { row: { hinted: 1, floor: 1e9, class: "live", due: 1, attempts: 40 } },
  "being read for ever": { row: { confirm: 1, class: "sweep", due: 1, lease: 1 } },
  "evidence from the beginning of time": { row: { print: "x", raw: "x", first: 1, last: 1, seen: 1 }, n: 1 },
};

for (const versions of VERSIONS) {
  test(`a sweep comes to the truth from whatever is recorded: versions ${versions}`, async (t) => {
    const shelf = new Shelf({ versions, page: 5 });
    const clock = handClock();
    const store = memory(clock);
    const app = open(shelf, store, clock, { sweepEvery: 24 * HOUR });
    t.after(() => app.sync.stop());
    const kinds = Object.entries(CORRUPTIONS);
    // Each as one that is there, and as one that is gone.
    const ids = kinds.flatMap((_, i) => [`is${i}`, `was${i}`]);
    for (const id of ids) shelf.put(id);
    await app.drain();
    for (const id of ids) id.startsWith("was") ? shelf.remove(id) : shelf.put(id);
    const refOf = (id: string) => ({ type: "shelf.thing", scope: "", id });
    for (const [i, [, { row, n }]] of kinds.entries()) {
      for (const id of [`is${i}`, `was${i}`]) {
        const state = n === null ? null : JSON.stringify({ id, n });
        const append = n === undefined ? [] : [{ state, at: 1, via: "webhook" as const, causes: [] }];
        await store.update({ refs: [refOf(id)] }, (known) => ({ row: { ...known, ...row }, append }));
      }
    }
    for (const id of ["phantom1", "phantom2"]) {
      const append = [{ state: JSON.stringify({ id, n: 7 }), at: 1, via: "poll" as const, causes: [] }];
      const row = { present: true, print: "y", first: 1, last: 1, seen: 1 };
      await store.update({ refs: [refOf(id)] }, (known) => ({ row: { ...known, ...row }, append }));
    }
    shelf.put("untold");
    // A second sweep confirms that so many are gone.
    for (let hours = 0; hours < 2 * 25; hours++) {
      clock.advance(HOUR);
      await app.drain();
    }
    const recorded = new Map([...(await app.log())].map(([id, entries]) => [id, entries.at(-1)]));
    const truth = shelf.ids().map((id) => [id, shelf.now(id)?.n ?? null]);
    for (const id of ["phantom1", "phantom2"]) truth.push([id, null]);
    assert.deepEqual([...recorded].sort(), truth.sort());
    assert.deepEqual(await store.rows({ state: "dirty", limit: 9 }), []);
  });
}

/** What the log says there is. */
async function states(sync: ReturnType<typeof createSync>): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for await (const { type, id, after } of sync.changes({ follow: false })) {
    if (after === null) found.delete(`${type} ${id}`);
    else found.set(`${type} ${id}`, after);
  }
  return found;
}
const truthOf = (emulator: Emulator, key: string): Map<string, unknown> =>
  new Map(
    [...emulator.truth()].map(({ type, id, state }) => [`${key}.${type} ${id}`, JSON.parse(JSON.stringify(state))]),
  );
const sorted = (map: Map<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

function follow(t: TestContext, providers: Record<string, Provider>, time: Time) {
  const sync = createSync({ providers, store: memory(time), time, sweepEvery: 24 * HOUR });
  t.after(() => sync.stop());
  return sync;
}

/** A day, a sweep of everything, and the reads that it leads to. */
async function sweep(sync: ReturnType<typeof createSync>, clock: ReturnType<typeof handClock>): Promise<void> {
  clock.advance(25 * HOUR);
  for (let i = 0; i < 8; i++) {
    await sync.drain();
    clock.advance(30_000);
  }
}

test("what Stripe's lists leave out unless asked for is backfilled and repaired, though no webhook ever came", async (t) => {
  const clock = handClock();
  const emulator = stripeEmulator({ now: clock.now, secret: STRIPE });
  const httpClient = Stripe.createFetchHttpClient(async (url, init) => emulator.fetch(new Request(url as URL, init)));
  const client = new Stripe("sk_test_x", { httpClient, telemetry: false });
  const sync = follow(t, { stripe: stripe({ client, webhookSecret: STRIPE, types: STRIPE_TYPES }) }, clock);
  const random = createRandom(3).next;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 120; i++) {
      emulator.write(random);
      clock.advance(10_000);
    }
    await sweep(sync, clock);
    assert.deepEqual(sorted(await states(sync)), sorted(truthOf(emulator, "stripe")));
  }
  const canceled = [...emulator.truth()].filter(({ state }) => (state as { status?: string }).status === "canceled");
  assert.ok(canceled.length > 3, `${canceled.length} canceled subscriptions, which lists hide`);
});

test("a child that changes while its parent's time stands still is found by a sweep of all parents", async (t) => {
  const clock = handClock();
  const emulator = stripeEmulator({ now: clock.now, secret: STRIPE });
  const httpClient = Stripe.createFetchHttpClient(async (url, init) => emulator.fetch(new Request(url as URL, init)));
  const client = new Stripe("sk_test_x", { httpClient, telemetry: false });
  const types = ["subscription", "subscription_item"] as const;
  const sync = follow(t, { stripe: stripe({ client, webhookSecret: STRIPE, types }) }, clock);
  // A customer, a product, a price and a subscription, its item, and the item's quantity.
  for (const what of [0, 0.1, 0.2, 0.3]) emulator.write(() => what);
  await sweep(sync, clock);
  const [[, before] = assert.fail()] = sorted(await states(sync)).filter(([key]) => key.includes("subscription_item"));
  emulator.write(() => 0.6);
  await sweep(sync, clock);
  const [[key, after] = assert.fail()] = sorted(await states(sync)).filter(([key]) =>
    key.includes("subscription_item"),
  );
  assert.notDeepEqual(after, before);
  assert.deepEqual(after, truthOf(emulator, "stripe").get(key));
});

test("a validator that sticks hides nothing: a hint that contradicts it is asked in full, and so is every sweep", async (t) => {
  const clock = handClock();
  const emulator = githubEmulator({ now: clock.now, secret: GITHUB });
  let stuck = 0;
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const tag = request.headers.get("if-none-match");
    if (tag === null) return emulator.fetch(request);
    stuck++;
    return new Response(null, { status: 304, headers: { etag: tag } });
  };
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const client = new Octokit({ auth: "token", log, request: { fetch } });
  const provider = github({ client, webhookSecret: GITHUB, repos: [HOME], types: ["issue", "label", "branch"] });
  const sync = follow(t, { github: provider }, clock);
  const deliver = async () => {
    for (const delivery of emulator.sent())
      assert.equal((await sync.webhook("github", requestOf(delivery))).status, 202);
    for (let i = 0; i < 30; i++) {
      clock.advance(10_000);
      await sync.drain();
    }
  };
  const write = (...draws: number[]) => emulator.write(() => draws.shift() ?? 0.1);
  await sync.drain();
  for (const type of [0, 0.5, 0.9]) write(0, 0, type);
  await deliver();
  const [, ...rest] = sorted(await states(sync));
  assert.equal(rest.length, 2);
  for (const which of [0, 0.4, 0.8]) write(0.5, which, 0.7);
  await deliver();
  const known = await states(sync);
  const truth = truthOf(emulator, "github");
  const issue = [...truth.keys()].find((key) => key.includes("issue")) ?? "";
  assert.deepEqual(known.get(issue), truth.get(issue), "its hint named a version that the cached state has not");
  assert.ok(stuck > 3, `${stuck} times it was answered 304`);
  assert.notDeepEqual(sorted(known), sorted(truth), "what has no version stays hidden …");
  await sweep(sync, clock);
  assert.deepEqual(sorted(await states(sync)), sorted(truth), "… until the next sweep");
});

test("what Strapi sends no webhook for is found, and what it sends twice is one change", async (t) => {
  const { rows, service, provider, clock } = openStrapi();
  const time = { ...handClock(), now: () => clock.now };
  const sync = follow(t, { strapi: provider }, time);
  const later = async (ms: number) => {
    clock.now += ms;
    await sync.drain();
  };
  await sync.drain();
  const notes = [1, 2, 3].map((n) => rows.create(models.note, { text: `note ${n}` }));
  const article = rows.create(models.article, { title: "first" });
  rows.publish(models.article, article);
  const deliveries = service.sent();
  for (const delivery of [...deliveries, ...deliveries]) {
    assert.equal((await sync.webhook("strapi", requestOf(delivery))).status, 202);
  }
  await sync.drain();
  const count = async () => (await take(sync.changes({ follow: false }))).length;
  assert.equal(await count(), 5, "three notes, a draft, and what was published");
  // A script deletes two and changes the third.
  for (const { documentId } of notes.slice(0, 2)) rows.remove(models.note, documentId, true);
  rows.update(models.note, notes[2] ?? assert.fail(), { text: "changed" });
  service.sent();
  await later(600_000);
  await later(25 * HOUR);
  const texts = [...(await states(sync)).values()].map((state) => (state as { text?: string }).text ?? "");
  assert.deepEqual(texts.filter(Boolean), ["changed"]);
  assert.equal(await count(), 8);
});
