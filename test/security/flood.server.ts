/** A server that takes Stripe's webhooks, in a process of its own. Asked by a message, it says how much memory it has had at most. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSync } from "tidemark";
import { webhook } from "tidemark/node";
import { memory } from "../desk.ts";
import { ways } from "./ways.ts";

const { stripe } = ways;
if (!stripe) throw new Error("there is no way of Stripe's");
const sync = createSync({ providers: { stripe: stripe.provider }, store: memory() });
const server = createServer(webhook(sync, "stripe"));
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", () => {
  process.send?.({ most: process.resourceUsage().maxRSS * 1_024, now: process.memoryUsage.rss() });
});
