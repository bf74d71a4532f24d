/** Body parsers that come first: what keeps the raw bytes is taken, what spoils them is refused with the reason. */
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { delivery, headersFor, SECRET } from "./github.ts";

function open() {
  const provider = github({ client: new Octokit(), webhookSecret: SECRET, repos: ["acme/app"], types: ["issue"] });
  const reasons: (string | undefined)[] = [];
  const sync = createSync({
    providers: { github: provider },
    store: sqlite(":memory:"),
    observe: (event) => void (event.kind === "webhook" && reasons.push(event.reason)),
  });
  return { sync, reasons, listener: webhook(sync, "github") };
}
const send = () => ({ method: "POST", body: new Uint8Array(delivery()), headers: headersFor(delivery()) });

async function answerOf(app: express.Express): Promise<[number, string]> {
  const server = app.listen(0);
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, send());
  const answer: [number, string] = [response.status, await response.text()];
  server.closeAllConnections();
  server.close();
  return answer;
}

test("express.json() first: refused, and the operator is told why", async () => {
  const { sync, reasons, listener } = open();
  const app = express().use(express.json({ limit: "30mb", strict: false }));
  // A body that is JSON, so that the parser does not refuse it itself.
  app.post("/hook", listener);
  const server = app.listen(0);
  const body = Buffer.from('{"action":"edited"}');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const response = await fetch(url, { method: "POST", body, headers: headersFor(body) });
  assert.equal(response.status, 500);
  assert.match(await response.text(), /a body parser ran first: mount the webhook before it/);
  assert.match(reasons[0] ?? "", /a body parser ran first/);
  assert.match((await sync.health()).alarms.join(), /webhooks of github: a body parser ran first/);
  server.closeAllConnections();
  server.close();
  await sync.stop();
});

test("express.raw() first: its bytes are taken", async () => {
  const { sync, listener } = open();
  const app = express().use(express.raw({ type: "*/*" }));
  app.post("/hook", listener);
  assert.equal((await answerOf(app))[0], 202);
  await sync.stop();
});

test("fastify without a context of its own: refused with the reason", async () => {
  const { sync, listener } = open();
  const app = Fastify();
  app.post("/hook", (request, reply) => {
    reply.hijack();
    return listener(request.raw, reply.raw);
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const body = Buffer.from('{"action":"edited"}');
  const response = await fetch(`${url}/hook`, { method: "POST", body, headers: headersFor(body) });
  assert.equal(response.status, 500);
  assert.match(await response.text(), /a body parser ran first/);
  await app.close();
  await sync.stop();
});

test("hono with a middleware that reads the body: refused with the reason", async () => {
  const { sync } = open();
  const app = new Hono();
  app.use(async (context, next) => {
    await context.req.raw.text();
    await next();
  });
  app.post("/hook", (context) => sync.webhook("github", context.req.raw));
  const response = await app.request("/hook", send());
  assert.equal(response.status, 500);
  assert.match(await response.text(), /the body was read before/);
  await sync.stop();
});
