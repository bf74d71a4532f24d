/**
 * The providers' own clients, pointed at the emulators. Operations, the final listing and the engine all use them.
 * @module
 */
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { serveComments } from "./comments.ts";

/** Two tokens of one user: the emulator counts the requests of each, as GitHub does. */
export const TOKENS = { people: "demo-people", engine: "demo-engine" } as const;

export function octokitAt(url: string, auth: string): Octokit {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const [octokit, inner] = [new Octokit({ baseUrl: url, auth, log }), new Octokit({ baseUrl: url, log })];
  serveComments(octokit, inner);
  return octokit;
}

export function stripeAt(url: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe("sk_test_demo", { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
}
