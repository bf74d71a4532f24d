/**
 * The providers as an application has them, but for emulators: asked more often than the real ones would bear, and with
 * no lag, for what answers from one memory has no replica that could be behind.
 * @module
 */
import type { Feed, Provider } from "tidemark";
import { github } from "tidemark/github";
import { stripe } from "tidemark/stripe";
import { octokitAt, stripeAt } from "./clients.ts";
import type { Settings } from "./messages.ts";
import { SCOPE, UNSTABLE } from "./shop.ts";

const NO_LAG = { fetch: 0, list: 0 };

/** @param asked is called for each request to an API */
export function providersOf(settings: Settings, asked: () => void) {
  const { githubUrl, githubSecret, stripeUrl, stripeSecret, pollEvery } = settings;
  const [octokit, stripeClient] = [octokitAt(githubUrl, "demo-engine"), stripeAt(stripeUrl)];
  octokit.hook.before("request", asked);
  stripeClient.on("request", asked);
  const hub = github({
    client: octokit,
    webhookSecret: githubSecret,
    repos: [SCOPE],
    types: ["issue", "issue_comment", "label", "milestone"],
  });
  const till = stripe({
    client: stripeClient,
    webhookSecret: stripeSecret,
    types: ["customer", "product", "price", "payment_intent", "charge"],
  });
  const feeds = Object.entries(hub.feeds ?? {}).map(([name, feed]): [string, Feed] => [
    name,
    { ...feed, every: pollEvery },
  ]);
  return {
    github: { ...hub, feeds: Object.fromEntries(feeds), resources: resourcesOf("github", hub) },
    // The emulated Stripe keeps no events that could be asked for.
    stripe: { ...till, feeds: {}, resources: resourcesOf("stripe", till) },
  };
}

function resourcesOf<P extends Provider>(name: string, { resources }: P): P["resources"] {
  const entries = Object.entries(resources).map(([type, resource]) => {
    const volatile = [...(resource.volatile ?? []), ...(UNSTABLE[`${name}.${type}`] ?? [])];
    return [type, { ...resource, readLag: NO_LAG, volatile }];
  });
  return Object.fromEntries(entries);
}
