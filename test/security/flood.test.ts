/**
 * What strangers can have a server hold: slow bodies, endless ones, large ones that stop short, thousands of connections.
 * Meanwhile what is signed is saved. `FLOOD=1` is the whole of it.
 */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { figure } from "../figure.ts";
import { post } from "./raw.ts";
import { type Way, ways } from "./ways.ts";

const WHOLE = process.env["FLOOD"] === "1";
const SOCKETS = WHOLE ? 3_000 : 300;
const STALLED = WHOLE ? 1_000 : 400;
const ENDLESS = 10_000_000_000;
const UNPACKED = WHOLE ? 800 : 50;
const MEGABYTE = 1_048_576;
/** Megabytes that an attack may cost. */
const LIMIT = 64;
/** Where bodies are held: 32 MB of them, and what Node.js has read of others until it is collected, some 80 MB. */
const HELD = 192;

interface Test {
  after(run: () => unknown): void;
}

async function serve(t: Test) {
  const child = fork(new URL("flood.server.ts", import.meta.url), {
    execArgv: [...process.execArgv, "--max-semi-space-size=4"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const memory = async (): Promise<{ most: number; now: number }> => {
    const answer = once(child, "message");
    child.send("memory");
    const [said] = await answer;
    return said;
  };
  return { port, memory };
}

/** Good webhooks, one after another: how many were saved. */
async function send(port: number, count: number): Promise<number> {
  const way = ways["stripe"] as Way;
  let saved = 0;
  for (let n = 0; n < count; n++) {
    const { headers, body } = way.sign(way.body.replace("cus_1", `cus_${n}`), Date.now());
    if ((await post(port, "/", Object.entries(headers), Buffer.from(body))) === 202) saved++;
  }
  return saved;
}

/** Connections that have begun a request. */
async function open(t: Test, port: number, count: number, head: string): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (const socket of sockets) {
    socket.on("error", () => {});
    if (socket.connecting) await once(socket, "connect");
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\nstripe-signature: t=1,v1=${"0".repeat(64)}\r\n${head}\r\n\r\n`);
  }
  return sockets;
}

const written = (socket: Socket, bytes: Uint8Array) =>
  new Promise<void>((resolve) => socket.write(bytes, () => resolve()));

/** A body without an end, in chunks, until the server has enough: the bytes that it took. */
async function pour(t: Test, port: number, most: number): Promise<number> {
  const [socket] = await open(t, port, 1, "transfer-encoding: chunked");
  const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, "x"), Buffer.from("\r\n")]);
  let sent = 0;
  const closed = socket && once(socket, "close");
  while (socket && !socket.destroyed && sent < most) {
    await Promise.race([written(socket, chunk), closed]);
    sent += chunk.length;
  }
  socket?.destroy();
  return sent;
}

/** A server of its own is attacked; what it grew by at most is the figure, if meanwhile and after it what is signed is saved. */
function attack(what: string, limit: number, run: (t: Test, port: number) => Promise<void>): void {
  test(`${what}: less than ${limit} MB, and what is signed is saved meanwhile`, async (t) => {
    const { port, memory } = await serve(t);
    assert.equal(await send(port, 500), 500);
    const before = await memory();
    await run(t, port);
    assert.equal(await send(port, 50), 50, "after it");
    const after = await memory();
    const grown = Math.round((after.most - before.most) / MEGABYTE);
    assert.ok(grown < limit, `it grew by ${grown} MB`);
    figure(t, "S63", `${what}: +${grown} MB at most; 50 of 50 signed webhooks saved meanwhile`);
  });
}

attack(`${SOCKETS.toLocaleString("en")} connections that send a byte now and then`, LIMIT, async (t, port) => {
  const sockets = await open(t, port, SOCKETS, "content-length: 1000000");
  for (let byte = 0; byte < 3; byte++) {
    await Promise.all(sockets.map((socket) => socket.destroyed || written(socket, Buffer.from("{"))));
    assert.equal(await send(port, 10), 10, "among them");
  }
});

// Each stays below the limit of one body; together they are far above what a server has.
attack(`${STALLED} bodies of 900 kB that stop short of their end`, HELD, async (t, port) => {
  const sockets = await open(t, port, STALLED, "content-length: 1000000");
  const body = Buffer.alloc(900_000, "x");
  await Promise.all(sockets.map((socket) => Promise.race([written(socket, body), once(socket, "close")])));
  assert.equal(await send(port, 10), 10, "among them");
});

attack(`${ENDLESS / 1_000_000_000} GB in chunks without an end`, LIMIT, async (t, port) => {
  for (let poured = 0, times = 0; times < 20; times++) {
    poured = await pour(t, port, ENDLESS);
    assert.ok(poured < 100 * MEGABYTE, `${poured} bytes were taken of an endless body`);
  }
});

attack(`${UNPACKED} MB in a gzip bomb`, LIMIT, async (_, port) => {
  const bomb = gzipSync(Buffer.alloc(UNPACKED * MEGABYTE));
  const headers = [["stripe-signature", `t=1,v1=${"0".repeat(64)}`] as const, ["content-encoding", "gzip"] as const];
  for (let times = 0; times < 20; times++) {
    assert.equal(await post(port, "/", headers, bomb), 401, "nothing is unpacked: what is signed are the bytes");
  }
});
