/**
 * The providers' own clients, pointed at the emulators. Operations, the final listing and the engine all use them.
 * @module
 */
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { serveComments } from "./comments.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** @param token any: the emulator takes it for its first user's, and allows each 5,000 requests an hour, as GitHub does */
export function octokitAt(url: string, token: string): Octokit {
  const octokit = new Octokit({ baseUrl: url, auth: token, log });
  const inner = new Octokit({ baseUrl: url, log });
  let requests = 0;
  // What the emulator should do by itself counts for nobody.
  inner.hook.before("request", ({ headers }) => {
    headers["authorization"] = `token ${token}-${++requests}`;
  });
  serveComments(octokit, inner);
  return octokit;
}

export function stripeAt(url: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe("sk_test_demo", { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
}
