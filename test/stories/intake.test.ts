/** Stories of webhooks that were refused, believed, or taken twice. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createSync, type Provider } from "tidemark";
import { webhook } from "tidemark/node";
import { openAccount } from "../cases/account.ts";
import { memory } from "../desk.ts";
import { CERT_URL, certificateHost, NOW, plugin as paypal, sign, WEBHOOK_ID } from "../providers/paypal.kit.ts";
import { handClock } from "./clock.ts";
import { open } from "./process.ts";
import { requestOf, senders } from "./senders.ts";
import { Shelf } from "./shelf.ts";

/** An engine that every bundled provider sends to. */
function follow(t: TestContext) {
  const clock = handClock(NOW);
  const providers = Object.fromEntries(Object.entries(senders).map(([key, { provider }]) => [key, provider]));
  const store = memory(clock);
  const sync = createSync<Record<string, Provider>, never>({ providers, store: store as never, time: clock });
  t.after(() => sync.stop());
  return { sync, store };
}

test("an event of an unknown type is acknowledged and counted by every provider, and asks for nothing", async (t) => {
  const { sync, store } = follow(t);
  const names = ["hologram.rotated", "hologram", "HOLOGRAM_ROTATED", "a.b.c.d", "toString", "__proto__"];
  for (const [key, { sign, bodyOf }] of Object.entries(senders)) {
    for (const [i, name] of names.entries()) {
      const request = requestOf(sign(JSON.stringify(bodyOf(name, `${i}`, NOW)), name, NOW));
      assert.equal((await sync.webhook(key, request)).status, 202, `${key} ${name}`);
    }
  }
  const { webhooks } = await sync.health();
  const counted = Object.entries(webhooks).map(([key, counts]) => [key, counts["ignored"]]);
  assert.deepEqual(
    counted,
    Object.keys(senders).map((key) => [key, names.length]),
  );
  assert.deepEqual(await store.rows({ limit: 9 }), []);
});

/** The same JSON, as different senders write it. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  indented: (text) => JSON.stringify(JSON.parse(text), null, 2),
  "lines of Windows": (text) => JSON.stringify(JSON.parse(text), null, "\t").replaceAll("\n", "\r\n"),
  "a line's end": (text) => `${text}\n`,
  "escaped strokes": (text) => text.replaceAll("/", "\\/"),
  "escaped letters": (text) =>
    text.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "keys the other way round": (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
  "a number beyond 2^53": (text) => text.replace('"amount":1', '"amount":12345678901234567890'),
  "a number with a point": (text) => text.replace('"amount":1', '"amount":1.0'),
};

test("a valid signature holds however the body is spelled, over a real server, for every provider", async (t) => {
  const { sync } = follow(t);
  const handlers = new Map(Object.keys(senders).map((key) => [key, webhook(sync, key)]));
  const server = createServer((request, response) => {
    void handlers.get(request.url?.slice(1) ?? "")?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const post = async (key: string, body: string | Uint8Array, headers: Readonly<Record<string, string>>) =>
    (await fetch(`http://127.0.0.1:${port}/${key}`, { method: "POST", body: Buffer.from(body), headers })).status;
  for (const [key, { sign, bodyOf }] of Object.entries(senders)) {
    const odd = { text: "é ✓ 😀 a/b", amount: 1 };
    const text = JSON.stringify({ ...bodyOf("hologram.rotated", "1", NOW), ...odd });
    for (const [spelling, spell] of Object.entries(spellings)) {
      const { body, headers } = sign(spell(text), "hologram.rotated", NOW);
      assert.equal(await post(key, body, headers), 202, `${key}, ${spelling}`);
    }
    // Written again by a body parser: another body. Strapi signs none.
    const { body, headers } = sign(spellings["indented"]?.(text) ?? "", "hologram.rotated", NOW);
    const again = JSON.stringify(JSON.parse(Buffer.from(body).toString()));
    if (key !== "strapi") assert.equal(await post(key, again, headers), 401, key);
  }
});

test("a PayPal certificate is asked for at PayPal alone, whatever place a webhook names", async (t) => {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(request.url);
    return certificateHost(request);
  };
  const clock = handClock(NOW);
  const sync = createSync({ providers: { paypal: paypal({ fetch }) }, store: memory(clock), time: clock });
  t.after(() => sync.stop());
  const body = JSON.stringify(senders["paypal"]?.bodyOf("HOLOGRAM.ROTATED", "1", NOW));
  const post = async (url: string) => {
    const { headers } = sign(body, WEBHOOK_ID, NOW);
    return (await sync.webhook("paypal", requestOf({ body, headers: { ...headers, "paypal-cert-url": url } }))).status;
  };
  const { pathname } = new URL(CERT_URL);
  const places = [
    ...[
      "https://evil.example",
      "http://api.paypal.com",
      "https://api.paypal.com.evil.example",
      "https://169.254.169.254",
    ],
    ...["https://api.paypal.com@evil.example", "https://paypal.com", "file://", "https://api.paypal.com:8443"],
  ];
  for (const place of places) assert.equal(await post(place + pathname), 401, place);
  assert.deepEqual(asked, []);
  assert.equal(await post(CERT_URL), 202);
  assert.deepEqual(asked, [CERT_URL]);
});

test("what a webhook of another API version carries never reaches the stream: its shape is that of our reads", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  const shapes: ((object: object) => object)[] = [
    (object) => ({ ...object, api_version: "2013-01-01", metadata: [], amount: "5.00" }),
    ({ id, object }: { id?: string; object?: string }) => ({ id, object }),
    (object) => ({ ...object, legacy: { nested: [object, object] }, metadata: null }),
    ({ id, object }: { id?: string; object?: string }) => ({
      id,
      object,
      deleted: false,
      previous: { id: "ch_other" },
    }),
  ];
  for (const [i, shape] of shapes.entries()) {
    const event = account.put("charge.succeeded", `ch_${i}`, { amount: 500 + i, currency: "eur" });
    const told = { ...event, api_version: `201${i}-01-01`, data: { object: shape(event.data.object) } };
    assert.equal(await app.deliver(told), 202);
    await app.drain();
  }
  await account.endsAtTruth(app);
  for (let i = 0; i < shapes.length; i++) {
    const [only, ...more] = await app.recorded(`ch_${i}`);
    assert.deepEqual(
      [Object.keys(only?.state ?? {}).sort(), more],
      [["amount", "created", "currency", "id", "metadata", "object"], []],
    );
  }
});

test("a webhook that comes fifty times at once, at two processes, is one read and one change", async (t) => {
  const shelf = new Shelf({ page: 0 });
  const clock = handClock();
  const store = memory(clock);
  const processes = [open(shelf, store, clock), open(shelf, store, clock)];
  for (const { sync } of processes) t.after(() => sync.stop());
  for (const write of [shelf.put, shelf.put, shelf.remove]) {
    const before = shelf.count("fetch");
    const hint = write("a");
    const posts = Array.from({ length: 25 }, () => processes.map(({ post }) => post(hint))).flat();
    const drains = processes.map(({ drain }) => drain());
    assert.deepEqual(new Set(await Promise.all(posts)), new Set([202]));
    await Promise.all(drains);
    await Promise.all(processes.map(({ drain }) => drain()));
    assert.equal(shelf.count("fetch") - before, 1);
  }
  const [one = assert.fail()] = processes;
  assert.deepEqual((await one.log()).get("a"), [1, 2, null]);
  await one.endsAtTruth();
});

test("two consumers of one cursor leave nothing out between them, and one of another cursor sees all", async (t) => {
  const shelf = new Shelf({ page: 0 });
  const clock = handClock();
  const store = memory(clock);
  const handled: [who: string, id: string, n: number | null][] = [];
  const processes = [open(shelf, store, clock), open(shelf, store, clock)];
  for (const [i, { sync }] of processes.entries()) {
    t.after(() => sync.stop());
    sync.subscribe("shared", ({ id, after }) => void handled.push([`process ${i}`, id, after?.n ?? null]));
  }
  const [one = assert.fail(), other = assert.fail()] = processes;
  one.sync.subscribe("alone", ({ id, after }) => void handled.push(["alone", id, after?.n ?? null]));
  for (let round = 0; round < 12; round++) {
    const hints = ["a", "b", "c"].map((id) => (round === 7 && id === "b" ? shelf.remove(id) : shelf.put(id)));
    await (round % 2 === 0 ? one : other).post(...hints);
    await Promise.all([one.drain(), other.drain()]);
  }
  const log = [...(await one.log())];
  const of = (whose: (who: string) => boolean) =>
    log.map(([id]) => [id, handled.filter(([who, about]) => whose(who) && about === id).map(([, , n]) => n)]);
  assert.deepEqual(
    of((who) => who === "alone"),
    log,
  );
  assert.deepEqual(
    of((who) => who !== "alone"),
    log,
    "each change once, in order for each resource",
  );
});
