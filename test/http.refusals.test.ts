/** Who may not: pages of other origins, those who see a part, names that anybody can point here. On a real server. */
import assert from "node:assert/strict";
import { createServer, request as overHttp } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import type { Grant, HandlerOptions } from "tidemark/http";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { BEARER, setUp, TOKEN } from "./http.operator.kit.ts";

interface Context {
  after(run: () => unknown): void;
}
interface Sent {
  method?: string;
  headers?: Record<string, string | undefined>;
  body?: string | Uint8Array;
}

/** The handler behind `node:http`. `peer`: who the socket is said to be connected to. */
async function serve(t: Context, options: HandlerOptions = {}, peer?: string) {
  const { handler, sync, write } = setUp(t, { inspector: true, ...options }, { scopes: ["one", "two"] });
  const server = createServer(listener(handler));
  if (peer)
    server.on("connection", (socket: Socket) => Object.defineProperty(socket, "remoteAddress", { value: peer }));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  /** As a browser or a program sends it: each header as it is given, `undefined` not at all. */
  const send = async (path: string, { method = "GET", headers = {}, body }: Sent = {}) => {
    const given = Object.entries(headers).filter((one): one is [string, string] => one[1] !== undefined);
    const answer = await new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
      (resolve, reject) => {
        const request = overHttp(
          { host: "127.0.0.1", port, method, path, headers: Object.fromEntries(given) },
          (response) => {
            const { statusCode: status = 0, headers } = response;
            text(response).then((said) => resolve({ status, headers, text: said }), reject);
          },
        );
        request.on("error", reject).end(body);
      },
    );
    return { ...answer, error: answer.text.startsWith("{") ? (JSON.parse(answer.text).error as string) : undefined };
  };
  /** An act that would be done, but for what is given. */
  const act = (path: string, headers: Sent["headers"] = {}, body: Sent["body"] = "{}") =>
    send(path, { method: "POST", headers: { ...BEARER, "content-type": "application/json", ...headers }, body });
  return { sync, write, send, act, port };
}

const ACTS = [
  "/sweep",
  "/audit",
  "/pause",
  "/resume",
  "/resources/desk.note/a/hint",
  "/subscriptions/log/retry",
  "/subscriptions/log/skip",
  "/subscriptions/log/rewind",
];
const SHOWN = [
  "/health",
  "/about",
  "/newest",
  "/history/desk.note/a",
  "/resources",
  "/losses",
  "/subscriptions/log/parked",
];

suite("acts", () => {
  test("there are none unless they are switched on", async (t) => {
    const { act } = await serve(t, { operate: false });
    for (const path of ACTS) {
      const { status, error } = await act(path);
      assert.deepEqual([status, error], [403, "switched off: operate: true"], path);
    }
  });

  test("not from a page of another origin, whatever token or cookie it comes with, and nothing is done", async (t) => {
    const { act, sync, port } = await serve(t, { authorize: () => true });
    const own = `127.0.0.1:${port}`;
    const wrong: Sent["headers"][] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "Same-Origin" },
      { "sec-fetch-site": "" },
      { origin: "null" },
      { origin: "https://evil.example" },
      { origin: `http://127.0.0.1:${port + 1}` },
      { origin: "http://127.0.0.1" },
      { origin: `http://localhost:${port}` },
      { origin: `http://user@${own}` },
      { origin: `HTTP://${own}` },
      { origin: `http://${own}/` },
      { origin: `http://${own}.evil.example` },
      // No word of the browser that a proxy stands between.
      { origin: `https://${own}` },
      { origin: `https://${own}`, "sec-fetch-site": "none" },
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ];
    for (const headers of wrong) {
      for (const path of ["/pause", "/subscriptions/log/rewind"]) {
        const { status, error } = await act(path, headers, JSON.stringify({ provider: "desk" }));
        assert.equal(status, 403, JSON.stringify(headers));
        assert.match(error ?? "", /page of another origin/);
      }
    }
    assert.deepEqual((await sync.health()).paused, []);
  });

  test("from a page of this very origin, also behind a proxy that ends TLS, and from programs", async (t) => {
    const { act, port } = await serve(t);
    const right: Sent["headers"][] = [
      {},
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "same-origin" },
      { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" },
      { origin: `http://127.0.0.1:${port}` },
      { host: "ops.example.com", origin: "https://ops.example.com", "sec-fetch-site": "same-origin" },
      { "content-type": "application/json; charset=utf-8" },
      { "content-type": "Application/JSON" },
    ];
    for (const headers of right) assert.equal((await act("/sweep", headers)).status, 200, JSON.stringify(headers));
  });

  test("nothing but JSON, since a form needs no leave to be sent", async (t) => {
    const { act, sync } = await serve(t, { authorize: () => true });
    const types = [
      ...[
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain;application/json",
      ],
      ...[undefined, "application/jsonp", "application/json5", "text/json"],
    ];
    for (const type of types) {
      const { status, error } = await act("/pause", { "content-type": type }, '{"provider":"desk"}');
      assert.equal(status, 415, type);
      assert.match(error ?? "", /content-type: application\/json/);
    }
    assert.deepEqual((await sync.health()).paused, []);
  });

  test("a cookie alone proves nothing: with it the browser must say that the page is ours", async (t) => {
    const authorize = ({ headers }: Request) => headers.get("cookie") === "session=1";
    const { act } = await serve(t, { authorize });
    const cookie = { cookie: "session=1", authorization: undefined };
    for (const headers of [
      cookie,
      { ...cookie, "sec-fetch-site": "none" },
      { ...cookie, authorization: "Basic eDp5" },
    ]) {
      const { status, error } = await act("/sweep", headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.match(error ?? "", /needs Authorization: Bearer/);
    }
    assert.equal((await act("/sweep", { ...cookie, "sec-fetch-site": "same-origin" })).status, 200);
    assert.equal(
      (await act("/sweep", { cookie: "session=2", authorization: undefined, "sec-fetch-site": "same-origin" })).status,
      401,
    );
    assert.equal((await act("/sweep", { authorization: `Bearer ${TOKEN}x` })).status, 401);
  });

  test("none by GET, and none by a body of more than 64 kB or that is no JSON", async (t) => {
    const { act, send } = await serve(t);
    for (const path of ACTS) {
      const { status, headers } = await send(path, { headers: BEARER });
      assert.deepEqual([status, headers["allow"]], [405, "POST"], path);
    }
    const pad = (length: number) => JSON.stringify({ type: "desk.note" }).padEnd(length, " ");
    assert.equal((await act("/sweep", {}, pad(65_536))).status, 200);
    const large = await act("/sweep", {}, pad(65_537));
    assert.deepEqual([large.status, large.error], [413, "the body is larger than 65536 bytes"]);
    const announced = await act("/sweep", { "content-length": "70000" }, pad(70_000));
    assert.equal(announced.status, 413);
    assert.equal((await act("/sweep", {}, "type=desk.note")).error, "the body must be JSON");
    assert.equal((await act("/sweep", {}, "")).status, 200, "without a body it is {}");
  });
});

test("what shows or does everything is not for who sees a part; changes and resources are", async (t) => {
  const grants: Grant[] = [{ scope: "one" }, { scope: "" }, { types: ["desk.note"] }, { types: [] }];
  for (const grant of grants) {
    const { act, send, sync } = await serve(t, { authorize: () => grant });
    await sync.sweep();
    for (const path of SHOWN) {
      const { status, error } = await send(path);
      assert.deepEqual(
        [status, error],
        [403, "this is for who may see everything"],
        `${path} ${JSON.stringify(grant)}`,
      );
    }
    for (const path of ACTS) {
      const answer = await act(path, { authorization: undefined, "sec-fetch-site": "same-origin" });
      assert.equal(answer.status, 403, `${path} ${JSON.stringify(grant)}`);
    }
    assert.equal((await send("/changes")).status, 200);
  }
  const { send } = await serve(t);
  for (const path of [...SHOWN, "/changes", "/resources/desk.note/a"])
    assert.equal((await send(path)).status, 401, path);
});

test("what no web request can be made of is the caller's mistake, not a failure of the handler", async (t) => {
  const { send } = await serve(t);
  const { status, text } = await send("/livez", { method: "TRACE" });
  assert.deepEqual([status, text], [400, "no web request can be made of this\n"]);
});

suite("the inspector's page", () => {
  /** Let in, whether or not the page was built here. */
  const isIn = (status: number) => status === 200 || status === 503;

  test("it is not there unless it is switched on, and nobody may look without a token or authorize", async (t) => {
    const { send } = await serve(t, { inspector: false });
    const { status, error } = await send("/inspector");
    assert.deepEqual([status, error], [403, "switched off: inspector: true"]);
    for (const options of [{}, { token: [] }]) {
      assert.throws(() => createHandler({} as never, { ...options, inspector: true }), /the inspector needs a token/);
    }
  });

  test("it is for this machine's own names with a port, and no other host", async (t) => {
    const { send, port } = await serve(t);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, "localhost:1"]) {
      assert.ok(isIn((await send("/inspector", { headers: { host } })).status), host);
    }
    const wrong = [
      ...["evil.example", `evil.example:${port}`, "localhost", "127.0.0.1", "[::1]", "localhost:"],
      ...[`0.0.0.0:${port}`, `[::]:${port}`, `localhost.:${port}`, `127.0.0.1.:${port}`, `LOCALHOST:${port}`],
      ...[`localhost:${port}@evil.example`, `evil@localhost:${port}`, `localhost.evil.example:${port}`],
      ...[`127.0.0.2:${port}`, `127.1:${port}`, `2130706433:${port}`, `[::ffff:127.0.0.1]:${port}`, "localhost:x"],
    ];
    for (const host of wrong) {
      for (const path of ["/inspector", "/inspector/", "/inspector/assets/index-abc.js"]) {
        const { status, error } = await send(path, { headers: { host } });
        assert.equal(status, 403, `${path} of ${host}`);
        assert.match(error ?? "", /open it as http:\/\/127\.0\.0\.1:<port>, or name the host in inspector/);
      }
    }
  });

  test("a host that is sent twice, or is empty, is none", async (t) => {
    const { port } = await serve(t);
    const own = `host: localhost:${port}\r\n`;
    for (const hosts of [`${own}host: evil.example\r\n`, `host: evil.example\r\n${own}`, `${own}${own}`, "host:\r\n"]) {
      const socket = connect(port, "127.0.0.1");
      socket.end(`GET /inspector HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);
      assert.match(await text(socket), /^HTTP\/1\.1 403 /, hosts);
    }
  });

  test("who connects from elsewhere is refused, whatever its headers say", async (t) => {
    for (const peer of ["10.0.0.9", "::ffff:10.0.0.9", "fe80::1", "2001:db8::1"]) {
      const { send, port } = await serve(t, {}, peer);
      const headers = { host: `localhost:${port}`, "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" };
      const { status, error } = await send("/inspector", { headers });
      assert.equal(status, 403, peer);
      assert.match(error ?? "", /for this machine alone/);
    }
    for (const peer of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
      const { send, port } = await serve(t, {}, peer);
      assert.ok(isIn((await send("/inspector", { headers: { host: `localhost:${port}` } })).status), peer);
    }
  });

  test("hosts that no browser sends are said to be none", () => {
    for (const hosts of ["ops.example.com", ["https://ops.example.com"], ["OPS.example.com"], ["*"], [""], [3000]]) {
      const options = { token: TOKEN, inspector: { hosts } } as HandlerOptions;
      assert.throws(
        () => createHandler({} as never, options),
        /^TypeError: createHandler: inspector\.hosts must be like/,
      );
    }
  });

  test("hosts that are named are let in as they stand there, from wherever they come", async (t) => {
    const { send, port } = await serve(t, { inspector: { hosts: ["ops.example.com", "10.0.0.5:3000"] } }, "10.0.0.9");
    for (const host of ["ops.example.com", "10.0.0.5:3000", `localhost:${port}`]) {
      assert.ok(isIn((await send("/inspector", { headers: { host } })).status), host);
    }
    for (const host of ["ops.example.com:443", "x.ops.example.com", "10.0.0.5", "OPS.example.com", "localhost"]) {
      assert.equal((await send("/inspector", { headers: { host } })).status, 403, host);
    }
  });
});
