/** `node:http`, without a framework. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { webhook } from "tidemark/node";
import { onExit, sync } from "./sync.ts";

const github = webhook(sync, "github");

const server = createServer((request, response) => {
  if (request.url === "/webhooks/github") void github(request, response);
  else response.writeHead(404).end();
});

await sync.start();
server.listen(Number(process.env["PORT"] ?? 3000), () => {
  console.log(`http://localhost:${(server.address() as AddressInfo).port}/webhooks/github`);
});
onExit(() => new Promise((closed) => server.close(closed)));
