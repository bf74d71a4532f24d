/** All mutants by area: what `--only` takes. */
import { backfill } from "./backfill.ts";
import { budgetArea } from "./budget.ts";
import { checkpoint } from "./checkpoint.ts";
import { clients } from "./client.ts";
import { contract } from "./contract.ts";
import { edge } from "./edge.ts";
import { edges } from "./edges.ts";
import { endpoint } from "./endpoint.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { halts } from "./halt.ts";
import { hooks } from "./hooks.ts";
import { loops } from "./loops.ts";
import { loss } from "./loss.ts";
import type { Mutant } from "./mutant.ts";
import { operate } from "./operate.ts";
import { outlets } from "./outlets.ts";
import { paypal } from "./paypal.ts";
import { postgres } from "./postgres.ts";
import { reads } from "./reads.ts";
import { rest } from "./rest.ts";
import { row } from "./row.ts";
import { shopify } from "./shopify.ts";
import { sns } from "./sns.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { store } from "./store.ts";
import { stories } from "./stories.ts";
import { strapi } from "./strapi.ts";
import { stripe } from "./stripe.ts";
import { suite } from "./suite.ts";
import { tempos } from "./tempo.ts";
import { verify } from "./verify.ts";
import { worlds } from "./world.ts";

export const areas: Readonly<Record<string, readonly Mutant[]>> = {
  contract,
  row,
  checkpoint,
  client: clients,
  edge,
  verify,
  endpoint,
  hooks,
  loops,
  loss,
  halt: halts,
  backfill,
  tempo: tempos,
  budget: budgetArea,
  operate,
  reads,
  store,
  stories,
  postgres,
  worlds,
  github,
  gitlab,
  paypal,
  rest,
  shopify,
  stripe,
  strapi,
  sns,
  "standard-webhooks": standardWebhooks,
  outlets,
  edges,
  suite,
};
