/**
 * One seed: a provider, a network, processes that crash and freeze, and the real engine on the real store, all in
 * virtual time. First everything goes wrong; then the faults stop, and the log must come to say what is.
 */
import { createHash } from "node:crypto";
import { createRandom, createVirtualTime, type VirtualTime } from "tidemark/testing";
import type { EngineEvent, Store } from "../../src/index.ts";
import { FORGET } from "../../src/row.ts";
import { sqlite } from "../../src/store/sqlite.ts";
import { createApi, eventOf, type Weather } from "./api.ts";
import { createChecker, type Seen } from "./check.ts";
import { drawWorld, type WorldOptions } from "./draw.ts";
import { createHost, type Host } from "./host.ts";
import { createTruth, parentOf, typeOf } from "./truth.ts";

export interface Result {
  seed: number;
  failures: readonly string[];
  world: WorldOptions;
  /** The same for the same seed: everything that was seen, in its order. */
  trace: string;
  changes: number;
  steps: number;
  hours: number;
  calls: { fetch: number; list: number; poll: number; probe: number };
  /** How often each event of the engine came. */
  counts: Record<string, number>;
}

/** What a world runs on. */
export interface Ground {
  /** A store as one process has it. */
  open(time: VirtualTime): Store;
  /** Processes at once. */
  engines: number;
  /** Resolves when nothing goes on any more until time does. */
  quiet?: () => Promise<void>;
}

const BEGIN = 1_800_000_000_000;
/** What the end may take: sweeps, lags, leases of dead workers, backoff after long outages. */
const END = 3_600_000;

export async function simulate(
  seed: number,
  { ops = 300, tell, ground }: { ops?: number; tell?: (line: string) => void; ground?: Ground } = {},
) {
  const random = createRandom(seed);
  const { int, chance, pick } = random;
  const world = drawWorld(random);
  if (!world.listed) Object.assign(world, { drop: 0, hintRetry: true });
  const time = createVirtualTime({ start: BEGIN, random, ...(ground?.quiet && { quiet: ground.quiet }) });
  const truth = createTruth(world, random, BEGIN);
  const away = new Set<string>();
  const weather: Weather = { quiet: false, denied: false, down: false, away };
  const api = createApi(world, truth, time, random, weather);
  const checker = createChecker(world, truth);
  const store = ground ? ground.open(time) : sqlite(":memory:", { time });
  const stores = [store];
  /** In memory there is one store for all; on a server each process has its own. */
  const openStore = (): Store => {
    const own = ground?.open(time) ?? store;
    if (ground) stores.push(own);
    return own;
  };
  await store.open();
  const trace = createHash("sha256");
  const counts: Record<string, number> = {};
  const say = (line: string) => {
    trace.update(`${time.now().toFixed(3)} ${line}\n`);
    tell?.(`${((time.now() - BEGIN) / 1_000).toFixed(3).padStart(10)} ${line}`);
  };

  // -- Processes ------------------------------------------------------------------------------------------------------
  const observe = (event: EngineEvent) => {
    const key = "outcome" in event ? `${event.kind} ${event.outcome}` : event.kind;
    counts[key] = (counts[key] ?? 0) + 1;
    if (event.kind === "read") say(`read ${event.id} ${event.outcome}`);
    if (tell && (event.kind === "failed" || event.kind === "parked")) say(JSON.stringify(event));
  };
  let cursor: string | null = null;
  let changes = 0;
  const handled = new Map<string, number>();
  let host = createHost(world, api, time, openStore(), observe);
  /** The others, which work beside it, and crash and freeze as it does. */
  const others: Host[] = [];

  /** The reader keeps its cursor with what it saw, as an application does in its own transaction. */
  async function follow(mine: Host): Promise<void> {
    try {
      for await (const change of mine.sync.changes({ after: cursor })) {
        if (host !== mine) return;
        cursor = change.cursor;
        changes++;
        say(`saw ${change.id} ${change.after?.value ?? "gone"} at ${change.cursor.split(".")[1]} via ${change.via}`);
        checker.saw(change as Seen, time.now());
      }
    } catch (error) {
      // The reader of a process that was taken over may find that history was compacted meanwhile.
      if (host === mine) checker.fail(`S2 the reader failed: ${error}`);
    }
  }
  const positionOf = (change: { cursor: string }) => Number(change.cursor.split(".")[1]);
  /** A handler that throws now and then: for each resource the order is kept all the same. */
  const handle = (change: Seen) => {
    const last = handled.get(change.id) ?? 0;
    const position = positionOf(change);
    if (!weather.quiet && chance(0.05)) throw new Error("the handler failed");
    // Another process may have handled it, and not have saved that it did.
    const one = handling === host && others.length === 0;
    if (position < last && one) checker.fail(`S2 ${change.id} was handled at ${position} after ${last}`);
    handled.set(change.id, position);
  };
  let handling: Host | undefined;

  async function reboot(): Promise<void> {
    host = createHost(world, api, time, openStore(), observe);
    await boot(host);
  }
  async function bootOther(at: number): Promise<void> {
    const mine = createHost(world, api, time, openStore(), observe);
    others[at] = mine;
    say(`boot other ${at}`);
    mine.sync.subscribe("handler", (change) => handle(change as Seen));
    await mine.sync.start();
  }
  async function boot(mine: Host): Promise<void> {
    say("boot");
    mine.sync.subscribe("handler", (change) => handle(change as Seen));
    handling = mine;
    handled.clear();
    await mine.sync.start();
    void follow(mine);
  }

  // -- The provider's writes and webhooks -----------------------------------------------------------------------------
  const writing = new Set<string>();
  /** When scopes joined or left. */
  const moved = new Map<string, number>();
  function write(id: string): void {
    if (writing.has(id)) return;
    writing.add(id);
    const started = time.now();
    const commit = () => {
      writing.delete(id);
      const next = truth.next(id, started);
      if (!next) return;
      const index = truth.commit(id, time.now(), next);
      say(`true ${id} ${next.state?.value ?? "gone"} v${next.version}`);
      if (typeOf(id) === "thing" && next.state === null && world.cascade) removeParts(id);
      if (chance(world.drop) || away.has(truth.scopeOf(id))) return;
      const copies = 1 + (chance(world.duplicate) ? int(1, 2) : 0);
      const version = world.hintVersions && next.state !== null && next.version !== null ? next.version : undefined;
      const body = {
        ...{ type: typeOf(id), id, scope: truth.scopeOf(id) },
        ...(version !== undefined && { version }),
        ...(world.hintEvents && { event: eventOf(id, index) }),
      };
      for (let i = 0; i < copies; i++) time.after(int(0, world.hintDelay), () => void send(body, 0));
    };
    if (world.commitLag && chance(0.5)) time.after(int(0, world.commitLag), commit);
    else commit();
  }
  function remove(id: string): void {
    const { state, incarnation = 0 } = truth.history(id).at(-1) ?? {};
    if (!state || writing.has(id)) return;
    truth.commit(id, time.now(), { state: null, version: null, incarnation, back: false, restored: false });
    say(`true ${id} gone`);
    if (world.cascade) removeParts(id);
  }
  /** What is within a resource goes in the moment in which that goes. */
  function removeParts(id: string): void {
    for (const part of truth.parts) if (parentOf(part) === id) remove(part);
  }
  async function send(body: { id: string; event?: { id: string } }, tries: number): Promise<void> {
    const status = await (others.length > 0 ? pick([host, ...others]) : host).post(body);
    if (status === 202) return checkSaved(body);
    if (world.hintRetry && (tries < 6 || !world.listed))
      time.after(5_000 * (tries + 1), () => void send(body, tries + 1));
  }
  /** S6: what was answered 202 is saved, whatever happens next. */
  async function checkSaved({ id, event }: { id: string; event?: { id: string } }): Promise<void> {
    // A webhook of a scope that joined or left a moment ago may be nobody's.
    if (!event || time.now() - (moved.get(truth.scopeOf(id)) ?? 0) < 400_000) return;
    const rows = await store.rows({ limit: 1_000 });
    const row = rows.find((one) => one.id === id);
    const known = row?.causes.some((cause) => cause.id === event.id) || row?.causes.length === 16;
    if (!known) checker.fail(`S6 a webhook of ${id} was acknowledged, but is not saved`);
  }

  // -- The workload, the faults, the end ------------------------------------------------------------------------------
  await boot(host);
  for (let at = 0; at < (ground?.engines ?? 1) - 1; at++) await bootOther(at);
  let written = 0;
  const arrive = () => {
    if (written >= ops) return;
    written++;
    const id = world.hot && chance(0.6) ? (truth.ids[0] ?? "") : pick(truth.ids);
    write(id);
    if (truth.parts.length > 0 && chance(0.5)) write(pick(truth.parts));
    if (world.hot && chance(0.3)) time.after(int(1, 900), () => write(id));
    if (chance(0.02)) void host.post({ type: "thing", id, scope: truth.scopeOf(id) }, "forged");
    time.after(random.next() * 2 * world.pace, arrive);
  };
  const every = (period: number, run: () => void) => {
    const again = () => {
      if (weather.quiet) return;
      run();
      time.after(period * (0.8 + 0.4 * random.next()), again);
    };
    if (period > 0) time.after(random.next() * period, again);
  };
  if (world.storm) {
    const until = time.now() + 10_000;
    const gust = () => {
      write(truth.ids[0] ?? "");
      if (time.now() < until) time.after(Math.max(2, world.latency / 3), gust);
    };
    gust();
  }
  if (world.freeze) every(int(20_000, 90_000), () => freeze(int(10, world.freeze)));
  if (world.revoke) every(int(60_000, 120_000), () => during("denied", int(200_000, 400_000)));
  if (world.outages) every(int(20_000, 60_000), () => during("down", int(1_000, 20_000)));
  if (world.crash) every(int(3_000, 40_000), crash);
  for (const at of others.keys()) {
    if (world.crash) every(int(3_000, 40_000), () => crashOther(at));
    if (world.freeze) every(int(20_000, 90_000), () => freezeOther(at, int(10, world.freeze)));
  }
  if (world.compact) every(int(1_000, 20_000), () => void store.compact(Number(cursor?.split(".")[1] ?? 0), FORGET));

  const scopes = [...new Set(truth.ids.map(truth.scopeOf))];
  /** Access to a scope is lost, or there again: its owner disconnects and connects it. */
  function move(scope: string): void {
    moved.set(scope, time.now());
    if (!away.delete(scope)) away.add(scope);
    say(`${scope} ${away.has(scope) ? "left" : "joined"}`);
  }
  if (world.connect) {
    for (const scope of scopes) if (chance(0.5)) move(scope);
    every(int(5_000, 60_000), () => move(pick(scopes)));
  }
  if (world.wipe) {
    every(int(30_000, 200_000), () => {
      for (const id of truth.ids) remove(id);
    });
  }

  function during(what: "denied" | "down", ms: number): void {
    weather[what] = true;
    say(what);
    time.after(ms, () => {
      weather[what] = false;
    });
  }
  function crash(): void {
    if (!host.up()) return;
    say("crash");
    host.kill();
    time.after(int(1, 8_000), () => void reboot());
  }
  /** A process that is frozen for long is taken over, and works on what it held when it wakes, beside the new one. */
  function crashOther(at: number): void {
    if (!others[at]?.up()) return;
    say(`crash other ${at}`);
    others[at].kill();
    time.after(int(1, 8_000), () => void bootOther(at));
  }
  /** It wakes beside those that took over its work. */
  function freezeOther(at: number, ms: number): void {
    const mine = others[at];
    if (!mine?.up()) return;
    say(`freeze other ${at} ${ms}`);
    mine.freeze();
    time.after(ms, () => mine.thaw());
  }
  function freeze(ms: number): void {
    const mine = host;
    if (!mine.up()) return;
    say(`freeze ${ms}`);
    mine.freeze();
    if (ms > 95_000) time.after(95_000, () => host === mine && void reboot());
    time.after(ms, () => {
      mine.thaw();
      if (host !== mine) time.after(10_000, () => mine.kill());
    });
  }

  arrive();
  const length = Math.max(20_000, ops * world.pace * 1.1) + (ground ? 5_000 : 30_000);
  let steps = await time.run(BEGIN + length, () => checker.failures.length > 0);
  Object.assign(weather, { quiet: true, denied: false, down: false });
  away.clear();
  say("quiet");
  // Processes that are down or frozen when the faults stop come back within these. Without a server they cost nothing.
  const back = time.now() + 260_000;
  const allUp = () => [host, ...others].every((one) => one.up());
  while (time.now() < back && checker.failures.length === 0 && !(ground && allUp())) {
    steps += await time.run(ground ? time.now() + 5_000 : back, () => checker.failures.length > 0);
  }
  if (!host.up()) await reboot();
  const deadline = time.now() + END;
  const rows = () => store.rows({ limit: 10_000 });
  while (checker.failures.length === 0 && time.now() < deadline) {
    if (checker.converged(await rows())) break;
    steps += await time.run(time.now() + 5_000, () => checker.failures.length > 0);
  }
  if (checker.failures.length === 0) checker.converged(await rows(), true);
  const stopped = [host, ...others].filter((one) => one.up()).map((one) => one.sync.stop());
  let stopping = true;
  const stoppedAll = Promise.all(stopped).then(() => {
    stopping = false;
  });
  for (const end = time.now() + 200_000; time.now() < end && stopping; ) {
    await time.run(ground ? time.now() + 500 : end);
  }
  await stoppedAll;
  for (const one of stores) await one.close();
  const hours = (time.now() - BEGIN) / 3_600_000;
  const { failures } = checker;
  const result: Result = {
    seed,
    failures,
    world,
    trace: trace.digest("hex"),
    changes,
    steps,
    hours,
    calls: api.calls,
    counts,
  };
  return result;
}
