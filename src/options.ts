/**
 * What the application passes, checked: a wrong option fails at once, with a message that says what to write.
 * @module
 */
import type { Keyv } from "keyv";
import { z } from "zod";
import type { Change } from "./change.ts";
import { MOST_PARTITIONS } from "./deliver/partition.ts";
import type { TransactionHandler } from "./deliver/push.ts";
import type { Delivery, SubscribeOptions, Subscription } from "./deliver.ts";
import type { Engine } from "./engine.ts";
import { Misuse } from "./errors.ts";
import type { EngineEvent } from "./events.ts";
import type { Kind, Providers } from "./kind.ts";
import { KEPT } from "./loss/losses.ts";
import type { Every } from "./reconcile/tempo.ts";
import type { ResourcesOptions } from "./resources.ts";
import { sqlite } from "./store/sqlite.ts";
import type { Store } from "./store.ts";
import type { NewestOptions } from "./stream.ts";
import { systemTime, type Time } from "./time.ts";

/** The options of `createSync`. */
export interface SyncOptions<P extends Providers = Providers, Handle = unknown> {
  /** The services to synchronize. The key names the source: `stripe` gives `stripe.invoice`. */
  providers: P;
  /** Where the log and all state live. Default `sqlite("tidemark.db")`. */
  store?: Store<Handle>;
  /** For validators and bodies of conditional requests. Default: in memory, bounded. Share one to save calls. */
  cache?: Keyv;
  /** Reads at once per scope. Default 4. */
  concurrency?: number;
  /**
   * The part of each credential's budget that is left to the application, 0 to less than 1: of what a provider bears a
   * second, of its quotas, and of what its answers say is left. Default 0.1.
   */
  reserve?: number;
  /**
   * Milliseconds for which history is kept; of what is older only the newest state of each live resource stays. Default
   * 30 days; `Infinity`: for ever. A subscription that was at work within that time loses nothing.
   */
  retention?: number;
  /**
   * Milliseconds from one poll of a feed to the next. Between `min` and `max` polls slow down while webhooks prove complete,
   * and where nothing happens, and come at `min` again as soon as a webhook is lost: with every webhook lost, a change is
   * found within `max`, and then within `min`. A number is a fixed interval. What the provider bears, the `every` of the
   * feed, is never gone below. Default: from that to an hour; where the provider takes no webhooks, that.
   */
  pollEvery?: Every;
  /**
   * Milliseconds from the beginning of a sweep of a type to the next one's. Between `min` and `max` the sweeps of a type that
   * no feed covers come sooner when one found what no webhook had told, and never sooner than twenty times what the last
   * one took; those of other types come at `max`. The second sweep comes earlier, at a time that is drawn, so that what was
   * imported together is not swept together. A number is a fixed interval. Default from six hours to one day.
   */
  sweepEvery?: Every;
  /** Is told what the engine does. It must not throw; what it throws is ignored. */
  observe?: (event: EngineEvent) => void;
  /** Clock, timers and randomness. Default the machine's; tests give a virtual one, here and to the store. */
  time?: Time;
}

const DAY = 86_400_000;
/** Hours of `losses` unless told otherwise. */
const WEEK = 168;
const method = z.custom<unknown>((value) => typeof value === "function", "must be a function");
const has = (...members: string[]) =>
  z.custom<unknown>(
    (value) => typeof value === "object" && value !== null && members.every((name) => name in value),
    `must be an object with ${members.join(", ")}`,
  );

/** A fixed interval, or its bounds, in milliseconds. */
const everyOf = (least: number) => {
  const ms = z.number().min(least);
  const bounds = z.strictObject({ min: ms.optional(), max: ms.optional() });
  const shape = ms.or(bounds.refine(({ min = least, max = min }) => min <= max));
  const message = `must be milliseconds, ${least} or more, or { min, max } of them, min no more than max`;
  // Whichever of the two it was meant to be, one sentence says what to write.
  return z.custom<Every>((value) => shape.safeParse(value).success, message);
};

const syncOptions = z.strictObject({
  providers: z
    .record(z.string(), has("resources"), "must be an object of providers: { stripe: stripe({ … }) }")
    .refine((providers) => Object.keys(providers).length > 0, "must name at least one provider"),
  store: has("update", "entries", "head").optional(),
  cache: has("get", "set").optional(),
  concurrency: z.number().int().min(1).max(1_000).optional(),
  reserve: z.number().min(0).lt(1).optional(),
  retention: z.union([z.number().min(60_000), z.literal(Number.POSITIVE_INFINITY)]).optional(),
  pollEvery: everyOf(1).optional(),
  sweepEvery: everyOf(1_000).optional(),
  observe: method.optional(),
  time: has("now", "random", "after").optional(),
});

const subscribeOptions = z.strictObject({
  from: z.enum(["start", "now"]).optional(),
  initial: z.boolean().optional(),
  types: z.array(z.string()).optional(),
  concurrency: z.number().int().min(1).max(1_000).optional(),
  transaction: z.boolean().optional(),
  partitions: z.number().int().min(1).max(MOST_PARTITIONS).optional(),
});

const newestOptions = z.strictObject({
  types: z.array(z.string()).optional(),
  scope: z.string().optional(),
  id: z.string().optional(),
  limit: z.number().int().min(1).max(1_000).optional(),
});

const resourcesOptions = z.strictObject({
  state: z.enum(["live", "dirty", "failing"]).optional(),
  type: z.string().optional(),
  scope: z.string().optional(),
  after: z.string().nullable().optional(),
  limit: z.number().int().min(1).max(1_000).optional(),
});

const lossesOptions = z.strictObject({ hours: z.number().int().min(1).max(KEPT).optional() });

/** Checks options and fills in the defaults. */
export function checkOptions<P extends Providers>(options: SyncOptions<P>) {
  check("createSync", syncOptions, options);
  const { time = systemTime, concurrency = 4, reserve = 0.1, retention = 30 * DAY, observe = () => {} } = options;
  const { providers, store = sqlite("tidemark.db", { time }), cache, pollEvery, sweepEvery } = options;
  const observed = (event: EngineEvent) => {
    try {
      observe(event);
    } catch {
      // A broken observer must not stop what it observes.
    }
  };
  const limits = { concurrency, reserve, retention };
  return { providers, store, cache, ...limits, pollEvery, sweepEvery, observe: observed, time };
}

/** A handler, whatever it takes. */
export type AnyHandler = TransactionHandler<never, never>;

/** Checks what `subscribe` was given, in both its forms. */
export function checkSubscription(
  engine: Pick<Engine, "kinds" | "store">,
  known: ReadonlyMap<string, Delivery>,
  name: string,
  rest: readonly [AnyHandler] | readonly [SubscribeOptions, AnyHandler],
): Subscription {
  const [options, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
  if (typeof name !== "string" || name === "") throw new TypeError("subscribe: give the subscription a name");
  if (known.has(name)) throw new TypeError(`subscribe: "${name}" is subscribed already: each needs a name of its own`);
  if (typeof handler !== "function") throw new TypeError(`subscribe: "${name}" needs a handler`);
  check(`subscribe("${name}")`, subscribeOptions, options);
  const { from = "start", initial = true, types, concurrency = 1, transaction = false, partitions = 1 } = options;
  for (const type of types ?? []) checkType(engine, type);
  if (transaction && !engine.store.transaction) {
    throw new TypeError(`subscribe("${name}"): this store has no transactions for handlers: sqlite and postgres do`);
  }
  if (transaction && concurrency > 1) {
    throw new TypeError(`subscribe("${name}"): with transaction: true one change is handled at a time: no concurrency`);
  }
  const how = { from, initial, types, concurrency, transaction, partitions };
  return { name, ...how, handler: handler as TransactionHandler<Change, unknown> };
}

/** Checks what `newest` was given. */
export function checkNewest(engine: Pick<Engine, "kinds">, options: NewestOptions): NewestOptions {
  check("newest", newestOptions, options);
  for (const type of options.types ?? []) checkType(engine, type);
  if (options.id !== undefined && options.types?.length !== 1)
    throw new Misuse("newest: an id is of one type: name it");
  return options;
}

/** Checks what `resources` was given. */
export function checkResources(engine: Pick<Engine, "kinds">, options: ResourcesOptions): ResourcesOptions {
  check("resources", resourcesOptions, options);
  if (options.type !== undefined) checkType(engine, options.type);
  return options;
}

/** Checks what `losses` was given. */
export function checkLosses(options: { hours?: number }): number {
  check("losses", lossesOptions, options);
  return options.hours ?? WEEK;
}

/** The kind of a full type name. */
export function checkType({ kinds }: Pick<Engine, "kinds">, type: string): Kind {
  const kind = kinds.get(type);
  if (kind) return kind;
  throw new Misuse(`"${type}" is no type of these providers; there are: ${[...kinds.keys()].join(", ")}`);
}

/** @throws TypeError if there is no such provider */
export function checkProvider({ providers }: Pick<Engine, "providers">, name: string): string {
  if (Object.hasOwn(providers, name)) return name;
  throw new Misuse(`there is no provider "${name}"; there are: ${Object.keys(providers).join(", ")}`);
}

/** @throws TypeError if the provider has no such scope */
export async function checkScope({ scopes }: Pick<Engine, "scopes">, provider: string, scope: string): Promise<void> {
  if (await scopes.has(provider, scope)) return;
  throw new Misuse(`${provider} has no scope "${scope}": look at what its scopes() answers`);
}

/** @throws TypeError that names what is wrong of it, and what it must be */
export function check(what: string, shape: z.ZodType, value: unknown): void {
  const { error } = shape.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (issue) throw new Misuse(`${what}: ${[...issue.path, ""].join(".").slice(0, -1)} ${issue.message}`.trim());
}
