/** Fastify 5. It parses bodies before the handler runs, so the webhook gets a context of its own, where nothing is parsed. */
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { webhook } from "tidemark/node";
import { onExit, sync } from "./sync.ts";

const app = Fastify();
const github = webhook(sync, "github");

await app.register(async (webhooks) => {
  webhooks.removeAllContentTypeParsers();
  webhooks.addContentTypeParser("*", (_request, _payload, done) => done(null));
  webhooks.post("/webhooks/github", (request, reply) => {
    reply.hijack();
    return github(request.raw, reply.raw);
  });
});
app.get("/health", async (_, reply) => {
  const { ok, alarms } = await sync.health();
  return reply.status(ok ? 200 : 503).send({ ok, alarms });
});

await sync.start();
await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
console.log(`http://localhost:${(app.server.address() as AddressInfo).port}/webhooks/github`);
onExit(() => app.close());
