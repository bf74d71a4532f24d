/** Outlets: `types` narrows the change that `data` is given. */
import type { Octokit } from "@octokit/rest";
import type Stripe from "stripe";
import { type Change, type ChangeOf, createSync } from "tidemark";
import { github } from "tidemark/github";
import { openOutlet } from "tidemark/outlet";
import { nats, type Publisher } from "tidemark/outlets/nats";
import { rudderstack } from "tidemark/outlets/rudderstack";
import { webhooks } from "tidemark/outlets/webhooks";
import { zapier } from "tidemark/outlets/zapier";
import { stripe } from "tidemark/stripe";
import { is } from "./is.ts";

declare const client: Stripe;
declare const octokit: Octokit;
declare const js: Publisher;
const providers = {
  stripe: stripe({ client, webhookSecret: "whsec_x", types: ["customer", "invoice"] }),
  github: github({ client: octokit, webhookSecret: "x", repos: ["acme/app"], types: ["issue"] }),
};
type Customer = Change<"stripe.customer", Stripe.Customer>;
const crm = { name: "crm", url: "https://crm.example/hooks", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" };
const rudder = { name: "rudder", url: "https://data.example", writeKey: "x" };

export function outlets() {
  const sync = createSync({ providers });
  webhooks(sync, { ...crm, data: (change) => is<typeof change, ChangeOf<typeof providers>>(true) });
  webhooks(sync, { ...crm, types: ["stripe.customer"], data: (change) => is<typeof change, Customer>(true) });
  nats(sync, { name: "bus", js, types: ["stripe.customer"], data: (change) => is<typeof change, Customer>(true) });
  rudderstack(sync, {
    ...{ ...rudder, types: ["stripe.customer"] },
    user: (change) => {
      is<typeof change, Customer>(true);
      return { userId: change.id };
    },
  });
  openOutlet(sync, { name: "own", types: ["stripe.customer"], data: ({ after }) => after?.email }, async () => {});
  return zapier(sync, {
    hooks: { list: () => [], add: () => {}, remove: () => {} },
    authorize: () => true,
  });
}

export function wrong() {
  const sync = createSync({ providers });
  // @ts-expect-error: this type was not selected
  webhooks(sync, { ...crm, types: ["stripe.refund"] });
  // @ts-expect-error: `before` is null where there was none
  nats(sync, { name: "bus", js, types: ["stripe.customer"], data: ({ before }) => before.email });
  // @ts-expect-error: RudderStack must be told who it was
  rudderstack(sync, { ...rudder, types: ["github.issue"] });
}
