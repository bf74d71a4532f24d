/** Changes: their types come from the providers, with no annotation. */
import type { Octokit } from "@octokit/rest";
import type Stripe from "stripe";
import { type Change, type ChangeOf, createSync, type Known, type StateOf, type TypeOf } from "tidemark";
import { type GitHubTypes, github } from "tidemark/github";
import { stripe } from "tidemark/stripe";
import { is } from "./is.ts";

declare const client: Stripe;
declare const octokit: Octokit;

const providers = {
  stripe: stripe({ client, webhookSecret: "whsec_x", types: ["customer", "invoice"] }),
  stripeEu: stripe({ client, webhookSecret: "whsec_y", types: ["refund"] }),
  github: github({ client: octokit, webhookSecret: "x", repos: ["acme/app"], types: ["issue"] }),
};
type P = typeof providers;
type Name = "stripe.customer" | "stripe.invoice" | "stripeEu.refund" | "github.issue";

export async function changes() {
  const sync = createSync({ providers });

  // The keys of the providers name the types, and so many there are.
  is<TypeOf<P>, Name>(true);
  is<StateOf<P, "stripe.invoice">, Stripe.Invoice>(true);
  is<StateOf<P, "github.issue">, GitHubTypes["issue"]>(true);

  // A change is a union by type, and `type` narrows it.
  for await (const change of sync.changes()) {
    is<typeof change, ChangeOf<P>>(true);
    is<typeof change.type, Name>(true);
    if (change.type === "stripe.invoice") is<typeof change.after, Stripe.Invoice | null>(true);
    if (change.type === "stripeEu.refund") is<typeof change.before, Stripe.Refund | null>(true);
    if (change.type === "github.issue") is<typeof change.after, GitHubTypes["issue"] | null>(true);
    // @ts-expect-error: this type was not selected
    if (change.type === "stripe.charge") return;
    // @ts-expect-error: `after` is null where the resource is gone
    change.after.id;
  }

  // `types` narrows what comes.
  for await (const change of sync.changes({ types: ["stripe.customer"] })) {
    is<typeof change, Change<"stripe.customer", Stripe.Customer>>(true);
  }
  sync.subscribe("all", (change) => is<typeof change, ChangeOf<P>>(true));
  sync.subscribe("one", { types: ["stripeEu.refund"] }, ({ type, after }) => {
    is<typeof type, "stripeEu.refund">(true);
    is<typeof after, Stripe.Refund | null>(true);
  });
  sync.subscribe("two", { types: ["stripe.customer", "github.issue"] }, (change) => {
    is<typeof change.type, "stripe.customer" | "github.issue">(true);
  });
  const [newest] = await sync.newest({ types: ["stripe.invoice"], limit: 1 });
  is<typeof newest, Change<"stripe.invoice", Stripe.Invoice> | undefined>(true);
  for await (const { after } of sync.history("github.issue", "1")) is<typeof after, GitHubTypes["issue"] | null>(true);

  // `get` returns the provider's state.
  const known = await sync.get("stripe.customer", "cus_1", { maxAge: 0 });
  is<typeof known, Known<Stripe.Customer> | undefined>(true);
}

export async function wrong() {
  const sync = createSync({ providers });
  // @ts-expect-error: a type has the provider's key before it
  await sync.get("invoice", "in_1");
  // @ts-expect-error: there is no provider of that key
  await sync.webhook("paypal", new Request("https://app.example"));
  // @ts-expect-error: this type was not selected
  sync.changes({ types: ["stripe.refund"] });
  // @ts-expect-error: this type was not selected
  sync.subscribe("wrong", { types: ["github.pull"] }, () => {});
  // @ts-expect-error: this type was not selected
  await sync.hint("stripe.subscription", "sub_1");
  // @ts-expect-error: an id is a text
  await sync.erase("stripe.customer", 1);
  // @ts-expect-error: there is no such option
  createSync({ providers, sweepsEvery: 1_000 });
  // @ts-expect-error: Stripe has no such type
  stripe({ client, webhookSecret: "whsec_x", types: ["customers"] });
}
