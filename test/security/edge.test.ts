/** What a stranger may send: headers twice, spoofed, of other content types, many of them, the same again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Provider } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener, webhook } from "tidemark/node";
import type { Delivery } from "tidemark/testing";
import { createDesk, handClock, memory, webhookOf } from "../desk.ts";
import { listen, post } from "./raw.ts";
import { type Way, ways } from "./ways.ts";

const NOW = 1_800_000_000_000;
const keyOf = (name: string) => name.replace(/\W+/g, "_");

/** A sync of all ways, in a real server: `/webhooks/<key>` through the web handler, `/<key>` without it. */
async function serve(t: { after(run: () => unknown): void }) {
  const time = handClock(NOW);
  const providers: Record<string, Provider> = {};
  for (const [name, { provider }] of Object.entries(ways)) providers[keyOf(name)] = provider;
  const sync = createSync({ providers, store: memory(time), time });
  t.after(() => sync.stop());
  const web = listener(createHandler(sync));
  const direct = new Map(Object.keys(providers).map((key) => [`/${key}`, webhook(sync, key)]));
  const port = await listen(t, (request, response) => {
    void (direct.get(request.url ?? "") ?? web)(request, response);
  });
  return { sync, port, time };
}

type Headers = readonly (readonly [string, string])[];
const pathsOf = (name: string) => [`/${keyOf(name)}`, `/webhooks/${keyOf(name)}`];
const good = (way: Way) => way.sign(way.body, NOW);
const headersOf = ({ headers }: Delivery): Headers => Object.entries(headers);
const loud = (name: string) => name.replace(/[a-z]/g, (letter, at) => (at % 2 === 0 ? letter.toUpperCase() : letter));

test("a header that proves a webhook may be in any case, and not there twice: in bytes, for every way to sign", async (t) => {
  const { port } = await serve(t);
  for (const [name, way] of Object.entries(ways)) {
    const delivery = good(way);
    const [headers, body] = [headersOf(delivery), Buffer.from(delivery.body)];
    for (const path of pathsOf(name)) {
      const send = (given: Headers) => post(port, path, given, body);
      assert.equal(await send(headers), 202, `${name}, ${path}`);
      assert.equal(await send(headers.map(([key, value]) => [loud(key), value])), 202, `${name}, in another case`);
      for (const twice of way.headers) {
        const value = delivery.headers[twice] ?? "";
        for (const other of [value, "", "x"]) {
          const both: Headers[] = [
            [...headers, [twice, other]],
            [[loud(twice), other], ...headers],
          ];
          for (const given of both) {
            const status = await send(given);
            // A web request has the two as one list, and in one that may be a list each signature counts for itself.
            const list =
              path.startsWith("/webhooks/") && way.holds(new Headers(given.map(([...one]) => one)), body, NOW);
            const expected = list ? [202, 401] : [401];
            assert.ok(
              expected.includes(status),
              `${name}, ${path}: ${status} to ${twice} and ${JSON.stringify(other)}`,
            );
          }
        }
      }
    }
  }
});

test("no header says who somebody is but the signature: not the sender's address, not the host", async (t) => {
  const { port } = await serve(t);
  const spoofed: Headers = [
    ...(["x-forwarded-for", "x-real-ip", "x-client-ip", "cf-connecting-ip"] as const).map(
      (key) => [key, "127.0.0.1"] as const,
    ),
    ...[["forwarded", "for=127.0.0.1;host=localhost;proto=https"] as const, ["x-forwarded-host", "localhost"] as const],
    ...[
      ["x-forwarded-proto", "https"] as const,
      ["x-original-url", "/livez"] as const,
      ["x-verified", "true"] as const,
    ],
  ];
  for (const [name, way] of Object.entries(ways)) {
    const { headers, body } = good(way);
    const unsigned = Object.entries(headers).filter(([key]) => !way.headers.includes(key));
    const forged = Buffer.from(way.headers.length === 0 ? String(body).replace("n1", "n2") : body);
    for (const path of pathsOf(name)) {
      assert.equal(await post(port, path, [...unsigned, ...spoofed], forged), 401, `${name}, ${path}`);
    }
  }
});

test("a content type changes nothing: what is signed is read as what the service sends", async (t) => {
  const { port } = await serve(t);
  const types = [
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
  ];
  for (const [name, way] of Object.entries(ways)) {
    const delivery = good(way);
    const headers = headersOf(delivery).filter(([key]) => key !== "content-type");
    for (const given of [...types.map((type) => [type]), [], ["text/html", "application/json"], [""]]) {
      const asked: Headers = [...headers, ...given.map((type) => ["content-type", type] as const)];
      for (const path of pathsOf(name)) {
        assert.equal(await post(port, path, asked, Buffer.from(delivery.body)), 202, `${name}: ${given}`);
      }
    }
  }
});

test("nobody is locked out: after 10,000 requests that are none and 3,000 forged ones a good webhook is saved", async (t) => {
  const { sync } = await serve(t);
  const hinted = (way: Way, body: string, sign = true) => {
    const { headers } = way.sign(body, NOW);
    return new Request("http://x/", { method: "POST", body, headers: sign ? headers : {} });
  };
  for (let n = 0; n < 10_000; n++) assert.equal((await sync.webhook("stripe", new Request("http://x/"))).status, 405);
  const way = ways["stripe"] as Way;
  for (let n = 0; n < 3_000; n++) assert.equal((await sync.webhook("stripe", hinted(way, "{}", false))).status, 401);
  assert.equal((await sync.webhook("stripe", hinted(way, way.body))).status, 202);
});

test("what fails, fails the second time, too, and takes nothing with it", async (t) => {
  const { sync, port } = await serve(t);
  const bad = [
    "",
    "{",
    "null",
    "[[[[",
    "\u0000",
    '{"a":1e400}',
    "[".repeat(100_000),
    '{"__proto__":{}}',
    "\ufeff{}",
    "x".repeat(2_097_153),
  ];
  for (const [name, way] of Object.entries(ways)) {
    for (const body of [...bad, ...bad]) {
      const delivery = way.sign(body, NOW);
      const request = new Request("http://x/", {
        method: "POST",
        body: Buffer.from(delivery.body),
        headers: delivery.headers,
      });
      const { status } = await sync.webhook(keyOf(name), request);
      assert.ok([202, 400, 401, 413].includes(status), `${name}: ${status} to ${JSON.stringify(body.slice(0, 20))}`);
    }
    const delivery = good(way);
    assert.equal(await post(port, `/${keyOf(name)}`, headersOf(delivery), Buffer.from(delivery.body)), 202, name);
  }
});

test("a replay is at most one more read, and never a change", async (t) => {
  const desk = createDesk();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());
  const hint = desk.put("1", "a");
  const read = async (given: unknown) => {
    const before = desk.count("fetch");
    assert.equal((await sync.webhook("desk", webhookOf([given]))).status, 202);
    await sync.drain();
    return desk.count("fetch") - before;
  };
  assert.equal(await read(hint), 1);
  assert.equal(await read(hint), 0, "the same again is known by its event");
  const { event: _, ...nameless } = hint;
  const other = { ...nameless, event: { id: "another id, in a header that is not signed", name: "note.changed" } };
  assert.ok((await read(other)) <= 1);
  const changes = [];
  for await (const change of sync.changes({ follow: false })) changes.push(change);
  assert.equal(changes.length, 1);
});

test("one event's id at two scopes, and at two providers, is looked at in each", async (t) => {
  const [one, two] = [createDesk({ scopes: ["a", "b"] }), createDesk()];
  const sync = createSync({ providers: { one: one.provider, two: two.provider }, store: memory() });
  t.after(() => sync.stop());
  const event = { id: "evt_1", name: "note.changed" };
  for (const scope of ["a", "b"]) {
    const { type, id } = one.put("1", "x", scope);
    assert.equal((await sync.webhook("one", webhookOf([{ type, id, event }]), { scope })).status, 202);
  }
  const { type, id } = two.put("1", "x");
  assert.equal((await sync.webhook("two", webhookOf([{ type, id, event }]))).status, 202);
  await sync.drain();
  const seen = [];
  for await (const { type, scope } of sync.changes({ follow: false })) seen.push(`${type} ${scope}`);
  assert.deepEqual(seen.sort(), ["one.note a", "one.note b", "two.note "]);
});
