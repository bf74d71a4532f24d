/** Scenarios of what a provider may do: limits, pages that are none, repeats, webhooks of yesterday, ids and states of any size. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Octokit } from "@octokit/rest";
import Keyv from "keyv";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { createDesk, memory, take, webhookOf } from "../desk.ts";
import { githubEmulator } from "../providers/github.emulator.ts";
import { GUID, HOME } from "../providers/github.kit.ts";
import { signLive } from "../providers/rest.emulator.ts";
import { over, type Thing } from "../providers/rest.kit.ts";
import { handClock } from "../stories/clock.ts";
import { requestOf } from "../stories/senders.ts";
import { DAY, follow, HOUR, MINUTE, SECOND } from "./kit.ts";

const SECRET = "a secret of the service";
const DESCRIBED = {
  list: { path: "things", rows: "data", whole: true },
  ...{ version: { time: "updated_at" }, readLag: { fetch: 0, list: 0 } },
};

/** An engine over a described API that answers what the test says, `undefined` for what it holds. */
function describedApi(t: TestContext, answer: (path: string) => Response | string | undefined) {
  const clock = handClock();
  const things = new Map<string, Thing>();
  const asked: string[] = [];
  const { provider } = over((url) => {
    const path = url.pathname.slice("/v1/".length);
    asked.push(path);
    const given = answer(path);
    if (given !== undefined) return given instanceof Response ? given : new Response(given);
    if (path === "things") return { data: [...things.values()] };
    const thing = things.get(path.slice("things/".length));
    return thing ?? Response.json({ message: "Not Found" }, { status: 404 });
  }, DESCRIBED);
  const store = memory(clock);
  const sync = createSync({ providers: { it: provider }, store, time: clock, sweepEvery: DAY });
  t.after(() => sync.stop());
  const later = async (ms: number) => {
    clock.advance(ms);
    await sync.drain();
  };
  const put = (id: string, name: string) =>
    things.set(id, { id, name, updated_at: new Date(clock.now()).toISOString() });
  const names = async () => (await take(sync.changes({ follow: false }))).map(({ after }) => after?.name ?? null);
  return { sync, store, clock, things, asked, later, put, names };
}

test("a limit is waited for, however the service says how long, and nothing is lost", async (t) => {
  let limit: string | undefined;
  const { sync, clock, asked, later, put, names } = describedApi(t, () =>
    limit === undefined ? undefined : (new Response("{}", { status: 429, headers: { "retry-after": limit } }) as never),
  );
  put("1", "first");
  await sync.drain();
  const waits: [says: () => string, least: number, most: number][] = [
    [() => "30", 30 * SECOND, 40 * SECOND],
    [() => new Date(clock.now() + 90_000).toUTCString(), 80 * SECOND, 110 * SECOND],
    [() => new Date(clock.now() - DAY).toUTCString(), 0, MINUTE],
    [() => "999999999", 50 * MINUTE, HOUR + MINUTE],
    // So large a number is a time, long past.
    [() => "1000000000", 0, MINUTE],
    [() => "soon", 0, MINUTE],
  ];
  for (const [i, [says, least, most]] of waits.entries()) {
    put("1", `after ${i}`);
    limit = says();
    await sync.hint("it.thing", "1");
    await sync.drain();
    limit = undefined;
    asked.length = 0;
    let waited = 0;
    for (; asked.length === 0 && waited <= most; waited += 5 * SECOND) await later(5 * SECOND);
    assert.ok(waited >= least && waited <= most, `${says()}: ${waited} ms`);
    await later(MINUTE);
    assert.equal((await names()).at(-1), `after ${i}`);
  }
  assert.equal((await names()).length, 1 + waits.length);
});

test("a page of a gateway with status 200, or JSON that was cut off, is no observation", async (t) => {
  let broken: string | undefined;
  const { sync, store, later, put, things, names } = describedApi(t, () => broken);
  for (const id of ["1", "2"]) put(id, "here");
  await sync.drain();
  for (const text of [
    "<html><body>Be right back</body></html>",
    '{"id":"1","name":"he',
    '{"data":[{"id":"1"',
    "",
    "null",
    "[]",
    "{}",
  ]) {
    broken = text;
    await sync.hint("it.thing", "1");
    await sync.drain();
    await sync.sweep("it.thing").catch(() => {});
    assert.deepEqual(await names(), ["here", "here"], text);
    broken = undefined;
    await later(2 * HOUR);
    assert.deepEqual(await store.rows({ state: "dirty", limit: 9 }), [], `${text}: it goes on`);
  }
  put("1", "changed");
  things.delete("2");
  await later(2 * DAY);
  assert.deepEqual((await names()).slice(2).sort(), ["changed", null]);
});

/** GitHub in memory, and a process that follows it. */
function followGitHub(t: TestContext, types: readonly ("issue" | "label")[], processes = 1) {
  const clock = handClock();
  const emulator = githubEmulator({ now: clock.now, secret: "secret" });
  const asked: string[] = [];
  let hold: { seen: () => void; gate: Promise<void> } | undefined;
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const answer = await emulator.fetch(request);
    const path = decodeURIComponent(new URL(url).pathname.slice(`/repos/${HOME}`.length));
    asked.push(`${path} ${answer.status}`);
    const held = answer.status === 304 ? hold : undefined;
    if (held) {
      hold = undefined;
      held.seen();
      await held.gate;
    }
    return answer;
  };
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const client = new Octokit({ auth: "token", log, request: { fetch } });
  const store = memory(clock);
  t.after(() => store.close());
  const cache = new Keyv();
  const syncs = Array.from({ length: processes }, () => {
    const provider = github({ client, webhookSecret: "secret", repos: [HOME], types });
    const shared = { ...store, close: async () => {} };
    const sync = createSync({
      providers: { github: provider },
      store: shared,
      cache,
      time: clock,
      sweepEvery: 365 * DAY,
    });
    t.after(() => sync.stop());
    return sync;
  });
  /** The next 304 is on its way until it is let go. */
  const holdBack304 = () => {
    const seen = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    hold = { seen: seen.resolve, gate: gate.promise };
    return { seen: seen.promise, letGo: gate.resolve };
  };
  const write = (...draws: number[]) => emulator.write(() => draws.shift() ?? 0.5);
  return { clock, emulator, syncs, asked, holdBack304, write };
}

test("GitHub delivers once more what arrived: no read and no change", async (t) => {
  const { syncs, emulator, asked, write, clock } = followGitHub(t, ["issue"]);
  const [sync = assert.fail()] = syncs;
  await sync.drain();
  write(0, 0, 0);
  const [{ headers, body } = assert.fail()] = emulator.sent();
  const delivery = { headers: { ...headers, "x-github-delivery": GUID }, body };
  const deliver = async () => {
    assert.equal((await sync.webhook("github", requestOf(delivery))).status, 202);
    await sync.drain();
  };
  await deliver();
  clock.advance(MINUTE);
  await sync.drain();
  const count = async () => (await take(sync.changes({ follow: false }))).length;
  assert.equal(await count(), 1);
  const reads = asked.length;
  await deliver();
  assert.deepEqual(asked.slice(reads), []);
  assert.equal(await count(), 1);
});

test("a 304 that comes late does not confirm what was read meanwhile", async (t) => {
  const { syncs, emulator, asked, write, clock, holdBack304 } = followGitHub(t, ["label"], 2);
  const [one = assert.fail(), other = assert.fail()] = syncs;
  const deliver = async (sync: typeof one) => {
    for (const delivery of emulator.sent())
      assert.equal((await sync.webhook("github", requestOf(delivery))).status, 202);
  };
  const colors = async () =>
    (await take(one.changes({ follow: false }))).map(({ after }) => (after as { color?: string } | null)?.color);
  // No version orders a label.
  write(0, 0, 0.5, 0);
  await deliver(one);
  await one.drain();
  clock.advance(MINUTE);
  await one.drain();
  const [red] = await colors();
  assert.equal((await colors()).length, 1);
  // Read once more with its validator; the answer is on its way while it changes, and another process reads that.
  const late = holdBack304();
  await one.hint("github.label", "bug", { scope: HOME });
  const reading = one.drain();
  await late.seen;
  clock.advance(200 * SECOND);
  write(0.5, 0, 0.25);
  await deliver(other);
  await other.drain();
  const [, changed] = await colors();
  assert.ok(changed !== undefined && changed !== red);
  late.letGo();
  await reading;
  for (let i = 0; i < 12; i++) {
    clock.advance(10 * SECOND);
    await one.drain();
  }
  assert.deepEqual(await colors(), [red, changed]);
  assert.ok(asked.some((call) => call === "/labels/bug 304"));
});

test("webhooks that come a day late change nothing, and cost a read at most", async (t) => {
  const { shelf, one, later } = follow(t, {}, { sweepEvery: 6 * HOUR });
  await one.drain();
  const told = [shelf.put("x"), shelf.put("x"), shelf.put("y"), shelf.remove("y")];
  for (let hours = 0; hours < 24; hours++) await later(HOUR);
  await one.endsAtTruth();
  const entries = (await take(one.sync.changes({ follow: false }))).length;
  const reads = shelf.count("fetch");
  for (const hint of told) {
    await one.post(hint);
    await one.drain();
    await later(MINUTE);
  }
  assert.equal((await take(one.sync.changes({ follow: false }))).length, entries);
  assert.ok(shelf.count("fetch") - reads <= told.length, `${shelf.count("fetch") - reads} reads`);
  const again = shelf.count("fetch");
  await one.post(...told);
  await one.drain();
  assert.equal(shelf.count("fetch"), again, "the same once more costs none");
});

test("two ids that differ in their 20th digit are two things, in webhooks, lists and reads", async (t) => {
  const [a, b] = ["12345678901234567890", "12345678901234567891"];
  const row = (id: string) => `{"id":${id},"name":"n${id.slice(-1)}","updated_at":"2026-11-21T12:00:00Z"}`;
  const asked: string[] = [];
  const { provider } = over(
    (url) => {
      asked.push(url.pathname);
      const id = url.pathname.split("/")[3];
      return new Response(id === undefined ? `{"data":[${row(a)}]}` : row(id));
    },
    DESCRIBED,
    {
      webhook: { secret: SECRET, signature: { header: "x-signature", prefix: "sha256=" } },
      envelope: { name: "type" },
      events: { "thing.changed": { thing: "data.id" } },
    },
  );
  const clock = handClock();
  const sync = createSync({ providers: { it: provider }, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  await sync.drain();
  const body = `{"type":"thing.changed","data":{"id":${b}}}`;
  assert.equal((await sync.webhook("it", requestOf(signLive(body, SECRET)))).status, 202);
  await sync.drain();
  const log = await take(sync.changes({ follow: false }));
  assert.deepEqual(
    log.map(({ id, after }) => [id, after?.name]),
    [
      [a, "n0"],
      [b, "n1"],
    ],
  );
  assert.ok(asked.includes(`/v1/things/${b}`));
});

test("a state of 20 MB is told whole, or refused with a sentence, and holds up nothing", async (t) => {
  const text = "x".repeat(20_000_000);
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  await sync.drain();
  const told = [desk.put("large", text), desk.put("small", "y")];
  assert.equal((await sync.webhook("desk", webhookOf(told))).status, 202);
  await sync.drain();
  const found = new Map((await take(sync.changes({ follow: false }))).map(({ id, after }) => [id, after?.text.length]));
  assert.deepEqual(
    found,
    new Map(
      [
        ["large", 20_000_000],
        ["small", 1],
      ].toSorted() as [string, number][],
    ),
  );
  // What a described service answers is read up to 32 MB.
  const body = `{"id":"1","name":"${text}${text}"}`;
  const large = describedApi(t, (path) => (path === "things/1" ? body : undefined));
  large.put("2", "small");
  await large.sync.drain();
  for (const id of ["1", "2"]) await large.sync.hint("it.thing", id);
  large.put("2", "changed");
  await large.sync.drain();
  assert.deepEqual(await large.names(), ["small", "changed"]);
  const [owed] = await large.store.rows({ state: "dirty", limit: 9 });
  assert.equal(owed?.id, "1");
  assert.match(owed?.error ?? "", /^ServiceError too-large$/);
});

test("another order of keys, and 1.0 instead of 1, are no change", async (t) => {
  let text = '{"id":"1","name":"a","amount":1,"of":{"x":1,"y":[1,2]},"updated_at":"2026-11-21T12:00:00Z"}';
  const { sync, names, later, asked } = describedApi(t, (path) => (path === "things/1" ? text : undefined));
  await sync.drain();
  await sync.hint("it.thing", "1");
  await sync.drain();
  assert.equal((await names()).length, 1);
  for (const other of [
    '{"of":{"y":[1,2],"x":1},"updated_at":"2026-11-21T12:00:00Z","amount":1.0,"name":"a","id":"1"}',
    '{ "id": "1", "name": "\\u0061", "amount": 1e0, "of": {"x":1.00,"y":[1,2.0]}, "updated_at":"2026-11-21T12:00:00Z" }',
  ]) {
    text = other;
    await later(MINUTE);
    const reads = asked.length;
    await sync.hint("it.thing", "1");
    await sync.drain();
    assert.ok(asked.length > reads);
    assert.equal((await names()).length, 1, other);
  }
  text = text.replace("[1,2.0]", "[2,1]");
  await sync.hint("it.thing", "1");
  await later(MINUTE);
  assert.equal((await names()).length, 2, "the order of a list is one");
});
