/** Stories of reads, lists and feeds that were behind what a webhook had said already. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createSync } from "tidemark";
import { openAccount, POLL } from "../cases/account.ts";
import { memory } from "../desk.ts";
import { signWorkOs, TOKEN, WorkOs } from "../providers/rest.emulator.ts";
import { workos } from "../providers/rest.workos.ts";
import { handClock } from "./clock.ts";
import { permutations } from "./every.ts";
import { open } from "./process.ts";
import { Shelf, type Thing, VERSIONS, type Versions } from "./shelf.ts";

const SECOND = 1_000;

/**
 * Things that are created, changed and deleted, while reads are behind by up to `lag`: of each of the first `reads` of a
 * thing its id says which state it shows, of those that were true in that time. There is a thing for every way.
 */
async function fallBehind(t: TestContext, options: { versions: Versions; lag: number; behind: "fetch" | "list" }) {
  const { versions, lag, behind } = options;
  const READS = 5;
  const ids = Array.from({ length: 3 ** READS }, (_, i) => i.toString(3).padStart(READS, "0"));
  const clock = handClock();
  const store = memory(clock);
  const shelf = new Shelf({ versions, page: 1_000, lag: { fetch: behind === "fetch" ? lag : 0, list: lag } });
  const app = open(shelf, store, clock, { sweepEvery: behind === "list" ? 4 * SECOND : 86_400_000 });
  t.after(() => app.sync.stop());
  /** When each of a thing's states began, and how often it was read. */
  const since = new Map<string, number[]>(ids.map((id) => [id, []]));
  const reads = new Map<string, number>();
  let stale = 0;
  const seen = (id: string): Thing | null => {
    const all: (number | null)[] = [null, ...shelf.history(id)];
    const begins = [Number.NEGATIVE_INFINITY, ...(since.get(id) ?? [])];
    // All that were true since then, the newest first.
    const oldest = begins.findLastIndex((begin) => begin <= clock.now() - lag);
    const states = all.slice(oldest).reverse();
    const read = reads.get(id) ?? 0;
    if (states.length > 1) reads.set(id, read + 1);
    const back = read < READS ? Number(id[read]) % states.length : 0;
    if (back > 0) stale++;
    const n = states[back] ?? null;
    return n === null ? null : { id, n };
  };
  if (behind === "fetch") shelf.show = (id) => seen(id);
  shelf.shown = () => ids.flatMap((id) => (behind === "list" ? seen(id) : shelf.now(id)) ?? []);
  await app.drain();
  const writes = new Map([
    [1, shelf.put],
    [4, shelf.put],
    [7, shelf.remove],
    [10, shelf.put],
  ]);
  for (let second = 0; second < 40; second++) {
    const write = writes.get(second);
    if (write) {
      // Few at a time are deleted, or that would be held back.
      const told = ids.map((id) =>
        write === shelf.remove && Number.parseInt(id, 3) % 8 > 0 ? shelf.put(id) : write(id),
      );
      for (const id of ids) since.get(id)?.push(clock.now());
      if (behind === "fetch") await app.post(...told);
    }
    await app.drain();
    clock.advance(SECOND);
  }
  clock.advance(3_600_000);
  await app.drain();
  assert.ok(stale > ids.length, `${stale} reads were behind`);
  return app;
}

for (const versions of VERSIONS) {
  test(`a read that is behind its webhook, not found or as it was, is repeated and never told: versions ${versions}`, async (t) => {
    const app = await fallBehind(t, { versions, lag: 5 * SECOND, behind: "fetch" });
    await app.endsAtTruth();
  });

  test(`a list from an index that is ten seconds behind brings nothing back and deletes nothing: versions ${versions}`, async (t) => {
    const app = await fallBehind(t, { versions, lag: 10 * SECOND, behind: "list" });
    await app.endsAtTruth();
  });
}

/** A WorkOS whose log shows an event some time after it happened, and a process that follows it. */
async function followWorkOs(t: TestContext, late: (event: { event: string }) => number) {
  const secret = "a secret of WorkOS";
  const clock = handClock();
  const service = new WorkOs({ now: () => clock.now(), secret });
  const fetch = async (request: Request): Promise<Response> => {
    const answer = service.fetch(request);
    if (!request.url.includes("/events")) return answer;
    const { data, ...rest } = (await answer.json()) as { data: { event: string; created_at: string }[] };
    const visible = data.filter((event) => Date.parse(event.created_at) + late(event) <= clock.now());
    return Response.json({ ...rest, data: visible });
  };
  const providers = { workos: workos({ key: TOKEN, secret, fetch }) };
  const sync = createSync({ providers, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  /** A write: of a user where the first number is below 0.7; created where there is none, deleted from 0.8 on. */
  const write = (...draws: number[]) => service.write(() => draws.shift() ?? 0);
  write(0);
  const [{ body } = assert.fail()] = service.sent();
  const { id } = JSON.parse(Buffer.from(body).toString()).data;
  await sync.drain();
  const later = async (ms: number) => {
    clock.advance(ms);
    await sync.drain();
  };
  await later(600_000);
  return {
    ...{ sync, later, id, write },
    deleteUser: () => write(0, 0, 0.9),
    deliver: async () => {
      for (const delivery of service.sent()) {
        const { headers } = signWorkOs(delivery.body, secret, clock.now());
        const request = new Request("http://x/", { method: "POST", body: Buffer.from(delivery.body), headers });
        assert.equal((await sync.webhook("workos", request)).status, 202);
      }
      await sync.drain();
    },
    found: async () => {
      const all: [present: boolean, via: string][] = [];
      for await (const { after, via } of sync.history("workos.user", id)) all.push([after !== null, via]);
      return all;
    },
  };
}

test("a deletion whose event is not in the log yet when its webhook comes is found by what the webhook names", async (t) => {
  const { deleteUser, deliver, found, later } = await followWorkOs(t, ({ event }) =>
    event === "user.deleted" ? 90_000 : 0,
  );
  deleteUser();
  await deliver();
  assert.deepEqual((await found()).at(-1), [false, "webhook"]);
  // The event that the log shows at last is a repeat.
  await later(600_000);
  assert.equal((await found()).length, 2);
});

test("a deletion whose event appears behind the log's cursor, and whose webhook is lost, is found by a sweep", async (t) => {
  const { deleteUser, write, found, later, sync } = await followWorkOs(t, ({ event }) =>
    event === "user.deleted" ? 700_000 : 0,
  );
  deleteUser();
  write(0.9);
  await later(400_000);
  const organizations = [];
  for await (const { type, via } of sync.changes({ follow: false }))
    if (type === "workos.organization") organizations.push(via);
  assert.deepEqual(organizations, ["poll"], "the cursor stands behind what came later");
  await later(400_000);
  // Who asks for what is after the cursor is never told.
  await later(2 * 86_400_000);
  assert.deepEqual((await found()).slice(1), [[false, "sweep"]]);
});

test("events that Stripe shows late and in any order are all found by polls, and by a sweep where they are too late", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const orders = permutations([0, 30, 400]);
  for (let i = 0; i < 3; i++) {
    for (const [which, late] of orders.entries()) {
      const event = account.put("charge.pending", `ch_${which}_${i}`);
      event.visible += late[i] ?? 0;
    }
    account.later(1);
  }
  account.put("charge.pending", "ch_late").visible += 7_200;
  for (let passed = 0; passed < 4; passed++) {
    account.later(POLL);
    await app.drain();
  }
  for (const which of orders.keys()) {
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(
        (await app.recorded(`ch_${which}_${i}`)).map(({ via }) => via),
        ["poll"],
      );
    }
  }
  assert.deepEqual(await app.recorded("ch_late"), []);
  const swept = account.open({ sweepEvery: 3_600_000 });
  account.later(6 * 3_600);
  await swept.drain();
  assert.deepEqual(
    (await app.recorded("ch_late")).map(({ via }) => via),
    ["sweep"],
  );
  await account.endsAtTruth(app);
});
