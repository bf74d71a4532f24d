/**
 * Loads packages of the peers: they are installed in `bench/peers` only, and the project is checked without them.
 * @module
 */
import { createRequire } from "node:module";

/** Untyped on purpose. Also how stripe-sync-engine must be loaded: its ES module cannot run its migrations. */
export const peer = createRequire(new URL("../peers/package.json", import.meta.url));

/** Keeps the raw body, and answers 400 where `take` throws. */
// biome-ignore lint/suspicious/noExplicitAny: the peers are loaded without their types
export function expressApp(take: (body: Buffer, signature: string) => Promise<void>): any {
  const express = peer("express");
  const app = express();
  // biome-ignore lint/suspicious/noExplicitAny: see above
  app.post("/webhook", express.raw({ type: "*/*", limit: "1mb" }), async (request: any, response: any) => {
    try {
      await take(request.body, request.headers["stripe-signature"]);
      response.status(202).end();
    } catch (error) {
      console.error(error);
      response.status(400).end();
    }
  });
  return app;
}
