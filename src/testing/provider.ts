/**
 * The contract of a provider, as tests: whoever writes a provider runs them, with any runner.
 *
 * ```ts
 * import { test } from "node:test";
 * import { testProvider } from "tidemark/testing";
 * testProvider(test, "notes", { provider: ({ secrets, fetch }) => notes({ secret: secrets, fetch }), webhooks, api });
 * ```
 * @module
 */
import type { Check } from "./provider/check.ts";
import { forgeryChecks } from "./provider/forgeries.ts";
import { payloadChecks } from "./provider/payloads.ts";
import { readChecks } from "./provider/reads.ts";
import { secretChecks } from "./provider/secrets.ts";
import { troubleChecks } from "./provider/trouble.ts";
import { type Figures, worldChecks } from "./provider/worlds.ts";
import type { Samples } from "./samples.ts";
import type { RegisterTest } from "./store.ts";

export type { Figures };

/** How hard a provider is tried. */
export interface Effort {
  /**
   * Forged signatures, bodies and headers, so many of each. By default what the environment's `FUZZ` says, else 20,000.
   */
  forgeries?: number;
  /** Simulated worlds. By default what the environment's `WORLDS` says, else 200. */
  worlds?: number;
  /** The seed of the first world, to see one again that failed. Default 1. */
  seed?: number;
  /** Told once, when all worlds were good. */
  report?(figures: Figures): void;
}

/**
 * Registers the contract's tests under a name. One whose part the provider or its samples do not have is not registered.
 * @throws TypeError for samples from which nothing could be told
 */
export function testProvider(test: RegisterTest, name: string, samples: Samples, effort: Effort = {}): void {
  checkSamples(name, samples);
  for (const { promise, run } of checksOf(samples, effort)) test(`${name}: ${promise}`, async () => run());
}

/** Without these a test would pass that has seen nothing, or fail in words of another. */
function checkSamples(name: string, { webhooks, api }: Samples): void {
  if (!webhooks && !api) throw new TypeError(`${name}: give webhooks, api, or both: nothing would be tested`);
  if (!webhooks) return;
  const { secrets, payloads } = webhooks;
  if (!secrets[1] || secrets[0] === secrets[1]) {
    throw new TypeError(`${name}: webhooks.secrets must be two, as the service could have given them`);
  }
  if (payloads.every(({ hints }) => typeof hints === "string")) {
    throw new TypeError(`${name}: webhooks.payloads must have one that gives hints`);
  }
}

function checksOf(samples: Samples, effort: Effort): Check[] {
  const { FUZZ = "20000", WORLDS = "200" } = process.env;
  const { forgeries = Number(FUZZ), worlds = Number(WORLDS), seed = 1, report = () => {} } = effort;
  const { webhooks, api } = samples;
  const checks: Check[] = [];
  if (webhooks) {
    checks.push(...secretChecks(samples, webhooks), ...payloadChecks(samples, webhooks));
    checks.push(...forgeryChecks(samples, webhooks, forgeries));
  }
  if (api) {
    checks.push(...readChecks(samples, api), ...troubleChecks(samples, api));
    checks.push(...worldChecks(samples, api, { worlds, seed, report }));
  }
  return checks;
}
