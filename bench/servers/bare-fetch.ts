/**
 * Verifies and parses, behind a fetch-style host. Keeps nothing.
 * @module
 */
import type { Open } from "../harness/server.ts";
import { holds } from "./bare.ts";
import { fetchHost } from "./fetch-host.ts";

export const open: Open = () => ({
  listener: fetchHost(async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    return new Response(null, { status: holds(body, request.headers.get("stripe-signature") ?? "") ? 202 : 401 });
  }),
  settled: async () => {},
  close: async () => {},
});
