/** Each fault that a world's conditions name happens, and no other; and none once it is calm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost } from "tidemark";
import { type Conditions, calm, createRandom, createVirtualTime, createWorld, type WorldEvent } from "tidemark/testing";
import { drawConditions } from "../../src/testing/world/conditions.ts";
import { createRequest } from "../../src/testing/world/request.ts";

const CALM: Partial<Conditions> = {
  ...calm,
  ...{ versions: "strict", incarnations: false, refs: false, many: false, poll: 0, sweep: 20_000, page: 2 },
  ...{ hintVersions: false, hintEvents: true, hintRetry: false, saysGone: 0, revoked: "forbidden" },
};

/** What is counted of an event: its kind and how it ended. */
function nameOf(event: WorldEvent): string {
  if (event.kind === "webhook") return `webhook ${event.status}`;
  if (event.kind !== "engine") return event.kind;
  const told = event.event;
  return "outcome" in told ? `${told.kind} ${told.outcome}` : told.kind;
}

/** Some minutes with twenty writes in a world with these conditions: how often everything happened, and the webhooks in order. */
async function watch(conditions: Partial<Conditions>, { quiet = false, pace = 15_000, scopes = ["a"] } = {}) {
  const counts: Record<string, number> = {};
  const events: string[] = [];
  const observe = (event: WorldEvent) => {
    counts[nameOf(event)] = (counts[nameOf(event)] ?? 0) + 1;
    if (event.kind === "webhook") events.push(event.hint.event?.id ?? "");
  };
  const world = createWorld({ types: ["notes.note"], conditions: { ...CALM, ...conditions }, scopes, observe });
  if (quiet) world.calm = true;
  await world.start((sync) => sync.subscribe("all", () => {}));
  for (let i = 0; i < 20; i++) {
    world.write("notes.note", `n${i % 5}`, { text: `${i}` }, { scope: "a" });
    await world.run(pace);
  }
  const { calls } = world;
  await world.stop();
  return { counts, events, calls };
}

test("in a calm world every webhook comes at once and in order, and no read fails", async () => {
  const { counts, events } = await watch({});
  assert.equal(counts["webhook 202"], 20);
  assert.equal(counts["read newer"], 20);
  const known = [
    "boot",
    "change",
    "handled",
    "page",
    "read newer",
    "read same",
    "sweep",
    "webhook 202",
    "webhook accepted",
  ];
  assert.deepEqual(
    Object.keys(counts)
      .filter((name) => !known.includes(name))
      .sort(),
    ["compacted", "written"],
  );
  assert.equal(new Set(events).size, 20);
});

const faults: [name: string, conditions: Partial<Conditions>, sign: string, least: number][] = [
  ["webhooks are sent again and again", { duplicate: 1 }, "webhook 202", 40],
  ["forged ones come", { forged: 1 }, "webhook rejected", 20],
  ["requests fail", { errors: 0.5 }, "read failed", 5],
  ["requests are told to wait", { throttle: 0.5 }, "read failed", 1],
  ["requests are never answered", { hang: 0.3 }, "read failed", 1],
  ["another resource is answered", { mistaken: 0.5 }, "read failed", 5],
  ["reads are further behind than is declared", { undeclaredLag: 200_000 }, "read regressed", 1],
  ["the services are down", { outages: true }, "down", 1],
  ["access is lost", { revoke: true }, "denied", 1],
  ["scopes leave", { connect: true }, "left", 1],
  ["scopes join", { connect: true }, "joined", 1],
  ["processes die", { crash: true }, "crash", 2],
  ["processes stand still", { freeze: 9_000 }, "freeze", 2],
  ["webhooks are sent again to a process that was down", { crash: true, hintRetry: true }, "webhook undefined", 1],
];
for (const [name, conditions, sign, least] of faults) {
  test(name, async () => {
    const { counts } = await watch(conditions);
    assert.ok((counts[sign] ?? 0) >= least, `${sign}: ${counts[sign] ?? 0}`);
  });
}

test("none of it happens in a world that is calm, whatever its conditions", async () => {
  const all: Partial<Conditions> = Object.assign(
    { drop: 1, truncate: 1 },
    ...faults.map(([, conditions]) => conditions),
  );
  // Each scope begins connected or not by chance: with one, there would be nothing to see in every other seed.
  const { counts } = await watch(all, { quiet: true, scopes: [..."abcdefgh"] });
  const signs = faults.map(([, , sign]) => sign).filter((sign) => sign !== "webhook 202");
  assert.deepEqual(
    signs.filter((sign) => sign in counts),
    [],
  );
  assert.equal(counts["webhook 202"], 20);
});

test("a request to a scope that left finds no access, and one to another does", async () => {
  const random = createRandom(1);
  const time = createVirtualTime({ random });
  const weather = { calm: false, denied: false, down: false, away: new Set(["a"]) };
  const request = createRequest({ ...drawConditions(random), ...CALM }, weather, time, random);
  const answers = ["a", "b"].map((scope) =>
    request(
      (run) => run(),
      scope,
      () => scope,
    ),
  );
  const settled = Promise.allSettled(answers);
  await time.run(time.now() + 1_000);
  const [left, there] = await settled;
  assert.ok(left?.status === "rejected" && left.reason instanceof AccessLost);
  assert.ok(there?.status === "fulfilled" && there.value === "b");
});

test("webhooks come late, and so out of order", async () => {
  const { events } = await watch({ hintDelay: 60_000 });
  const written = (await watch({})).events;
  assert.ok(events.length > 10);
  assert.notDeepEqual(events, written.slice(0, events.length));
  assert.ok(events.every((event) => written.includes(event)));
});

test("reads are behind as they declare, and some cannot be ordered", async () => {
  const { counts } = await watch({ lag: 4_000, versions: "none" }, { pace: 500 });
  assert.ok((counts["read unordered"] ?? 0) > 0);
  assert.equal((await watch({ versions: "none" }, { pace: 500 })).counts["read unordered"], undefined);
});

test("a list that ends too early has what it did not name read", async () => {
  const { calls } = await watch({ truncate: 1 });
  const whole = await watch({});
  assert.ok(calls.fetch > whole.calls.fetch + 20, `${calls.fetch} fetches, ${whole.calls.fetch} where lists are whole`);
});

test("a page may leave one out, be all there is, be empty, or name itself", async () => {
  const listed = async (truncated: "short" | "ended" | "empty" | "repeated") => {
    const world = createWorld({
      types: ["notes.note"],
      conditions: { ...CALM, truncate: 1, truncated, sweep: 3_600_000 },
    });
    const seen: string[] = [];
    for (const id of ["1", "2", "3"]) world.write("notes.note", id, { text: "x" }, { webhook: false });
    await world.start((sync) => sync.subscribe("all", ({ id }) => void seen.push(id)));
    await world.run(60_000);
    await world.stop();
    return { seen, pages: world.calls.list };
  };
  assert.deepEqual(await listed("short"), { seen: ["2"], pages: 1 });
  assert.deepEqual(await listed("ended"), { seen: ["1", "2"], pages: 1 });
  assert.deepEqual(await listed("empty"), { seen: [], pages: 1 });
  const { seen, pages } = await listed("repeated");
  assert.deepEqual(seen, ["1", "2"]);
  assert.ok(pages > 2, `${pages} pages, one and the same`);
});

test("the services are down for as long as the test says, in the way that it says, or until all is calm", async () => {
  for (const outage of ["failing", "silent", "page"] as const) {
    const told: string[] = [];
    const observe = (event: WorldEvent) => void told.push(nameOf(event));
    const world = createWorld({ types: ["notes.note"], conditions: { ...CALM, outage }, observe });
    const seen: string[] = [];
    await world.start((sync) => sync.subscribe("all", ({ id, after }) => void seen.push(`${id} ${after !== null}`)));
    world.write("notes.note", "1", { text: "x" });
    await world.run(5_000);
    world.down(300_000);
    told.length = 0;
    world.write("notes.note", "2", { text: "x" });
    await world.run(299_000);
    assert.deepEqual(seen, ["1 true"], outage);
    // A page of the gateway's passes for a list in which nothing is.
    assert.equal(told.includes("page"), outage === "page", outage);
    assert.ok(told.includes("read failed"), outage);
    if (outage === "failing") world.calm = true;
    await world.run(outage === "failing" ? 200_000 : 400_000);
    assert.deepEqual(seen, ["1 true", "2 true"], outage);
    await world.stop();
  }
});

test("requests beyond the limit of a minute are told to wait for the next one", async () => {
  const world = createWorld({ types: ["notes.note"], conditions: { ...CALM, limit: 10, sweep: 3_600_000 } });
  await world.start((sync) => sync.subscribe("all", () => {}));
  for (let i = 0; i < 40; i++) world.write("notes.note", `n${i}`, { text: "x" });
  for (let minute = 1; minute <= 4; minute++) {
    await world.run(60_000 - (world.time.now() % 60_000) - 1);
    const made = world.calls.fetch + world.calls.list - world.calls.refused;
    assert.ok(made > 6 * minute && made <= 10 * minute, `${made} in ${minute} minutes`);
    await world.run(1);
  }
  assert.ok(world.calls.refused > 0);
  await world.settle();
  await world.stop();
  assert.equal((await watch({})).calls.refused, 0);
});

test("access that is lost looks forbidden, or as if nothing were there, and nothing is deleted", async () => {
  for (const revoked of ["forbidden", "missing"] as const) {
    const deleted: string[] = [];
    const world = createWorld({ types: ["notes.note"], conditions: { ...CALM, revoke: true, revoked, sweep: 30_000 } });
    await world.start((sync) => sync.subscribe("all", ({ id, after }) => after ?? deleted.push(id)));
    for (let i = 0; i < 20; i++) world.write("notes.note", `n${i}`, { text: "x" });
    await world.run(500_000);
    await world.settle();
    assert.deepEqual(deleted, [], revoked);
    await world.stop();
  }
});
