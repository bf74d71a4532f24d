/**
 * The people who use GitHub and Stripe: one operation after another, drawn at random.
 * @module
 */
import { keyOf } from "./fold.ts";
import { type Known, type Operation, type OperationName, operations, type World } from "./operations.ts";
import { type Random, weighted } from "./random.ts";
import { SCOPE } from "./shop.ts";

/** How often each comes, compared with the others. */
const WEIGHTS: Readonly<Record<OperationName, number>> = {
  ...{ "create issue": 4, "edit issue": 5, "close or reopen issue": 4, "label issue": 2 },
  ...{ comment: 5, "edit comment": 3, "delete comment": 2 },
  ...{ "create label": 2, "recolour label": 2, "delete label": 1 },
  ...{ "create milestone": 1, "edit milestone": 2, "delete milestone": 1 },
  ...{ "create customer": 4, "edit customer": 5, "delete customer": 2 },
  ...{ "create payment intent": 4, "edit payment intent": 3, "confirm payment intent": 3, "cancel payment intent": 1 },
  ...{ "create product": 2, "create price": 2 },
};

/** What there is before anyone looks. */
const BEFORE: readonly OperationName[] = [
  ...(["create label", "create label", "create milestone", "create issue", "create issue", "comment"] as const),
  ...(["create customer", "create customer", "create product", "create price", "create payment intent"] as const),
];

export interface Driver {
  /** Operations done, by provider. */
  readonly done: { github: number; stripe: number };
  /** When a resource was last operated on: its key, and milliseconds since 1970. Who has told of it may delete it. */
  readonly touched: Map<string, number>;
  /** What is there before anyone looks. */
  prepare(): Promise<void>;
  /** One operation at random. */
  step(): Promise<void>;
}

export function createDriver(world: World, random: Random): Driver {
  const known: Known = {
    issues: [],
    comments: [],
    labels: [],
    milestones: [],
    customers: [],
    products: [],
    intents: [],
  };
  const done = { github: 0, stripe: 0 };
  const touched = new Map<string, number>();

  const run = async (name: OperationName): Promise<boolean> => {
    const operation: Operation = operations[name];
    const at = Date.now();
    const resource = await operation(world, known, random);
    if (!resource) return false;
    const [type, id] = resource;
    const isGitHub = type.startsWith("github.");
    done[isGitHub ? "github" : "stripe"]++;
    touched.set(keyOf({ type, scope: isGitHub ? SCOPE : "", id: String(id) }), at);
    return true;
  };
  return {
    done,
    touched,
    async prepare() {
      for (const name of BEFORE) await run(name);
    },
    async step() {
      while (!(await run(weighted(random, WEIGHTS))));
    },
  };
}
