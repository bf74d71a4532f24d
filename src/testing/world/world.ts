/**
 * A world for the tests of an application: simulated services whose webhooks get lost, come twice, late and out of
 * order, whose API lags, fails, throttles and loses access, and processes that crash and freeze. The engine in it is
 * the real one. All of it is in virtual time, and the same for the same seed.
 *
 *     write ──► service ──► network ──► process: engine ──► the application's handlers
 *                  ▲                       │
 *                  └──────── api ◄─────────┘
 */
import type { DatabaseSync } from "node:sqlite";
import type { Awaitable, Providers, StateOf, Sync, TypeOf } from "tidemark";
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Calls } from "./api.ts";
import type { Conditions } from "./conditions.ts";
import type { WorldHook } from "./hooks.ts";
import type { Stamp, Standing } from "./service.ts";

/** Sets up what the application does with its sync: its subscriptions. Called in each process that starts. */
export type Application<P extends Providers, Handle = DatabaseSync> = (
  sync: Sync<P, Handle>,
  process: number,
) => Awaitable<unknown>;

/** Where a resource is. */
export interface At {
  /** Default `""`. */
  scope?: string;
}

/** How something is written. A `version` or an `incarnation` that is given is not the service's own: a restored backup. */
export interface WriteOptions extends At, Stamp {
  /** Whether a webhook is sent, which may get lost. Default `true`. */
  webhook?: boolean;
}

/** Simulated services, a network, processes, and time. See {@link createWorld}. */
export interface World<P extends Providers = Providers, Handle = DatabaseSync> extends AsyncDisposable {
  readonly seed: number;
  /** The numbers of the seed, for what a test leaves to chance. */
  readonly random: Random;
  readonly time: VirtualTime;
  /** What the seed drew, and the test decided. */
  readonly conditions: Readonly<Conditions>;
  /** How often the services were asked. */
  readonly calls: Readonly<Calls>;
  /** While it is `true` nothing goes wrong. `settle` sets it; set it to `false` to go on. */
  calm: boolean;
  /** Starts the application in every process, and the faults. Throws what the application throws. */
  start(application: Application<P, Handle>): Promise<void>;
  /** Creates or changes a resource. It is true from now on; `state` is what the API gives, as JSON. */
  write<T extends TypeOf<P>>(type: T, id: string, state: StateOf<P, T>, options?: WriteOptions): void;
  /** Deletes a resource, with what is within it. Nothing happens if there is none. */
  delete(type: TypeOf<P>, id: string, options?: At & { webhook?: boolean }): void;
  /** What there is now, by id. */
  truth<T extends TypeOf<P>>(type: T, options?: At): Map<string, StateOf<P, T>>;
  /** All that a resource ever was, the oldest first; at the beginning it was not there. Not a copy: leave it as it is. */
  history<T extends TypeOf<P>>(type: T, id: string, options?: At): readonly Standing<StateOf<P, T>>[];
  /** The hooks of a service, as it keeps them: a test may change them, and take them away. Needs the condition `hooks`. */
  hooks(provider: keyof P & string, options?: At): WorldHook[];
  /** Lets `ms` milliseconds pass. */
  run(ms: number): Promise<void>;
  /** Lets time pass until a promise is settled, as in `await world.until(sync.get(…))`. */
  until<T>(promise: Promise<T>): Promise<T>;
  /**
   * Ends the faults, and lets time pass until every process runs, the log says what is, and every subscription has
   * handled it.
   * @throws Error after an hour of the world's time: with the seed, and what is missing
   */
  settle(): Promise<void>;
  /** The services are down for `ms`, in the way that the condition `outage` says, or until all is calm. */
  down(ms: number): void;
  /** A process that runs dies now, and starts again some seconds later. What it had not saved is lost. */
  crash(process?: number): void;
  /** A process that runs stands still for `ms`, and goes on as if nothing had been. After 95 s another takes its place. */
  freeze(ms: number, process?: number): void;
  /** Ends all processes and closes the stores. */
  stop(): Promise<void>;
}
