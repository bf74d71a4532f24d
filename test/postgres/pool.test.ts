/** What stores leave behind on a pool that outlives them. */
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import pg from "pg";
import { postgres } from "tidemark/postgres";
import { systemTime } from "../../src/time.ts";
import { groundFor } from "../store/postgres.kit.ts";

test("a pool that carries many stores, one after another, keeps one listener of theirs", async (t) => {
  const { pool, schema } = await groundFor(t);
  const before = pool.listenerCount("error");
  for (let n = 0; n < 20; n++) {
    const store = postgres({ pool, schema });
    await store.close();
  }
  assert.equal(pool.listenerCount("error"), before + 1);
});

test("a server that ends connections in the packet that opens them is an error, not the end of the process", async (t) => {
  const message = (kind: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(kind), length, body]);
  };
  const opened = [message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))];
  const ended = message("E", Buffer.from("SFATAL\0C57P01\0Mthe server is being shut down\0\0"));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("data", () => socket.end(Buffer.concat([...opened, ended])));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const pool = new pg.Pool({ host: "127.0.0.1", port, user: "any", max: 3 });
  t.after(async () => {
    await pool.end();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // Each look at the clock is a second later, so that it soon gives up.
  let now = Date.now();
  const time = { ...systemTime, now: () => (now += 1_000) };
  await assert.rejects(postgres({ pool, time }).open(), { name: "StoreError" });
  assert.ok(sockets.size > 1, "it was tried again");
});

test("a store that waits for a client to listen on can be closed, and gives that client back when it comes", async (t) => {
  const { url, schema, later } = await groundFor(t);
  const pool = new pg.Pool({ connectionString: url, max: 3 });
  const store = postgres({ pool, schema });
  later(() => pool.end());
  await store.open();
  const taken = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  store.listen?.(() => {});
  assert.equal(pool.waitingCount, 1);
  await store.close();
  for (const client of taken) client.release();
  const again = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of again) client.release();
});
