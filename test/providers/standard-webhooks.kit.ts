/** What the tests of Standard Webhooks share: secrets, signed requests, bodies as the specification advises them. */
import { createHmac } from "node:crypto";
import type { Delivery, Payload } from "tidemark/testing";

export const NOW = 1_800_000_000_000;
export const keyOf = (n: number) => `whsec_${Buffer.alloc(24 + n, n).toString("base64")}`;

/** Signs as the specification says. An empty secret is an empty key. */
export function sign({ body }: Pick<Payload, "body">, secret: string, at: number, id = "msg_1"): Delivery {
  const time = String(Math.floor(at / 1_000));
  const mac = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64"));
  const signature = mac.update(`${id}.${time}.`).update(body).digest("base64");
  const headers = { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": `v1,${signature}` };
  return { headers, body };
}

export const eventText = (type: unknown, data: unknown, more = {}) =>
  JSON.stringify({ type, timestamp: new Date(NOW).toISOString(), data, ...more });
export const cause = (name: string) => ({ event: { id: "msg_1", name, at: new Date(NOW) } });
