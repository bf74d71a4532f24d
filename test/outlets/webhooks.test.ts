/** `tidemark/outlets/webhooks`: signed, to public places only, and read by our own receiver. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSync } from "tidemark";
import { changeId, createPost, nameOf, type Resolve } from "tidemark/outlet";
import { type WebhooksOptions, webhooks } from "tidemark/outlets/webhooks";
import { sqlite } from "tidemark/sqlite";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { signStandardWebhook, verifyStandardWebhook } from "tidemark/verify";
import { guardedLookup, isPublic } from "../../src/outlet/address.ts";
import { createDesk, memory } from "../desk.ts";
import { type DeskSync, setUp, testOutlet } from "./outlet.kit.ts";
import { createReceiver, type Request, targetOver } from "./receiver.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const HERE = { allowHttp: true, allowPrivate: true };
const HALF = { timeout: 500, ...HERE };

const open = (sync: DeskSync, options: Partial<WebhooksOptions> & { url: string }) =>
  webhooks(sync, { name: "out", secret: SECRET, ...HERE, ...options } as never);
const headersOf = ({ headers }: Request) => ({ get: (name: string) => (headers[name] as string | undefined) ?? null });

testOutlet("webhooks", async (t) => {
  const receiver = await createReceiver(t);
  const { url } = receiver;
  return targetOver(
    receiver,
    (sync, name) => open(sync, { name, url }),
    ({ headers, body }) => {
      const { data } = JSON.parse(body);
      return [{ id: String(headers["webhook-id"]), note: data.id, text: data.after?.text ?? null }];
    },
  );
});

test("the vectors of Standard Webhooks are signed as they are published", () => {
  const vectors = JSON.parse(
    readFileSync(new URL("../fixtures/standard-webhooks/vectors.json", import.meta.url), "utf8"),
  );
  const { published, own_ed25519: own } = vectors;
  for (const { secret, id, ts, payload, signature } of [published, { ...own, secret: own.signing_key }]) {
    const signed = signStandardWebhook([secret], { id, at: new Date(ts * 1_000), body: payload });
    assert.deepEqual(signed, { "webhook-id": id, "webhook-timestamp": String(ts), "webhook-signature": signature });
  }
  const seed = `whsk_${Buffer.from(own.signing_key.slice(5), "base64").subarray(0, 32).toString("base64")}`;
  const again = signStandardWebhook([seed], {
    id: own.id,
    at: new Date(own.ts * 1_000),
    body: Buffer.from(own.payload),
  });
  assert.equal(again["webhook-signature"], own.signature, "the seed alone is the same key");
  assert.throws(() => signStandardWebhook([SECRET], { id: "a.b", at: new Date(), body: "" }), /without a full stop/);
  for (const secret of [
    "",
    "whsec_short",
    "whpk_xKAOiWKtlQg2FX/W48YFGlmhDctiM14NNVvq0W51UPs=",
    `whsec_${Buffer.alloc(65).toString("base64")}`,
  ]) {
    assert.throws(() => signStandardWebhook([secret], { id: "a", at: new Date(), body: "" }), /must be "whsec_"/);
  }
});

test("a webhook is signed under each secret, at the time of the attempt, over the bytes that are sent", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, time, hint } = setUp(t);
  const secrets = [SECRET, OTHER];
  open(sync, { url: `${receiver.url}/in?key=1`, secret: () => secrets, time, headers: { "x-gateway": "g" } });
  await hint("1", "ü");
  await sync.drain();
  const [request] = receiver.accepted;
  if (!request) return assert.fail("nothing came");
  const { headers, body, url } = request;
  assert.deepEqual([url, headers["content-type"], headers["x-gateway"]], ["/in?key=1", "application/json", "g"]);
  for (const secret of secrets) {
    const { id, at } = verifyStandardWebhook([secret], {
      headers: headersOf(request),
      body: Buffer.from(body),
      now: time.now(),
    });
    const [change] = await sync.newest();
    assert.deepEqual([id, at.getTime()], [change?.cursor.replaceAll(".", "-"), time.now()]);
  }
  const { type, timestamp, data } = JSON.parse(body);
  const [change] = await sync.newest();
  assert.deepEqual([type, timestamp, data.after.text], ["desk.note.created", change?.at.toISOString(), "ü"]);
  assert.deepEqual(Object.keys(data).sort(), [
    "after",
    "at",
    "before",
    "causes",
    "id",
    "initial",
    "scope",
    "type",
    "via",
  ]);
  secrets.splice(0, 1);
  await hint("1", "b");
  await sync.drain();
  assert.equal(String(receiver.accepted[1]?.headers["webhook-signature"]).split(" ").length, 1);
});

test("a change is created, updated or deleted, and says so in its name", () => {
  const change = { type: "desk.note", before: null, after: {} };
  const names = [
    change,
    { ...change, before: {} },
    { ...change, before: {}, after: null },
    { ...change, after: null },
  ].map(nameOf);
  assert.deepEqual(names, ["desk.note.created", "desk.note.updated", "desk.note.deleted", "desk.note.deleted"]);
});

test("as CloudEvents 1.0: all that is required, in structured JSON", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint } = setUp(t);
  open(sync, {
    url: receiver.url,
    format: "cloudevents",
    source: "https://example.com/sync",
    data: ({ after }) => ({ after }),
  });
  await hint("1", "a");
  await sync.drain();
  const [change] = await sync.newest();
  const [request] = receiver.accepted;
  if (!request) return assert.fail("nothing came");
  const { headers, body } = request;
  assert.equal(headers["content-type"], "application/cloudevents+json; charset=utf-8");
  assert.deepEqual(JSON.parse(body), {
    ...{ specversion: "1.0", id: headers["webhook-id"], source: "https://example.com/sync", type: "desk.note.created" },
    ...{
      subject: "1",
      time: change?.at.toISOString(),
      datacontenttype: "application/json",
      data: { after: change?.after },
    },
  });
});

test("what data() leaves out is not sent, and what it throws parks the change", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint } = setUp(t);
  open(sync, {
    url: receiver.url,
    data: ({ id }) => {
      if (id === "3") throw new TypeError("no data");
      return id === "2" ? undefined : { id };
    },
  });
  for (const id of ["1", "2", "3"]) await hint(id, "a");
  await sync.drain();
  assert.deepEqual(
    receiver.accepted.map(({ body }) => JSON.parse(body).data),
    [{ id: "1" }],
  );
  assert.deepEqual(
    (await sync.parked("out")).map(({ id }) => id),
    ["3"],
  );
});

test("each status means what Standard Webhooks says", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint, later } = setUp(t);
  open(sync, { url: receiver.url, timeout: 5_000 });
  const halted = async () => (await sync.health()).subscriptions[0]?.halted;
  let note = 0;
  for (const status of [301, 302, 401, 403, 404, 408, 429, 500, 502, 503, 504]) {
    receiver.answer = () => ({ status, headers: { location: `${receiver.url}/elsewhere` } });
    await hint(`${++note}`, "a");
    await sync.drain();
    assert.match((await halted())?.error ?? "", new RegExp(`webhooks "out" answers ${status}`));
    receiver.answer = () => 200;
    await later();
    assert.equal(await halted(), null, `${status}`);
  }
  assert.ok(
    receiver.requests.every(({ url }) => url === "/"),
    "no redirect is followed",
  );
  for (const status of [400, 409, 413, 422]) {
    receiver.answer = () => status;
    await hint(`${++note}`, "a");
    await sync.drain();
    assert.deepEqual([await halted(), (await sync.parked("out")).length], [null, 1]);
    receiver.answer = () => 200;
    await later();
  }
});

test("Retry-After is waited for", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, time, hint } = setUp(t);
  open(sync, { url: receiver.url, time });
  receiver.answer = () => ({ status: 503, headers: { "retry-after": "1800" } });
  await hint("1", "a");
  await sync.drain();
  time.advance(1_799_000);
  await sync.drain();
  assert.equal(receiver.requests.length, 1);
  time.advance(1_001);
  await sync.drain();
  assert.equal(receiver.requests.length, 2);
});

test("an endpoint that never answers, or answers without end, costs its time and no more", async (t) => {
  let kind: "silent" | "endless" = "silent";
  let written = 0;
  const server = createServer((_, response) => {
    if (kind === "silent") return;
    const more = () => {
      written += 65_536;
      response.write("x".repeat(65_536), () => !response.destroyed && more());
    };
    more();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`);
  const post = createPost("test", HALF);
  await assert.rejects(post(url, { headers: {}, body: "" }, 0), (error: Error) => {
    assert.equal(error.name, "RetryLater");
    assert.equal(error.message, "test: 127.0.0.1 did not answer within 500 ms");
    return true;
  });
  kind = "endless";
  const patient = createPost("test", HERE);
  const closed = new Promise<void>((over) => server.once("request", (_, response) => response.once("close", over)));
  await patient(url, { headers: {}, body: "" }, 0);
  await closed;
  assert.ok(written < 8_000_000, `${written} bytes were taken`);
});

test("a certificate that nobody vouches for ends the connection before anything is sent", async (t) => {
  const pem = (name: string) => readFileSync(new URL(`../fixtures/sns/${name}.pem`, import.meta.url));
  let requests = 0;
  const server = createSecure({ cert: pem("test-cert"), key: pem("test-key") }, () => requests++);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const sent = createPost("test", { allowPrivate: true })(url, { headers: {}, body: "" }, 0);
  await assert.rejects(sent, /^RetryLater: test: 127\.0\.0\.1 cannot be reached: [A-Z_]+$/);
  assert.equal(requests, 0);
});

test("the certificate must be of the name in the URL, whatever address the name leads to", async (t) => {
  const pem = (name: string) => new URL(`../fixtures/sns/${name}.pem`, import.meta.url);
  const hosts: (string | undefined)[] = [];
  const cert = readFileSync(pem("test-cert"));
  const server = createSecure({ cert, key: readFileSync(pem("test-key")) }, ({ headers }, response) => {
    hosts.push(headers.host);
    response.writeHead(204).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  // Who is trusted is settled when a process starts.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(pem("test-cert")) };
  const args = [
    fileURLToPath(new URL("tls.child.ts", import.meta.url)),
    `${port}`,
    "sns.amazonaws.com",
    "evil.example",
  ];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) said += chunk;
  assert.equal(said, "taken\ntest: evil.example cannot be reached: ERR_TLS_CERT_ALTNAME_INVALID\n");
  assert.deepEqual(hosts, [`sns.amazonaws.com:${port}`]);
});

test("after a log was rolled back to a backup no id names another change than before", async (t) => {
  const receiver = await createReceiver(t);
  const folder = mkdtempSync(join(tmpdir(), "tidemark-rollback-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [file, backup] = [join(folder, "log.db"), join(folder, "backup.db")];
  const run = async (note: string) => {
    const desk = createDesk({ feed: false });
    const sync = createSync({ providers: { desk: desk.provider }, store: sqlite(file) });
    open(sync, { url: receiver.url, from: "start" });
    desk.put(note, "a");
    await sync.hint("desk.note", note);
    await sync.get("desk.note", note, { maxAge: 0 });
    await sync.drain();
    const all = await sync.newest();
    await sync.stop();
    return all.map((change) => ({ id: change.id, key: changeId(change) }));
  };
  await run("1");
  copyFileSync(file, backup);
  const before = await run("2");
  copyFileSync(backup, file);
  const after = await run("3");
  const positions = (all: { key: string }[]) => all.map(({ key }) => key.split("-")[1]);
  assert.ok(
    positions(after).some((one) => positions(before).includes(one)),
    "places are taken again",
  );
  for (const { id, key } of after) {
    const same = before.find((one) => one.key === key);
    assert.equal(same?.id ?? id, id);
  }
});

test("addresses that are not public are known in every spelling", () => {
  const closed = [
    ...[
      "127.0.0.1",
      "10.1.2.3",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
    ],
    ...[
      "198.18.0.1",
      "192.0.0.1",
      "192.0.2.1",
      "198.51.100.1",
      "203.0.113.9",
      "224.0.0.1",
      "240.0.0.1",
      "255.255.255.255",
    ],
    ...[
      "::",
      "::1",
      "fe80::1",
      "fe80::1%eth0",
      "2606:4700::1111%eth0",
      "fc00::1",
      "fd12::1",
      "ff02::1",
      "2001:db8::1",
      "2002:7f00:1::",
      "2001::1",
      "3fff::1",
    ],
    ...[
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "0:0:0:0:0:ffff:a9fe:a9fe",
      "::FFFF:10.0.0.1",
      "::127.0.0.1",
      "::ffff:0:127.0.0.1",
    ],
    ...["64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "::ffff:0.0.0.1", "localhost", "", "1.1.1"],
  ];
  for (const address of closed) assert.equal(isPublic(address), false, address);
  const reachable = ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "223.255.255.255"];
  const reachable6 = ["2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "::ffff:808:808", "64:ff9b::8.8.8.8"];
  for (const address of [...reachable, ...reachable6]) assert.equal(isPublic(address), true, address);
});

test("nothing is sent to a place that is not public, however it is written or named", async (t) => {
  const receiver = await createReceiver(t);
  const { port } = new URL(receiver.url);
  const asked: string[] = [];
  const names: Record<string, string[]> = { "in.test": ["127.0.0.1"], "both.test": ["10.0.0.1", "::1", "127.0.0.1"] };
  const resolve: Resolve = (host) => {
    asked.push(host);
    return names[host] ?? [];
  };
  const post = createPost("test", { allowHttp: true, resolve });
  const hosts = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "0.0.0.0",
  ];
  for (const host of [...hosts, "in.test", "both.test", "unknown.test"]) {
    const sent = post(new URL(`http://${host}:${port}/`), { headers: {}, body: "" }, 0);
    await assert.rejects(sent, /has no public address, and nothing was sent/, host);
  }
  assert.equal(receiver.requests.length, 0);
  assert.deepEqual(asked, ["in.test", "both.test", "unknown.test"], "an address needs no look-up");
  const allowed = createPost("test", { ...HERE, resolve });
  await allowed(new URL(`http://in.test:${port}/`), { headers: {}, body: "" }, 0);
  assert.equal(receiver.requests[0]?.headers.host, `in.test:${port}`);
  assert.equal(asked.length, 4, "what was looked up is what was connected to");
});

test("of a name's addresses only those that are public are connected to, and they are the ones that were looked at", async () => {
  const found = ["10.0.0.1", "1.1.1.1", "::ffff:127.0.0.1", "2606:4700::1111"];
  const look = guardedLookup(false, () => found);
  const ask = (all: boolean) =>
    new Promise((answered) => look("x.test", { all }, (_, address, family) => answered([address, family])));
  const [one, two] = [
    { address: "1.1.1.1", family: 4 },
    { address: "2606:4700::1111", family: 6 },
  ];
  assert.deepEqual(await ask(true), [[one, two], undefined]);
  assert.deepEqual(await ask(false), ["1.1.1.1", 4]);
});

test("what is wrong is said at once, and no message shows the URL's path", (t) => {
  const { sync } = setUp(t);
  const wrong = (options: object, message: RegExp) =>
    assert.throws(() => webhooks(sync, { name: "w", url: "https://x.example/", secret: SECRET, ...options }), message);
  wrong(
    { url: "http://x.example/token" },
    /^TypeError: webhooks "w": the url must be https, with no user or password in it; allowHttp: true allows http$/,
  );
  wrong({ url: "https://user:pw@x.example/" }, /no user or password/);
  wrong({ url: "ftp://x.example/" }, /must be https/);
  wrong({ url: "nonsense" }, /must be https/);
  wrong({ secret: "" }, /secret must be a non-empty string/);
  wrong({ secret: "abc" }, /must be "whsec_"/);
  wrong({ format: "xml" }, /format must be/);
  wrong({ source: "" }, /source must be/);
  wrong({ types: ["desk.none"] }, /no type of these providers/);
});

test("a round trip: one engine's webhooks are another's hints, through our own receiver", async (t) => {
  const { desk, sync, hint } = setUp(t);
  const read: string[] = [];
  const other = createSync({
    providers: {
      up: standardWebhooks({
        secret: OTHER,
        resources: {
          "desk.note": {
            fetch: async (id: string) => {
              read.push(id);
              return desk.notes.get("")?.get(id) ?? null;
            },
            id: ({ id }: { id: string }) => id,
            readLag: { fetch: 0, list: 0 },
          },
        },
        probe: async () => {},
      }),
    },
    store: memory(),
  });
  t.after(() => other.stop());
  const answers: number[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = new Headers(incoming.headers as Record<string, string>);
    const request = new Request("http://x/", { method: "POST", headers, body: Buffer.concat(chunks) });
    const { status } = await other.webhook("up", request);
    answers.push(status);
    outgoing.writeHead(status).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  open(sync, { url, secret: [SECRET, OTHER] });
  await hint("1", "a");
  await hint("2", "a");
  await sync.drain();
  await other.drain();
  assert.deepEqual(answers, [202, 202]);
  assert.deepEqual(read.sort(), ["1", "2"]);
});
