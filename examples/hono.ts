/** Hono 4, and any other host with web `Request` and `Response`. */
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { onExit, sync } from "./sync.ts";

const app = new Hono();
app.post("/webhooks/github", (context) => sync.webhook("github", context.req.raw));
app.get("/health", async (context) => {
  const { ok, alarms } = await sync.health();
  return context.json({ ok, alarms }, ok ? 200 : 503);
});

await sync.start();
const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) }, ({ port }) => {
  console.log(`http://localhost:${port}/webhooks/github`);
});
onExit(() => new Promise((closed) => server.close(closed)));
