/** `defineConfig`: typed from the providers to the handler. */
import type { Octokit } from "@octokit/rest";
import { createSync, defineConfig, type Sync } from "tidemark";
import { type GitHubTypes, github } from "tidemark/github";
import { createHandler } from "tidemark/http";
import { listener, webhook } from "tidemark/node";
import { createTelemetry } from "tidemark/otel";
import { is } from "./is.ts";

declare const client: Octokit;
const providers = { github: github({ client, webhookSecret: "x", repos: ["acme/app"], types: ["issue"] }) };
const telemetry = createTelemetry();

export const config = defineConfig({
  ...{ providers, observe: telemetry.observe, listen: { port: 3000 } },
  urls: { github: "https://app.example/webhooks/github" },
  ready: (sync) => {
    sync.subscribe("log", ({ after }) => is<typeof after, GitHubTypes["issue"] | null>(true));
  },
});

export function served() {
  // A configuration is what createSync takes.
  const sync = createSync(config);
  is<typeof sync extends Sync<typeof providers> ? true : false, true>(true);
  telemetry.watch(sync);
  const token = "a-token-of-some-length";
  return [listener(createHandler(sync, { token, authorize: () => ({ scope: "acme/app" }) })), webhook(sync, "github")];
}

export const wrong = [
  // @ts-expect-error: there is no provider of that key
  defineConfig({ providers, urls: { gitlab: "https://app.example" } }),
  // @ts-expect-error: a port is a number
  defineConfig({ providers, listen: { port: "3000" } }),
  // @ts-expect-error: a handler is given a change, and its state is an issue's
  defineConfig({ providers, ready: (sync) => sync.subscribe("log", ({ after }) => after?.amount) }),
  // @ts-expect-error: there is no provider of that key
  webhook(createSync({ providers }), "stripe"),
];
