/** A host that shows the changes of a log in a file: `events.host.ts <file> <port> <express|fastify|hono>`. It ends with its parent. */
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { createSync } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { notes } from "./events.notes.ts";

const [, , file = "", port = "0", host = ""] = process.argv;
const sync = createSync({ providers: { desk: notes().provider }, store: sqlite(file) });
const handler = createHandler(sync, {
  base: "/sync",
  authorize: (request) => request.headers.get("cookie") === "session=all",
});

const hosts: Record<string, () => Promise<{ address(): unknown }>> = {
  async express() {
    const app = express().all("/sync/{*path}", listener(handler));
    return new Promise((listening) => {
      const server = app.listen(Number(port), "127.0.0.1", () => listening(server));
    });
  },
  async fastify() {
    const app = Fastify();
    const sync = listener(handler);
    app.all("/sync/*", (request, reply) => {
      reply.hijack();
      return sync(request.raw, reply.raw);
    });
    await app.listen({ port: Number(port), host: "127.0.0.1" });
    return app.server;
  },
  async hono() {
    const app = new Hono().all("/sync/*", (context) => handler(context.req.raw));
    return new Promise((listening) => {
      const server = serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, () => listening(server));
    });
  },
};

const open = hosts[host];
if (!open) throw new Error(`there is no host ${host}: there are ${Object.keys(hosts).join(", ")}`);
const server = await open();
process.on("disconnect", () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
