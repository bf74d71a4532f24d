/**
 * The least that a server can do: the raw body, its signature, `JSON.parse`, an answer. Keeps nothing.
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { SECRET } from "../harness/event.ts";
import type { Open } from "../harness/server.ts";

export const open: Open = () => ({
  listener: (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      response.statusCode = holds(body, String(request.headers["stripe-signature"])) ? 202 : 401;
      response.end();
    });
  },
  settled: async () => {},
  close: async () => {},
});

/** Whether the signature holds and the body is JSON. */
export function holds(body: Uint8Array, header: string): boolean {
  const [time = "", signature = ""] = header.split(",").map((part) => part.slice(part.indexOf("=") + 1));
  if (Math.abs(Date.now() / 1_000 - Number(time)) > 300) return false;
  const expected = createHmac("sha256", SECRET).update(`${time}.`).update(body).digest();
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  return typeof JSON.parse(Buffer.from(body).toString()).id === "string";
}
