/** Webhooks at the edge: every answer, nothing thrown, nothing leaked. In web requests and in a real node:http server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import { createSync, RetryLater, type SyncOptions } from "tidemark";
import { webhook } from "tidemark/node";
import { systemTime } from "../src/time.ts";
import { createDesk, memory, webhookOf } from "./desk.ts";

type Test = { after(run: () => unknown): void };
function setUp(t: Test, options: Partial<SyncOptions> = {}) {
  const desk = createDesk({ scopes: ["", "a"] });
  const outcomes: string[] = [];
  const store = memory();
  const sync = createSync({
    providers: { desk: desk.provider, mute: { ...createDesk().provider, webhook: undefined } as never },
    store,
    observe: (event) =>
      void (event.kind === "webhook" && outcomes.push(`${event.outcome} ${event.reason ?? ""}`.trim())),
    ...options,
  });
  t.after(() => sync.stop());
  return { desk, sync, store, outcomes };
}

test("every kind of request gets its answer, and no detail", async (t) => {
  const { desk, sync, store, outcomes } = setUp(t);
  const note = { type: "note", id: "1" };
  const ask = async (request: Request, provider = "desk", scope?: string) => {
    const response = await sync.webhook(provider as "desk", request, scope === undefined ? {} : { scope });
    return [response.status, (await response.text()).trim()];
  };
  assert.deepEqual(await ask(webhookOf([note])), [202, ""]);
  assert.deepEqual(await ask(webhookOf([])), [202, ""]);
  assert.deepEqual(await ask(webhookOf([{ type: "other", id: "1" }])), [202, ""], "a type that is not synchronized");
  assert.deepEqual(await ask(webhookOf([{ ...note, scope: "nowhere" }])), [202, ""], "a scope that there is not");
  assert.deepEqual(
    (await store.rows({ limit: 9 })).map(({ type, scope }) => `${type} ${scope}`),
    ["desk.note "],
  );
  assert.deepEqual(await ask(webhookOf([note], "forged")), [401, "rejected"]);
  assert.deepEqual(await ask(webhookOf([{ ...note, scope: "a" }]), "desk", "a"), [202, ""]);
  assert.deepEqual(
    await ask(webhookOf([note]), "desk", "a"),
    [202, ""],
    "a hint without a scope is of the one that was verified",
  );
  assert.deepEqual(await ask(webhookOf([{ ...note, scope: "" }]), "desk", "a"), [401, "rejected"]);
  assert.deepEqual(await ask(new Request("http://x", { method: "POST", body: "{", headers: { signature: "good" } })), [
    400,
    "signed, but not readable",
  ]);
  for (const name of ["nobody", "mute", "constructor", "__proto__"])
    assert.equal((await ask(webhookOf([note]), name))[0], 404, name);
  assert.deepEqual(await ask(new Request("http://x")), [405, "webhooks are sent by POST"]);
  assert.equal(
    (await sync.webhook("desk", new Request("http://x", { method: "PUT", body: "" }))).headers.get("allow"),
    "POST",
  );

  desk.provider.webhook = () => new Response("challenge", { status: 200, headers: { "x-a": "b" } });
  const answered = await sync.webhook("desk", webhookOf([]));
  assert.deepEqual([answered.status, await answered.text(), answered.headers.get("x-a")], [200, "challenge", "b"]);
  desk.provider.webhook = () => {
    throw new RetryLater(1_000);
  };
  assert.equal((await ask(webhookOf([])))[0], 503);
  desk.provider.webhook = () => {
    throw new Error("sk_live_secret");
  };
  assert.deepEqual(await ask(webhookOf([])), [400, "signed, but not readable"]);
  assert.ok(!outcomes.join().includes("sk_live"));
  assert.deepEqual(
    [...new Set(outcomes.map((outcome) => outcome.split(" ")[0]))],
    ["accepted", "ignored", "rejected", "unreadable", "answered", "unsaved"],
  );
});

test("a hint at an id that no store can keep is left out; one that is no text is the plugin's mistake", async (t) => {
  const { sync, store, outcomes } = setUp(t);
  const send = async (...ids: unknown[]) => {
    const hints = ids.map((id) => ({ type: "note", id: id as string }));
    return (await sync.webhook("desk", webhookOf(hints))).status;
  };
  assert.equal(await send("a\0b", "good", "\ud800", "x".repeat(3_000)), 202);
  assert.equal(await send("a\0b"), 202);
  assert.equal(await send(42), 503);
  assert.deepEqual(
    (await store.rows({ limit: 9 })).map(({ id }) => id),
    ["good"],
  );
  assert.match(outcomes.splice(0).join("; "), /^accepted; ignored; unsaved StoreError: an id or scope .* give text/);
  await assert.rejects(sync.hint("desk.note", "a\0b"), /cannot be stored: give text without zero bytes/);
});

test("a body that is too large is refused before it is read, or as soon as it is", async (t) => {
  const { desk, sync } = setUp(t);
  desk.provider.bodyLimit = 1_000;
  const announced = new Request("http://x", { method: "POST", body: "x", headers: { "content-length": "1001" } });
  assert.equal((await sync.webhook("desk", announced)).status, 413);
  assert.equal(announced.bodyUsed, false);
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(300));
    },
  });
  const chunked = new Request("http://x", { method: "POST", body: endless, duplex: "half" } as RequestInit);
  assert.equal((await sync.webhook("desk", chunked)).status, 413);
  assert.ok(pulled < 10, `${pulled} chunks were read`);
});

test("a body that does not arrive in time is answered 408; one that breaks off 400; one that our host has read 500", async (t) => {
  const time = { ...systemTime, after: (ms: number, run: () => void) => systemTime.after(ms === 10_000 ? 0 : ms, run) };
  const { sync } = setUp(t, { time });
  const stuck = new Request("http://x", {
    method: "POST",
    body: new ReadableStream({}),
    duplex: "half",
  } as RequestInit);
  assert.equal((await sync.webhook("desk", stuck)).status, 408);
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error("reset")) });
  const cut = new Request("http://x", { method: "POST", body: broken, duplex: "half" } as RequestInit);
  assert.equal((await sync.webhook("desk", cut)).status, 400);
  const used = webhookOf([]);
  await used.text();
  assert.equal((await sync.webhook("desk", used)).status, 500);
});

test("a payload with __proto__ changes no prototype", async (t) => {
  const { sync } = setUp(t);
  const body = '[{"type":"note","id":"1","__proto__":{"polluted":true}}]';
  const request = new Request("http://x", { method: "POST", body, headers: { signature: "good" } });
  assert.equal((await sync.webhook("desk", request)).status, 202);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

// -- tidemark/node ------------------------------------------------------------------------------------------------------

async function listen(t: Test, listener: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(listener as never);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const url = (port: number) => `http://127.0.0.1:${port}/`;

test("node: the raw bytes are verified and saved, without a web request", async (t) => {
  const { desk, sync } = setUp(t);
  const port = await listen(t, webhook(sync, "desk"));
  const post = (body: string, headers: Record<string, string> = { signature: "good" }) =>
    fetch(url(port), { method: "POST", body, headers });
  const accepted = await post(JSON.stringify([desk.put("é\u{1F600}", "x")]));
  assert.equal(accepted.status, 202);
  await sync.drain();
  assert.equal((await sync.get("desk.note", "é\u{1F600}"))?.state?.text, "x");
  assert.equal((await post("[]", {})).status, 401);
  assert.equal((await fetch(url(port))).status, 405);
  desk.provider.bodyLimit = 10;
  const large = await post("x".repeat(1_000));
  assert.deepEqual([large.status, large.headers.get("connection")], [413, "close"]);
  const scoped = await listen(t, webhook(sync, "desk", { scope: "a" }));
  desk.provider.bodyLimit = 1_000;
  const other = await fetch(url(scoped), {
    method: "POST",
    body: '[{"type":"note","id":"1","scope":""}]',
    headers: { signature: "good" },
  });
  assert.equal(other.status, 401);
});

test("node: the raw bytes that a host has read and kept are taken as they are", async (t) => {
  const { desk, sync } = setUp(t);
  for (const place of ["body", "rawBody"]) {
    const port = await listen(t, (request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const bytes = Buffer.concat(parts);
        // A cloud function parses the body, too.
        Object.assign(request, { body: JSON.parse(bytes.toString()), [place]: bytes });
        void webhook(sync, "desk")(request, response);
      });
    });
    const post = (body: string) => fetch(url(port), { method: "POST", body, headers: { signature: "good" } });
    assert.equal((await post(JSON.stringify([desk.put(place, "x")]))).status, 202);
    desk.provider.bodyLimit = 10;
    // In pieces, so that no length is announced.
    const pieces = new Blob([JSON.stringify([desk.put(place, "too long")])]).stream();
    const large = { method: "POST", body: pieces, duplex: "half", headers: { signature: "good" } } as RequestInit;
    assert.equal((await fetch(url(port), large)).status, 413);
    desk.provider.bodyLimit = 1_000;
  }
  await sync.drain();
  assert.equal((await sync.get("desk.note", "rawBody"))?.state?.text, "too long");
});

test("node: a body parser that ran first is named; a security header that came twice is none", async (t) => {
  const { sync } = setUp(t);
  const reasons: unknown[] = [];
  const parsed = await listen(t, (request, response) => {
    Object.assign(request, { body: { parsed: true } });
    void webhook(sync, "desk")(request, response);
  });
  const answer = await fetch(url(parsed), { method: "POST", body: "[]", headers: { signature: "good" } });
  assert.equal(answer.status, 500, "it is our fault: the sender is to try again");
  assert.match(await answer.text(), /a body parser ran first.+raw bytes/);
  const { alarms } = await sync.health();
  assert.match(alarms.join(), /webhooks of desk: a body parser ran first/);
  const port = await listen(t, webhook(sync, "desk"));
  const status = await new Promise((resolve, reject) => {
    const twice = httpRequest(
      url(port),
      { method: "POST", headers: { signature: ["good", "good"] } },
      ({ statusCode }) => resolve(statusCode),
    );
    twice.on("error", reject);
    twice.end("[]");
  });
  assert.equal(status, 401);
  assert.deepEqual(reasons, []);
});

test("node: a body that turns out too large is answered, however it comes", async (t) => {
  const { desk, sync } = setUp(t);
  desk.provider.bodyLimit = 1_000;
  const port = await listen(t, webhook(sync, "desk"));
  const chunks = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(400));
    },
  });
  const large = { method: "POST", body: chunks, duplex: "half", headers: { signature: "good" } } as RequestInit;
  const answer = await fetch(url(port), large);
  assert.deepEqual([answer.status, answer.headers.get("connection")], [413, "close"]);
});

test("node: a request whose connection is gone, or that gives text, is refused at once", async (t) => {
  const { sync, outcomes } = setUp(t);
  const answers: (() => void)[] = [];
  const answered = () => new Promise<void>((resolve) => answers.push(resolve));
  const spoil: ((request: IncomingMessage) => unknown)[] = [
    (request) => request.setEncoding("utf8"),
    (request) => {
      request.destroy();
      return once(request, "close").catch(() => {});
    },
  ];
  const port = await listen(t, async (request, response) => {
    await spoil.shift()?.(request);
    await webhook(sync, "desk")(request, response);
    answers.shift()?.();
  });
  for (const _ of [...spoil]) {
    const done = answered();
    await fetch(url(port), { method: "POST", body: "[]", headers: { signature: "good" } }).catch(() => {});
    await done;
  }
  assert.match(outcomes[0] ?? "", /unsaved a body parser ran first/);
  assert.match(outcomes[1] ?? "", /unreadable the body was cut off/);
});

test("node: a connection that breaks off in a body stops nothing", async (t) => {
  const { sync, outcomes } = setUp(t);
  let answered = () => {};
  const done = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const listener = webhook(sync, "desk");
  const port = await listen(t, (request, response) => void listener(request, response).then(answered));
  const socket = connect(port, "127.0.0.1", () => {
    socket.write("POST / HTTP/1.1\r\nhost: x\r\nsignature: good\r\ncontent-length: 100\r\n\r\n[");
    setImmediate(() => socket.destroy());
  });
  await done;
  assert.match(outcomes[0] ?? "", /unreadable the body was cut off/);
  assert.equal((await fetch(url(port), { method: "POST", body: "[]", headers: { signature: "good" } })).status, 202);
});

test("the last webhook is told in the scope of what it was about, though the webhook itself named none", async (t) => {
  const desk = createDesk({ scopes: ["one", "two"] });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  await sync.webhook("desk", webhookOf([desk.put("a", "1", "one")]));
  await sync.hint("desk.note", "b", { scope: "two" });
  const { types } = await sync.health();
  const lately = types.map(({ scope, lastWebhook }) => [scope, lastWebhook !== null]);
  assert.deepEqual(lately, [
    ["one", true],
    ["two", false],
  ]);
});
