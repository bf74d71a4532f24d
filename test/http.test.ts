/** `tidemark/http`: one handler for webhooks in, and changes, resources and health out. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createSync } from "tidemark";
import { createHandler, type Grant, type HandlerOptions } from "tidemark/http";
import { listener } from "tidemark/node";
import { createDesk, memory, take } from "./desk.ts";

const TOKEN = "a-token-that-is-long-enough";
const BEARER = { authorization: `Bearer ${TOKEN}` };

interface Context {
  after(run: () => unknown): void;
}

async function setUp(t: Context, options: HandlerOptions = { token: TOKEN }, scopes = [""]) {
  const desk = createDesk({ scopes });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  const handler = createHandler(sync, options);
  const get = (path: string, headers: Record<string, string> = BEARER) =>
    handler(new Request(`http://x${path}`, { headers }));
  /** Changes in the log, one for each. */
  const write = async (...ids: string[]) => {
    for (const id of ids) {
      const [scope = "", name = ""] = id.includes("/") ? id.split("/") : ["", id];
      desk.put(name, `${Math.random()}`, scope);
      await sync.hint("desk.note", name, { scope });
      await sync.drain();
    }
  };
  /** The same, many at once. */
  const flood = async (ids: readonly string[]) => {
    for (const id of ids) desk.put(id, "x");
    await Promise.all(ids.map((id) => sync.hint("desk.note", id)));
    await sync.drain();
  };
  return { desk, sync, handler, get, write, flood };
}

/** Events of a stream, as an `EventSource` would give them. */
function reading(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let id = "";
  return {
    id: () => id,
    cancel: () => reader.cancel(),
    /** The next message; undefined at the end. */
    async next(): Promise<{ event: string; data: Record<string, unknown> } | undefined> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const lines = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          const of = (field: string) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
          id = of("id") ?? id;
          const data = of("data");
          if (data !== undefined) return { event: of("event") ?? "message", data: JSON.parse(data) };
          continue;
        }
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
      }
    },
  };
}

const EVENTS = { ...BEARER, accept: "text/event-stream" };
// biome-ignore lint/suspicious/noExplicitAny: what a test expects of it
const bodyOf = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json();
const idsOf = (changes: { id: string }[]) => changes.map(({ id }) => id);

test("everything but webhooks, livez and readyz is closed without a token and without authorize", async (t) => {
  const { get, handler, desk } = await setUp(t, {});
  for (const path of ["/changes", "/resources/desk.note/a", "/health"]) {
    const answer = await get(path);
    assert.equal(answer.status, 403, path);
    assert.match((await bodyOf(answer)).error, /give createHandler a token/);
  }
  for (const path of ["/livez", "/readyz"]) assert.equal((await get(path, {})).status, 200, path);
  const hint = desk.put("a", "1");
  const send = (signature: string) =>
    handler(
      new Request("http://x/webhooks/desk", { method: "POST", body: JSON.stringify([hint]), headers: { signature } }),
    );
  assert.equal((await send("good")).status, 202);
  assert.equal((await send("forged")).status, 401);
});

test("a token that does not fit is 401, one of several that does is let in, a short one is refused at once", async (t) => {
  const other = "another-token-of-some-length";
  const { get } = await setUp(t, { token: [TOKEN, other] });
  for (const authorization of ["", "Bearer", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, `Bearer ${TOKEN.slice(1)}`]) {
    const answer = await get("/changes", { authorization });
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
  }
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${other}`]) {
    assert.equal((await get("/changes", { authorization })).status, 200, authorization);
  }
  await assert.rejects(setUp(t, { token: "short" }), /at least 16 characters/);
  await assert.rejects(setUp(t, { token: [TOKEN, ""] }), /at least 16 characters/);
  for (const token of ["a token with spaces", "a-token-with-\u00fcmlaut", "a-token-that-ends\n"]) {
    await assert.rejects(setUp(t, { token }), /without a space/);
  }
});

test("what authorize grants is all that is seen, in pages, streams and resources", async (t) => {
  const { get, write } = await setUp(t, { authorize: () => ({ scope: "one" }) }, ["one", "two"]);
  await write("one/a", "two/b", "one/c");
  assert.deepEqual(idsOf((await bodyOf(get("/changes"))).changes), ["a", "c"]);
  assert.equal((await get("/changes?scope=two")).status, 403);
  assert.equal((await get("/resources/desk.note/b?scope=two")).status, 403);
  assert.equal((await get("/resources/desk.note/a")).status, 200);
  assert.equal((await get("/health")).status, 403);
  const stream = reading(await get("/changes", { accept: "text/event-stream" }));
  assert.equal((await stream.next())?.data["id"], "a");
  assert.equal((await stream.next())?.data["id"], "c");
  await write("two/d", "one/e");
  assert.equal((await stream.next())?.data["id"], "e");
  await stream.cancel();
});

test("authorize may refuse, answer itself, or grant no type at all", async (t) => {
  const answers = [false, new Response("sign in", { status: 302, headers: { location: "/login" } }), { types: [] }];
  const { get, write } = await setUp(t, { authorize: () => answers.shift() ?? false });
  await write("a");
  assert.equal((await get("/changes")).status, 401);
  const own = await get("/changes");
  assert.equal(own.headers.get("location"), "/login");
  assert.deepEqual((await bodyOf(get("/changes"))).changes, []);
});

test("an object with neither a scope nor types, as of a session without an account, grants nothing", async (t) => {
  const none = [{}, { scope: undefined }, { scope: undefined, types: undefined }, "yes", ["a"]];
  // What is no text and no list of texts narrows nothing: `null` showed all types, and who followed all scopes.
  const odd = [
    { scope: null },
    { types: null },
    { scope: "", types: null },
    { scope: ["a"] },
    { types: "desk.notebook" },
  ];
  const grants: unknown[] = [...none, ...odd, { scope: 1 }, { types: new Set(["desk.note"]) }, { types: [null] }];
  for (const grant of grants) {
    const { get, write } = await setUp(t, { authorize: () => grant as Grant });
    await write("a");
    for (const path of ["/changes", "/resources/desk.note/a", "/health"]) {
      const answer = await get(path, {});
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(grant)}`);
      assert.match((await bodyOf(answer)).error, /neither a scope nor types/);
    }
  }
});

test("pages follow each other by their cursor, and the last one says that there is no more", async (t) => {
  const { get, write } = await setUp(t);
  await write("a", "b", "c");
  const first = await bodyOf(get("/changes?limit=2"));
  assert.deepEqual([idsOf(first.changes), first.more], [["a", "b"], true]);
  const second = await bodyOf(get(`/changes?limit=2&after=${first.cursor}`));
  assert.deepEqual([idsOf(second.changes), second.more], [["c"], false]);
  const third = await bodyOf(get(`/changes?after=${second.cursor}`));
  assert.deepEqual([third.changes, third.cursor], [[], second.cursor]);
  assert.deepEqual((await bodyOf(get("/changes?from=now"))).cursor, second.cursor);
  assert.deepEqual((await bodyOf(get("/changes?types=desk.other"))).changes, []);
});

test("what is asked for wrongly is said, and a cursor that is lost is 410", async (t) => {
  const { get, handler } = await setUp(t);
  for (const query of ["limit=0", "limit=x", "limit=100000", "from=then", "typ=desk.note"]) {
    assert.equal((await get(`/changes?${query}`)).status, 400, query);
  }
  for (const headers of [BEARER, EVENTS]) {
    assert.equal((await get("/changes?after=nonsense", headers)).status, 410);
  }
  assert.equal((await get("/resources/desk.none/a")).status, 404);
  assert.equal((await get("/resources/desk.note")).status, 404);
  assert.equal((await get("/constructor")).status, 404);
  assert.equal((await get("/webhooks/%E0%A4%A")).status, 404);
  const posted = await handler(new Request("http://x/changes", { method: "POST", headers: BEARER }));
  assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  assert.throws(() => createHandler({} as never, { base: "sync/" }), /base must be like/);
});

test("a cursor that who sees a part made up has nothing swept; one of who sees everything has", async (t) => {
  const authorize = ({ headers }: Request) => (headers.has("x-all") ? true : { scope: "" });
  const { get, sync, write } = await setUp(t, { authorize });
  await write("a");
  for (const headers of [{}, EVENTS]) {
    assert.equal((await get("/changes?after=ab.1.1", headers)).status, 410);
    assert.deepEqual((await sync.health()).gaps, []);
  }
  assert.equal((await get("/changes?after=ab.1.1", { "x-all": "1" })).status, 410);
  assert.equal((await sync.health()).gaps.length, 1);
});

test("nothing is asked of the provider in a scope that it has not, whoever says so", async (t) => {
  const { get, desk, sync, write } = await setUp(t, { token: TOKEN, authorize: () => ({ types: ["desk.note"] }) });
  await write("a");
  const before = desk.calls.length;
  for (const headers of [{}, BEARER]) {
    for (const scope of ["../..", "theirs"]) {
      const answer = await get(`/resources/desk.note/a?maxAge=0&scope=${scope}`, headers);
      assert.equal(answer.status, 404);
      assert.match((await bodyOf(answer)).error, /has no scope/);
    }
  }
  assert.deepEqual(desk.calls.slice(before), []);
  assert.equal((await sync.resources()).resources.length, 1, "and nothing is kept of it");
});

test("a resource is what is recorded, or as fresh as asked for", async (t) => {
  const { get, desk, write } = await setUp(t);
  await write("a/b".replace("a/", ""));
  const known = await bodyOf(get("/resources/desk.note/b"));
  assert.equal(known.state.id, "b");
  desk.put("b", "newer");
  const fresh = await bodyOf(get("/resources/desk.note/b?maxAge=0"));
  assert.equal(fresh.state.text, "newer");
  assert.equal((await get("/resources/desk.note/none")).status, 404);
  assert.equal((await get("/resources/desk.note/b?maxAge=-1")).status, 400);
});

test("health is 200 while nothing is wrong and 503 with its alarms else; HEAD has no body", async (t) => {
  const { get, handler, sync, desk } = await setUp(t);
  assert.equal((await get("/health")).status, 200);
  desk.before = () => {
    throw new Error("down");
  };
  await sync.hint("desk.note", "a");
  await sync.drain({ budgetMs: 50 });
  const ill = await get("/health");
  assert.equal(ill.status, 503);
  assert.ok((await bodyOf(ill)).alarms.length > 0);
  const head = await handler(new Request("http://x/changes", { method: "HEAD", headers: EVENTS }));
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("a stream begins at once, gives what there is and then what comes, and ends with the engine", async (t) => {
  const { get, write, sync } = await setUp(t);
  const empty = reading(await get("/changes", EVENTS));
  await write("a", "b");
  const late = reading(await get("/changes", EVENTS));
  const now = reading(await get("/changes?from=now", EVENTS));
  for (const stream of [empty, late]) {
    assert.equal((await stream.next())?.data["id"], "a");
    assert.equal((await stream.next())?.data["id"], "b");
  }
  await write("c");
  for (const stream of [empty, late, now]) assert.equal((await stream.next())?.data["id"], "c");
  assert.match(now.id(), /^[0-9a-f]+\.3\.\d+$/);
  await sync.stop();
  for (const stream of [empty, late, now]) assert.equal(await stream.next(), undefined);
});

test("a reader that is cut off at any moment resumes after its last id, without a gap and without a repeat", async (t) => {
  const { handler, write } = await setUp(t);
  const server = createServer(listener(handler));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/changes`;
  const ids = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const writing = (async () => {
    for (const id of ids) await write(id);
  })();
  const seen: unknown[] = [];
  let last = "";
  for (let cut = 1; seen.length < ids.length; cut++) {
    const headers = last === "" ? EVENTS : { ...EVENTS, "last-event-id": last };
    const stream = reading(await fetch(url, { headers }));
    for (let n = 0; n < cut && seen.length < ids.length; n++) seen.push((await stream.next())?.data["id"]);
    last = stream.id();
    await stream.cancel();
  }
  await writing;
  assert.deepEqual(seen, ids);
});

test("a reader that stops reading holds up nobody, and goes on where it was when it reads again", async (t) => {
  const { get, flood, sync } = await setUp(t);
  const slow = reading(await get("/changes?from=now", EVENTS));
  const quick = reading(await get("/changes?from=now", EVENTS));
  await flood(["first"]);
  for (const stream of [slow, quick]) assert.equal((await stream.next())?.data["id"], "first");
  const ids = Array.from({ length: 1_200 }, (_, i) => `n${i}`);
  const { length } = ids;
  const all: unknown[] = [];
  await Promise.all([
    flood(ids),
    (async () => {
      while (all.length < length) all.push((await quick.next())?.data["id"]);
    })(),
  ]);
  const log = idsOf(await take(sync.changes({ follow: false }))).slice(1);
  assert.deepEqual(all, log);
  const then: unknown[] = [];
  while (then.length < length) then.push((await slow.next())?.data["id"]);
  assert.deepEqual(then, log);
  await Promise.all([slow.cancel(), quick.cancel()]);
});
