/** A TCP proxy that does to a connection what networks do. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/**
 * `late`: 20 to 60 ms, differently for each piece. `slow`: 100 kB a second. `reset`: all connections, again and again. `cut`:
 * nothing comes through, and nobody is told; what was sent comes later.
 */
export const weathers = ["late", "slow", "reset", "cut"] as const;
export type Weather = (typeof weathers)[number] | "fair";

export interface Proxy {
  port: number;
  set(weather: Weather): void;
  close(): Promise<void>;
}

/** @param target the port of the server, or what tells it for each connection */
export async function startProxy(target: number | (() => number)): Promise<Proxy> {
  let weather: Weather = "fair";
  let healed = Promise.withResolvers<void>();
  let resets: NodeJS.Timeout | undefined;
  const sockets = new Set<Socket>();

  const write = (to: Socket, chunk: Buffer) =>
    new Promise<void>((resolve) => (to.writable ? to.write(chunk, () => resolve()) : resolve()));
  async function shape(chunk: Buffer, to: Socket): Promise<void> {
    if (weather === "cut") await healed.promise;
    if (weather === "late") await pause(20 + 40 * Math.random());
    if (weather !== "slow") return write(to, chunk);
    for (let at = 0; at < chunk.length; at += 512) {
      await pause(5);
      await write(to, chunk.subarray(at, at + 512));
    }
  }
  async function pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) await shape(chunk, to);
    } catch {
      // Its other side is told below.
    }
    to.destroy();
  }
  const server = createServer((client) => {
    const upstream = connect(typeof target === "number" ? target : target(), "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    void pump(client, upstream);
    void pump(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      weather = next;
      clearInterval(resets);
      if (next === "reset") resets = setInterval(reset, 40);
      if (next === "cut") healed = Promise.withResolvers();
      else healed.resolve();
    },
    close() {
      clearInterval(resets);
      healed.resolve();
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
