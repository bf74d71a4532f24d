/** All mutants by area: what `--only` takes. */
import { backfill } from "./backfill.ts";
import { budgetArea } from "./budget.ts";
import { checkpoint } from "./checkpoint.ts";
import { clients } from "./client.ts";
import { compare } from "./compare.ts";
import { contract } from "./contract.ts";
import { docs } from "./docs.ts";
import { edge } from "./edge.ts";
import { edges } from "./edges.ts";
import { endpoint } from "./endpoint.ts";
import { events } from "./events.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { halts } from "./halt.ts";
import { commands, handler } from "./handler.ts";
import { hooks } from "./hooks.ts";
import { loops } from "./loops.ts";
import { loss } from "./loss.ts";
import type { Mutant } from "./mutant.ts";
import { old } from "./old.ts";
import { operate } from "./operate.ts";
import { outlets } from "./outlets.ts";
import { packages } from "./package.ts";
import { page } from "./page.ts";
import { paypal } from "./paypal.ts";
import { postgres } from "./postgres.ts";
import { prove } from "./prove.ts";
import { reads } from "./reads.ts";
import { rest } from "./rest.ts";
import { row } from "./row.ts";
import { scenarios } from "./scenarios.ts";
import { security } from "./security.ts";
import { shopify } from "./shopify.ts";
import { sns } from "./sns.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { store } from "./store.ts";
import { stories } from "./stories.ts";
import { strangers } from "./strangers.ts";
import { strapi } from "./strapi.ts";
import { stripe } from "./stripe.ts";
import { suite } from "./suite.ts";
import { telemetry } from "./telemetry.ts";
import { tempos } from "./tempo.ts";
import { verify } from "./verify.ts";
import { worlds } from "./world.ts";
import { year } from "./year.ts";

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
  telemetry,
  tempo: tempos,
  budget: budgetArea,
  old,
  operate,
  compare,
  prove,
  reads,
  store,
  stories,
  strangers,
  scenarios,
  postgres,
  worlds,
  year,
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
  page,
  edges,
  handler,
  commands,
  events,
  security,
  suite,
  package: packages,
  docs,
};
