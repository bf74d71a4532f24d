/** Express 5. The webhook stands before any body parser: the signature is over the raw bytes. */
import type { AddressInfo } from "node:net";
import express from "express";
import { webhook } from "tidemark/node";
import { onExit, sync } from "./sync.ts";

const app = express();
app.post("/webhooks/github", webhook(sync, "github"));
app.use(express.json());
app.get("/health", async (_, response) => {
  const { ok, alarms } = await sync.health();
  response.status(ok ? 200 : 503).json({ ok, alarms });
});

await sync.start();
const server = app.listen(Number(process.env["PORT"] ?? 3000), () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}/webhooks/github`);
});
onExit(() => new Promise((closed) => server.close(closed)));
