/**
 * GitHub and Stripe, as emulators on free ports of this machine, and all that is in them. The emulated Stripe tells
 * nobody when a payment is edited, or loses its customer: only a sweep can find it.
 * @module
 */
import type { Octokit } from "@octokit/rest";
import { createEmulator } from "emulate";
import type Stripe from "stripe";
import { octokitAt, stripeAt } from "./clients.ts";
import { keyOf } from "./fold.ts";
import type { Network } from "./network.ts";
import { OWNER, REPO, SCOPE } from "./shop.ts";

export interface Emulators {
  github: Octokit;
  stripe: Stripe;
  githubUrl: string;
  stripeUrl: string;
  githubSecret: string;
  stripeSecret: string;
  close(): Promise<void>;
}

/** Starts both. They send their webhooks to the network. */
export async function startEmulators(network: Pick<Network, "urlOf">): Promise<Emulators> {
  const secrets = { githubSecret: "demo-github-secret", stripeSecret: "whsec_demo" };
  const users = [{ login: OWNER, name: "Acme" }];
  const repos = [{ owner: OWNER, name: REPO }];
  const github = await createEmulator({ service: "github", port: 0, seed: { github: { users, repos } } });
  const webhooks = [{ url: network.urlOf("stripe"), events: ["*"], secret: secrets.stripeSecret }];
  const stripe = await createEmulator({ service: "stripe", port: 0, seed: { stripe: { webhooks } } });

  const [githubUrl, stripeUrl] = [here(github.url), here(stripe.url)];
  const octokit = octokitAt(githubUrl, "demo-people");
  await octokit.repos.createWebhook({
    owner: OWNER,
    repo: REPO,
    events: ["issues", "issue_comment", "label", "milestone"],
    config: { url: network.urlOf("github"), content_type: "json", secret: secrets.githubSecret },
  });
  return {
    ...secrets,
    github: octokit,
    stripe: stripeAt(stripeUrl),
    githubUrl,
    stripeUrl,
    async close() {
      await Promise.all([github.close(), stripe.close()]);
    },
  };
}

/** They listen on IPv4 alone, and the name may mean something else. */
const here = (url: string): string => url.replace("//localhost:", "//127.0.0.1:");

/** Everything there is at both, by key: the truth, asked directly. */
export async function listAll({ github, stripe }: Pick<Emulators, "github" | "stripe">): Promise<Map<string, object>> {
  const repo = { owner: OWNER, repo: REPO, per_page: 100 };
  const [issues, comments, labels, milestones, ...objects] = await Promise.all([
    github.paginate(github.issues.listForRepo, { ...repo, state: "all" }),
    github.paginate(github.issues.listCommentsForRepo, repo),
    github.paginate(github.issues.listLabelsForRepo, repo),
    github.paginate(github.issues.listMilestones, { ...repo, state: "all" }),
    ...[stripe.customers, stripe.products, stripe.prices, stripe.paymentIntents, stripe.charges].map((lists) =>
      lists.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 }),
    ),
  ]);
  const all = new Map<string, object>();
  const add = (type: string, id: string | number, state: object, scope = SCOPE) =>
    all.set(keyOf({ type, scope, id: String(id) }), JSON.parse(JSON.stringify(state)));
  for (const issue of issues) add("github.issue", issue.number, issue);
  for (const comment of comments) add("github.issue_comment", comment.id, comment);
  for (const label of labels) add("github.label", label.name, label);
  for (const milestone of milestones) add("github.milestone", milestone.number, milestone);
  for (const object of objects.flat()) add(`stripe.${object.object}`, object.id, object, "");
  return all;
}
