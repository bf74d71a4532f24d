import type { Figure } from "../figure.ts";

/** What comes from outside, and what it costs to ask there. */
export const edges: readonly Figure[] = [
  {
    id: "F15",
    title: "from a hint to its change, 200 hints a second, nothing else wrong",
    goal: "p50 at most one fetch and 5 ms, p99 one fetch and 50 ms",
    run: ["test/latency.test.ts"],
    sizes: { commit: { HINTS: "1000" }, ci: { HINTS: "6000" } },
    says: ["{HINTS} hints"],
    needs: "a machine that has nothing else to do",
  },
  {
    id: "F18",
    title: "60 calls a minute are borne, and 1,000 resources are to be read",
    goal: "at most 1 % of the calls refused, 2.5 % by three engines that know nothing; every class goes on",
    run: ["test/budget.test.ts"],
    sizes: { commit: {}, night: { BUDGET: "all" } },
  },
  {
    id: "F19",
    title: "requests for each change, by what versions the provider has",
    goal: "at most 1.3 where reads are not behind, 2.2 where they may be or a third is deleted",
    run: ["test/calls.test.ts"],
  },
  {
    id: "F20",
    title: "forged signatures, headers and bodies for each verifier",
    goal: "0 accepted, 0 thrown; 0 good ones refused",
    run: ["test/security/forgeries.test.ts"],
    sizes: { commit: { FORGERIES: "3000" }, ci: { FORGERIES: "20000" }, night: { FORGERIES: "1000000" } },
    says: ["{FORGERIES} forgeries"],
  },
  {
    id: "F21",
    title: "how long verifiers take, by how much of a signature is right",
    goal: "|t| below 4.5",
    run: ["test/security/timing.test.ts"],
    sizes: { night: { TIMING: "200000" } },
    from: "night",
  },
  {
    id: "F22",
    title: "every parser of what comes from outside, searched for inputs that break it",
    goal: "0 broken; 100 kB in at most 5 ms",
    run: ["test/fuzz/fuzz.test.ts"],
    sizes: { commit: { FUZZ_MS: "0" }, night: { FUZZ_MS: "300000" } },
    says: ["100 kB"],
  },
  {
    id: "F23",
    title:
      "secrets looked for in events, errors, health, traces, metrics, logs, answers and database files; in what tests print and leave behind",
    goal: "0 found",
    run: ["test/security/canary.test.ts", "test/security/suite.test.ts"],
    sizes: { night: { CANARIES: "1" } },
    says: ["of output and databases", "files left"],
  },
  {
    id: "F24",
    title: "the inspector's page with hostile states, and asked by strange hosts and origins, in a browser",
    goal: "nothing is executed, every stranger is refused",
    run: ["test/page/hostile.page.ts", "test/page/door.page.ts"],
    counts: "attacks and checks",
    from: "ci",
    says: [],
    needs: "Chromium",
  },
  {
    id: "F25",
    title: "the conformance kit on every plugin: recorded payloads, forgeries, simulated worlds",
    goal: "all of it holds",
    run: [
      ...["stripe.contract", "github.contract", "shopify", "paypal", "gitlab", "strapi", "rest", "sns"].map(
        (name) => `test/providers/${name}.test.ts`,
      ),
      "test/providers/standard-webhooks.test.ts",
    ],
    sizes: { commit: { WORLDS: "10" }, ci: { WORLDS: "40" }, night: { WORLDS: "500" } },
    counts: "checks of 9 plugins",
    says: [],
  },
];
