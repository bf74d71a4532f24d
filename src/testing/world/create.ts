/** Puts a world together. */
import type { DatabaseSync } from "node:sqlite";
import type { Providers, Sync } from "tidemark";
import { createRandom } from "../random.ts";
import { createVirtualTime } from "../time.ts";
import type { Ground } from "./api.ts";
import { createClock } from "./clock.ts";
import { decide, drawConditions } from "./conditions.ts";
import type { Tell } from "./events.ts";
import { befall, createFaults, setCalm } from "./faults.ts";
import { createFleet } from "./fleet.ts";
import { createHooks } from "./hooks.ts";
import { createNetwork } from "./network.ts";
import { shapesOf, type WorldOptions } from "./options.ts";
import { createProcess } from "./process.ts";
import { createProvider } from "./provider.ts";
import { createRequest, type Weather } from "./request.ts";
import { createService } from "./service.ts";
import { createSettle } from "./settle.ts";
import { createStores } from "./stores.ts";
import type { Application, World } from "./world.ts";
import { createWriter } from "./writer.ts";

/** Polls slow down in a world, too, where webhooks come; not so far that what they lose is found in none. */
const LONGER = 4;

/**
 * Creates a world. The state of everything in it follows from the seed and from what the test does.
 *
 * ```ts
 * const world = createWorld<{ notes: Provider<{ note: Note }> }>({ types: ["notes.note"], seed: 7 });
 * const board = new Map<string, Note>();
 * await world.start((sync) => sync.subscribe("board", ({ id, after }) => after ? board.set(id, after) : board.delete(id)));
 * world.write("notes.note", "1", { text: "hello" });
 * await world.settle();
 * assert.deepEqual(board, world.truth("notes.note"));
 * await world.stop();
 * ```
 *
 * @throws TypeError for an option that is wrong
 */
export function createWorld<P extends Providers = Providers, Handle = DatabaseSync>(
  options: WorldOptions<P, Handle>,
): World<P, Handle> {
  const { seed = 1, scopes = [""], volatile = [], processes = 1, quiet, observe, clock: own } = options;
  const shapes = shapesOf(options);
  const random = createRandom(seed);
  const time = createVirtualTime({ random, ...(quiet && { quiet }) });
  const within = new Map(Object.entries<string | undefined>(options.within ?? {}));
  const conditions = decide(drawConditions(random), options.conditions ?? {});
  const weather: Weather = { calm: false, denied: false, down: false, away: new Set() };
  const service = createService(conditions, random, time);
  const tell: Tell = (event) => observe?.({ at: time.now(), ...event });
  const clock = createClock(time, seed);

  const calls = { fetch: 0, list: 0, poll: 0, probe: 0, hook: 0, refused: 0 };
  const request = createRequest(conditions, weather, time, random, calls);
  const hooks = createHooks(request, calls);
  const ground: Ground = { conditions, service, weather, time, random, request, calls, volatile };
  const stores = createStores(options.store, time);
  let application: Application<P, Handle> | undefined;

  const make = (index: number) => {
    const process = createProcess({
      time: own?.(time, index) ?? time,
      store: stores.open(),
      sweepEvery: conditions.sweep,
      pollEvery: conditions.poll > 0 ? { min: conditions.poll, max: LONGER * conditions.poll } : undefined,
      providers: (gate) =>
        Object.fromEntries(shapes.map((one) => [one.provider, createProvider(ground, one, hooks, gate)])),
      observe: (event) => tell({ kind: "engine", process: index, event }),
    });
    const start = async () => {
      // The simulated services stand for the application's, under their keys and with their types.
      await application?.(process.sync as unknown as Sync<P, Handle>, index);
      await process.sync.start();
    };
    return { process, started: start() };
  };
  const fleet = createFleet(processes, { time, random }, make, tell, clock.fail);
  const announce = createNetwork({ conditions, weather, time, random, hooks }, fleet.post, tell);
  const place = { service, types: options.types, scopes, within };
  const writer = createWriter<P>({ ...place, conditions }, announce, tell);
  const settle = createSettle({ ...place, seed, time, clock, fleet, volatile, store: stores.look });
  const calm = (is: boolean) => setCalm(weather, is, tell);
  const stop = async () => {
    await clock.until(fleet.stop());
    await stores.close();
  };

  return {
    ...{ seed, random, time, conditions, calls, ...writer },
    get calm() {
      return weather.calm;
    },
    set calm(is) {
      calm(is);
    },
    async start(given) {
      if (application) throw new Error(`world ${seed}: the application runs already`);
      application = given;
      await clock.until(fleet.start());
      createFaults({ conditions, weather, time, random }, { processes, scopes }, fleet, tell);
    },
    hooks: (provider, { scope = "" } = {}) => hooks.of(provider, scope),
    run: clock.run,
    until: clock.until,
    settle() {
      calm(true);
      return settle();
    },
    down: (ms) => befall({ weather, time }, tell, "down", ms),
    crash: (process = 0) => fleet.crash(process),
    freeze: (ms, process = 0) => fleet.freeze(process, ms),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
