import type { Figure } from "../figure.ts";

const campaign = ["test/world.test.ts", "test/seeds.test.ts"];
const worlds = { commit: { SEEDS: "100" }, ci: { SEEDS: "600" }, night: { SEEDS: "10000" } };

/** The algorithm, and the whole engine in virtual time. */
export const engine: readonly Figure[] = [
  {
    id: "F1",
    title: "row.ts, random steps on one resource",
    goal: "0 violations of S1, S3, S4, L1, L4",
    run: ["test/row.properties.test.ts"],
  },
  {
    id: "F2",
    title: "row.ts against an independent model of the algorithm",
    goal: "0 differences",
    run: ["test/model.test.ts"],
    needs: "the model, which is kept outside of the repository",
  },
  {
    id: "F3",
    title:
      "hostile worlds of 300 writes: the engine, its store, virtual time; one seed in 20 run twice, and each that ever found something",
    goal: "0 violations, equal traces",
    run: campaign,
    sizes: worlds,
    says: ["{SEEDS} worlds", "found something"],
  },
  {
    id: "F4",
    title: "guards of row.ts taken away one at a time",
    goal: "a test fails for each",
    run: ["scripts/mutants.ts", "--only", "row"],
    from: "night",
    says: ["killed"],
  },
  {
    id: "F5",
    title: "rare states in the worlds of F3",
    goal: "each at least 100 times",
    run: campaign,
    sizes: worlds,
    from: "ci",
  },
];
