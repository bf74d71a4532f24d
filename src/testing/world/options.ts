/** What a world is made of, checked. */
import type { DatabaseSync } from "node:sqlite";
import type { Providers, Store, Time, TypeOf } from "tidemark";
import type { VirtualTime } from "../time.ts";
import type { Conditions } from "./conditions.ts";
import type { WorldEvent } from "./events.ts";
import type { Shape } from "./provider.ts";

/** Options of `createWorld`. `Handle` is what a handler with `transaction: true` is given: that of the `store`. */
export interface WorldOptions<P extends Providers = Providers, Handle = DatabaseSync> {
  /** The types of the simulated services, named as in the stream: `["stripe.customer", "notes.note"]`. */
  types: readonly TypeOf<P>[];
  /** Decides everything that is left to chance: a whole number. Default 1. */
  seed?: number;
  /** What is not left to the seed. `calm` leaves nothing that goes wrong; `{ drop: 1 }` loses every webhook. */
  conditions?: Partial<Conditions>;
  /** The scopes of the services. Default: one, `""`. */
  scopes?: readonly string[];
  /** The types that are listed within another: `{ "shop.line": "shop.order" }`. Their ids are `order/line`. */
  within?: Partial<Record<TypeOf<P>, TypeOf<P>>>;
  /** Fields that the services fill with another number on every read, and that do not count as a change. Default: none. */
  volatile?: readonly string[];
  /** How many processes run the application at once. Default 1. */
  processes?: number;
  /**
   * The store as one process opens it: called for each that starts, it must give the same data, so a file or a server.
   * It takes its clock from `time`. Default: one in memory, that all share.
   */
  store?: (time: VirtualTime) => Store<Handle>;
  /** The clock of a process that starts: one that jumps or drifts beside `time`. Default: `time` itself. */
  clock?: (time: VirtualTime, process: number) => Time;
  /**
   * Resolves when nothing goes on any more until time does. Default: when all promises that can go on have gone on.
   * Handlers or a store that ask a server need one that waits for its answers.
   */
  quiet?: () => Promise<void>;
  /** Told of everything that happens: `observe: console.log` is a trace. */
  observe?: (event: WorldEvent) => void;
}

type Given = Pick<WorldOptions, "types" | "seed" | "scopes" | "within" | "processes">;

/**
 * What each provider synchronizes.
 * @throws TypeError for an option that is wrong
 */
export function shapesOf({ types, scopes = [""], within = {}, seed = 1, processes = 1 }: Given): Shape[] {
  if (types.length === 0) throw new TypeError('types: name at least one, as in ["notes.note"]');
  if (!Number.isSafeInteger(seed)) throw new TypeError("seed: must be a whole number");
  if (scopes.length === 0) throw new TypeError('scopes: name at least one; [""] where there is only one');
  if (!(Number.isSafeInteger(processes) && processes > 0)) throw new TypeError("processes: must be 1 or more");
  const shapes = new Map<string, Shape & { types: string[]; within: Record<string, string> }>();
  for (const full of types) {
    const [provider, type] = split(full);
    const shape = shapes.get(provider) ?? { provider, types: [], within: {}, scopes };
    shapes.set(provider, shape);
    shape.types.push(type);
    const parent = within[full];
    if (parent === undefined) continue;
    if (!types.includes(parent) || split(parent)[0] !== provider || within[parent] !== undefined) {
      throw new TypeError(`within: "${full}" must be within another of the types of its provider, not "${parent}"`);
    }
    shape.within[type] = split(parent)[1];
  }
  return [...shapes.values()];
}

function split(full: string): [provider: string, type: string] {
  const dot = full.indexOf(".");
  if (dot < 1 || dot === full.length - 1) throw new TypeError(`types: "${full}" must be "provider.type"`);
  return [full.slice(0, dot), full.slice(dot + 1)];
}
