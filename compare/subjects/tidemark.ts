/**
 * This engine with SQLite, its plugins and the official clients, as its README has it.
 * @module
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";
import { createSync, type Provider } from "tidemark";
import { github } from "tidemark/github";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import type { Kind } from "../service/account.ts";
import { GITHUB_SECRET, githubDialect, REPO } from "../service/github.ts";
import { STRIPE_SECRET, stripeDialect, stripeId } from "../service/stripe.ts";
import type { Place, Running, Subject } from "../subject.ts";

interface Side {
  provider(url: string): Provider;
  type(kind: Kind): string;
  id(kind: Kind, id: number): string;
  scope: string;
  numberOf(state: object): unknown;
}

const onStripe: Side = {
  provider(url) {
    const { hostname, port } = new URL(url);
    const client = new Stripe("sk_test_x", { host: hostname, port, protocol: "http", telemetry: false });
    return stripe({ client, webhookSecret: STRIPE_SECRET, types: ["product", "charge", "subscription"] });
  },
  type: (kind) => `hub.${kind}`,
  id: stripeId,
  scope: "",
  numberOf: (state) => (state as { metadata?: { n?: string } }).metadata?.n,
};

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const onGitHub: Side = {
  provider: (url) =>
    github({
      client: new Octokit({ baseUrl: url, auth: "token", log }),
      ...{ webhookSecret: GITHUB_SECRET, repos: [REPO], types: ["issue"] },
    }),
  type: () => "hub.issue",
  id: (_, id) => String(id),
  scope: REPO,
  numberOf: (state) => (state as { title?: string }).title,
};

const fileOf = ({ folder }: Place) => join(folder, "tidemark.db");

const subjectOf = (side: Side): Pick<Subject, "open" | "stall"> => ({
  async open(place, clock): Promise<Running> {
    const store = sqlite(fileOf(place), clock && { time: clock });
    const sync = createSync({ providers: { hub: side.provider(place.url) }, store, ...(clock && { time: clock }) });
    const settle = async () => void (await sync.drain());
    return {
      ...{ listener: webhook(sync, "hub"), settle, look: settle, close: () => sync.stop() },
      async states(kind, id) {
        const found: (number | null)[] = [];
        const { scope } = side;
        for await (const { after } of sync.history(side.type(kind) as "hub.x", side.id(kind, id), { scope })) {
          found.push(after && Number(side.numberOf(after)));
        }
        return found;
      },
    };
  },
  async stall(place) {
    const db = new DatabaseSync(fileOf(place));
    db.exec("begin immediate");
    return async () => {
      db.exec("rollback");
      db.close();
    };
  },
});

const common = { package: undefined, file: "tidemark", does: ["webhooks", "reads", "looks"], database: false } as const;
export const tidemark: readonly Subject[] = [
  { ...common, column: "Tidemark", name: "Tidemark, Stripe", dialect: stripeDialect, ...subjectOf(onStripe) },
  { ...common, column: "Tidemark", name: "Tidemark, GitHub", dialect: githubDialect, ...subjectOf(onGitHub) },
];
