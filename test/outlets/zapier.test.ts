/** `tidemark/outlets/zapier`: hooks that are turned on and off, and polls with the newest first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { type ZapierHook, type ZapierOptions, zapier } from "tidemark/outlets/zapier";
import { createDesk, memory } from "../desk.ts";
import { type Context, type DeskSync, setUp, testOutlet } from "./outlet.kit.ts";
import { createReceiver, type Request as Received, targetOver } from "./receiver.ts";

type Handler = (request: Request) => Promise<Response>;

/** Where an application keeps hooks. */
function createTable() {
  const table = new Map<string, ZapierHook>();
  const hooks = {
    list: () => [...table.values()],
    add: (hook: ZapierHook) => table.set(hook.id, hook),
    remove: (id: string) => table.delete(id),
  };
  return { table, hooks };
}

const everything = () => true;
const post = (handler: Handler, body: unknown, path = "/hooks") =>
  handler(
    new Request(`http://x${path}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
  );
const get = (handler: Handler, path: string, headers: Record<string, string> = {}) =>
  handler(new Request(`http://x${path}`, { headers }));
const end = (handler: Handler, id: string, headers: Record<string, string> = {}) =>
  handler(new Request(`http://x/hooks/${id}`, { method: "DELETE", headers }));
const itemOf = ({ body }: Received) => JSON.parse(body);

async function start(t: Context, options: Partial<ZapierOptions> = {}) {
  const receiver = await createReceiver(t);
  const world = setUp(t);
  const { table, hooks } = createTable();
  const reach = { allowHttp: true, allowPrivate: true, hosts: [new URL(receiver.url).host] };
  const open = (sync: DeskSync) =>
    zapier(sync, { ...reach, hooks, time: world.time, authorize: everything, ...(options as object) });
  const handler = await open(world.sync);
  const turnOn = async (path: string, event: string, by = handler) => {
    const answer = await post(by, { target_url: `${receiver.url}${path}`, event });
    assert.equal(answer.status, 201);
    return ((await answer.json()) as { id: string }).id;
  };
  const came = (path: string) => receiver.accepted.filter(({ url }) => url === path).map((one) => itemOf(one).resource);
  const names = async () => (await world.sync.health()).subscriptions.map(({ name }) => name);
  return { ...world, receiver, table, handler, open, turnOn, came, names };
}

testOutlet<"leave" | "enter">(
  "zapier",
  async (t) => {
    const receiver = await createReceiver(t);
    const { table, hooks } = createTable();
    const reach = { allowHttp: true, allowPrivate: true, hosts: [new URL(receiver.url).host] };
    const read = (request: Received) => {
      const { id, resource, after } = itemOf(request);
      return [{ id, note: resource, text: after?.text ?? null }];
    };
    const open = async (sync: DeskSync, name: string) => {
      const handler = await zapier(sync, { ...reach, name, hooks, authorize: everything });
      if (table.size === 0) await post(handler, { target_url: receiver.url, event: "desk.note" });
    };
    return { ...targetOver(receiver, open, read), subscription: () => `out/${[...table.keys()][0]}` };
  },
  ["leave", "enter"],
);

test("a Zap gets what changes from when it is turned on until it is turned off, of the event that it names", async (t) => {
  const { sync, handler, hint, turnOn, came, names, table } = await start(t);
  await hint("1", "a");
  const all = await turnOn("/all", "desk.note");
  await turnOn("/new", "desk.note.created");
  await turnOn("/gone", "desk.note.deleted");
  for (const [note, text] of [
    ["2", "a"],
    ["2", "b"],
    ["1", "b"],
    ["2", null],
  ] as const) {
    await hint(note, text);
    await sync.drain();
  }
  assert.deepEqual([came("/all"), came("/new"), came("/gone")], [["2", "2", "1", "2"], ["2"], ["2"]]);
  assert.equal((await end(handler, all)).status, 200);
  await hint("3", "a");
  await sync.drain();
  assert.deepEqual([came("/all").length, came("/new")], [4, ["2", "3"]]);
  assert.deepEqual(
    [table.size, (await names()).length],
    [2, 3],
    "nothing of it is left, beside the two others and who looks after them",
  );
  assert.equal((await end(handler, all)).status, 200, "once more is no error");
});

test("each item is flat, and its id is another for each change and the same each time", async (t) => {
  const { sync, handler, hint, receiver, turnOn } = await start(t, { data: ({ after }) => after });
  await turnOn("/", "desk.note");
  await hint("1", "a");
  await hint("1", "b");
  await sync.drain();
  const items = receiver.accepted.map(itemOf);
  const [second, first] = await sync.newest();
  assert.deepEqual(
    items.map(({ id }) => id),
    [first, second].map((one) => `1@${one?.cursor.replaceAll(".", "-")}`),
  );
  assert.deepEqual(Object.keys(items[0]).sort(), ["at", "event", "id", "resource", "rev", "scope", "text", "type"]);
  assert.deepEqual([items[0].event, items[1].event, items[1].text], ["desk.note.created", "desk.note.updated", "b"]);
  const polled = await (await get(handler, "/changes?event=desk.note")).json();
  assert.deepEqual(polled, [...items].reverse(), "a poll shows the same, the newest first");
});

test("410 from Zapier ends the hook for good, and no other", async (t) => {
  const { sync, hint, receiver, turnOn, came, table, names, later } = await start(t);
  await turnOn("/gone", "desk.note");
  const stays = await turnOn("/stays", "desk.note");
  receiver.answer = ({ url }) => (url === "/gone" ? 410 : 200);
  for (const note of ["1", "2"]) await hint(note, "a");
  await sync.drain();
  await later();
  assert.deepEqual([came("/stays"), [...table.keys()]], [["1", "2"], [stays]]);
  assert.equal(receiver.requests.filter(({ url }) => url === "/gone").length, 1);
  assert.deepEqual((await names()).sort(), ["zapier", `zapier/${stays}`]);
  assert.equal((await sync.health()).ok, true);
});

test("one Zap that is throttled holds up no other", async (t) => {
  const { sync, hint, receiver, turnOn, came, later } = await start(t);
  await turnOn("/slow", "desk.note");
  await turnOn("/quick", "desk.note");
  receiver.answer = ({ url }) => (url === "/slow" ? 429 : 200);
  for (const note of ["1", "2"]) await hint(note, "a");
  await sync.drain();
  assert.deepEqual([came("/slow"), came("/quick")], [[], ["1", "2"]]);
  receiver.answer = () => 200;
  await later();
  assert.deepEqual(came("/slow"), ["1", "2"]);
});

test("a hook that another process added or removed is seen when changes come, and survives who added it", async (t) => {
  const { sync, engine, time, open, hint, turnOn, came, table, names } = await start(t);
  const other = engine();
  const there = await open(other);
  const id = await turnOn("/", "desk.note", there);
  // Here nobody was told; the other one dies.
  await hint("1", "a");
  await sync.drain();
  time.advance(10_000);
  await hint("2", "a");
  await sync.drain();
  await sync.drain();
  assert.deepEqual(came("/"), ["1", "2"], "from where it was turned on");
  table.delete(id);
  time.advance(10_000);
  await hint("3", "a");
  await sync.drain();
  assert.deepEqual(await names(), ["zapier"]);
  await hint("4", "a");
  await sync.drain();
  assert.ok(!came("/").includes("4"));
});

test("a list that cannot be had is waited for, and at the start it is said", async (t) => {
  const { sync, time, hint, later } = setUp(t);
  let broken = false;
  let reads = 0;
  const list = () => {
    reads++;
    if (broken) throw new Error("the database is down");
    return [];
  };
  const hooks = { list, add: () => {}, remove: () => {} };
  await zapier(sync, { hooks, time, authorize: everything });
  await sync.drain();
  for (const note of ["1", "2", "3"]) await hint(note, "a");
  await sync.drain();
  assert.equal(reads, 1, "it is not read for each change");
  broken = true;
  time.advance(10_000);
  await hint("4", "a");
  await sync.drain();
  assert.match(
    (await sync.health()).subscriptions[0]?.halted?.error ?? "",
    /RetryLater: zapier "zapier": the list of hooks could not be had/,
  );
  broken = false;
  await later();
  assert.equal((await sync.health()).subscriptions[0]?.halted, null);
  broken = true;
  await assert.rejects(zapier(sync, { name: "z2", hooks, authorize: everything }), /the database is down/);
});

test("a hook of a type that is not there any more is left alone", async (t) => {
  const { sync, hooks, table } = { ...setUp(t), ...createTable() };
  for (const event of ["old.type", "nonsense", "desk.note"])
    table.set(event, { id: event, url: "https://hooks.zapier.com/1", event });
  await zapier(sync, { hooks, authorize: everything });
  await sync.drain();
  assert.deepEqual((await sync.health()).subscriptions.map(({ name }) => name).sort(), ["zapier", "zapier/desk.note"]);
});

test("a poll gives the newest 100 of its event, of what the caller may see", async (t) => {
  const desk = createDesk({ feed: false, scopes: ["a", "b"] });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  const { hooks } = createTable();
  const authorize = ({ headers }: Request) => (headers.has("x-scope") ? { scope: headers.get("x-scope") ?? "" } : true);
  const handler = await zapier(sync, {
    base: "/zap",
    hooks,
    authorize,
    data: ({ id }) => (id === "hidden" ? undefined : {}),
  });
  const write = async (id: string, scope: string) => {
    desk.put(id, `${Math.random()}`, scope);
    await sync.hint("desk.note", id, { scope });
    await sync.drain();
  };
  await write("first", "a");
  for (let i = 0; i < 120; i++) await write("again", i % 2 ? "a" : "b");
  await write("hidden", "b");
  const poll = async (event: string, headers = {}) => {
    const answer = await get(handler, `/zap/changes?event=${event}`, headers);
    assert.equal(answer.status, 200);
    return (await answer.json()) as { id: string; resource: string; scope: string; at: string }[];
  };
  const all = await poll("desk.note");
  assert.equal(all.length, 99, "the newest hundred, less the one that is left out");
  const times = all.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
  );
  const own = await poll("desk.note", { "x-scope": "b" });
  assert.ok(own.length > 0 && own.every(({ scope }) => scope === "b"));
  assert.deepEqual(
    (await poll("desk.note.created")).map(({ resource }) => resource),
    ["again", "again", "first"],
  );
  assert.equal((await poll("desk.note.updated")).length, 100);
  assert.deepEqual(await poll("desk.note.deleted"), []);
});

test("who may not see, may not; and what is asked for wrongly is said", async (t) => {
  const { sync, handler, receiver, table, turnOn, open } = await start(t, {
    authorize: ({ headers }) => {
      const who = headers.get("authorization");
      if (who === "own") return new Response("sign in", { status: 302 });
      if (who === "neither") return { scope: undefined } as object;
      if (who === "null") return { types: null } as never;
      return who === "none"
        ? false
        : who === "scope"
          ? { scope: "s" }
          : who === "types"
            ? { types: ["desk.other"] }
            : true;
    },
  });
  const as = (authorization: string) => ({ authorization });
  assert.equal((await get(handler, "/changes?event=desk.note", as("none"))).status, 401);
  assert.equal((await get(handler, "/changes?event=desk.note", as("own"))).status, 302);
  for (const who of ["neither", "null"])
    assert.equal((await get(handler, "/changes?event=desk.note", as(who))).status, 403, who);
  assert.equal((await get(handler, "/changes?event=desk.note", as("types"))).status, 403);
  const id = await turnOn("/", "desk.note");
  assert.equal((await end(handler, id, as("none"))).status, 401);
  for (const who of ["scope", "types"]) assert.equal((await end(handler, id, as(who))).status, 200);
  assert.equal(table.size, 1, "another's hook stays");
  for (const path of ["/changes?event=desk.none", "/changes?event=note", "/changes"]) {
    assert.equal((await get(handler, path)).status, 400, path);
  }
  for (const path of ["/", "/hooks", "/hooks/x", "/other"]) assert.equal((await get(handler, path)).status, 404, path);
  const { host } = new URL(receiver.url);
  const urls = [
    "http://127.0.0.1:1/",
    `http://u:p@${host}/`,
    `ftp://${host}/`,
    "nonsense",
    `http://${host}.evil.test/`,
  ];
  for (const target_url of urls)
    assert.equal((await post(handler, { target_url, event: "desk.note" })).status, 400, target_url);
  for (const body of [
    "",
    "{",
    "[]",
    { target_url: receiver.url },
    { event: "desk.note" },
    { target_url: receiver.url, event: "desk.none" },
  ]) {
    assert.equal((await post(handler, body)).status, 400);
  }
  assert.equal((await post(handler, "x".repeat(20_000))).status, 413);
  assert.equal(table.size, 1);
  await assert.rejects(open(sync), /is subscribed already/);
  await assert.rejects(zapier(sync, { name: "z", hooks: {} as never, authorize: everything }), /hooks must have list/);
  await assert.rejects(
    zapier(sync, { name: "z", hooks: createTable().hooks, authorize: undefined as never }),
    /authorize\(request\) must/,
  );
  await assert.rejects(
    zapier(sync, { base: "x/", hooks: createTable().hooks, authorize: everything }),
    /base must be like/,
  );
});

test("a hook that is not https, or not Zapier's, is refused unless that is allowed", async (t) => {
  const { sync } = setUp(t);
  const { hooks, table } = createTable();
  const handler = await zapier(sync, { hooks, authorize: everything });
  const status = async (target_url: string) => (await post(handler, { target_url, event: "desk.note" })).status;
  assert.equal(await status("http://hooks.zapier.com/1"), 400);
  assert.equal(await status("https://evil.example/1"), 400);
  assert.equal(await status("https://hooks.zapier.com.evil.example/1"), 400);
  assert.equal(await status("https://hooks.zapier.com/hooks/standard/1/2/"), 201);
  for (const name of ["targetUrl", "hookUrl"]) {
    assert.equal(
      (await post(handler, { [name]: "https://hooks.zapier.com/3", event: "desk.note.updated" })).status,
      201,
    );
  }
  assert.equal(table.size, 3);
});

test("a list that was asked for before a hook was added or ended neither ends the one nor begins the other", async (t) => {
  const { sync, time, hint } = setUp(t);
  const receiver = await createReceiver(t);
  const { hooks, table } = createTable();
  let slow: Promise<void> | undefined;
  let asked = () => {};
  const list = async () => {
    const all = hooks.list();
    asked();
    await slow;
    return all;
  };
  const reach = { allowHttp: true, allowPrivate: true, hosts: [new URL(receiver.url).host] };
  const handler = await zapier(sync, { ...reach, hooks: { ...hooks, list }, time, authorize: everything });
  const turnOn = async (path: string) => {
    const answer = await post(handler, { target_url: `${receiver.url}${path}`, event: "desk.note" });
    return ((await answer.json()) as { id: string }).id;
  };
  const old = await turnOn("/old");
  await sync.drain();
  await hint("1", "a");
  time.advance(10_000);
  let answer = () => {};
  slow = new Promise((resolve) => {
    answer = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const draining = sync.drain();
  await begun;
  // Added and ended while the list is on its way.
  await turnOn("/new");
  slow = undefined;
  await end(handler, old);
  answer();
  await draining;
  await hint("2", "a");
  await sync.drain();
  const came = (path: string) => receiver.accepted.filter(({ url }) => url === path).map((one) => itemOf(one).resource);
  assert.deepEqual([came("/new"), came("/old").includes("2"), table.size], [["2"], false, 1]);
});

test("a hook whose beginning cannot be saved is not kept, so that Zapier may come again", async (t) => {
  const { sync } = setUp(t);
  const { hooks, table } = createTable();
  const broken = {
    ...sync,
    rewind: async () => {
      throw new Error("the disk is full");
    },
  };
  const handler = await zapier(broken, { hooks, authorize: everything });
  assert.equal((await post(handler, { target_url: "https://hooks.zapier.com/1", event: "desk.note" })).status, 503);
  assert.equal(table.size, 0);
});

test("while the hooks cannot be saved Zapier is asked to come again", async (t) => {
  const { sync } = setUp(t);
  const { hooks } = createTable();
  const add = () => {
    throw new Error("the database is down");
  };
  const handler = await zapier(sync, { hooks: { ...hooks, add }, authorize: everything });
  const answer = await post(handler, { target_url: "https://hooks.zapier.com/1", event: "desk.note" });
  assert.deepEqual(
    [answer.status, answer.headers.get("retry-after"), await answer.json()],
    [503, "5", { error: "not now" }],
  );
});
