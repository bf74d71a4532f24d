/**
 * One seed: the published world with a hostile workload, and a judge who sees what no application can. First everything
 * goes wrong; then the faults stop, and the log must come to say what is.
 */
import { createHash } from "node:crypto";
import { createRandom, createWorld, type VirtualTime, type WorldEvent } from "tidemark/testing";
import { groupOf } from "../../src/deliver/partition.ts";
import type { EngineEvent, Hint, Store, Sync, Time } from "../../src/index.ts";
import { FORGET } from "../../src/row.ts";
import { sqlite } from "../../src/store/sqlite.ts";
import type { Calls } from "../../src/testing/world/api.ts";
import type { Conditions } from "../../src/testing/world/conditions.ts";
import { createChecker, type Seen } from "./check.ts";
import { createCounter, type Rare } from "./rare.ts";
import { draw, type Workload } from "./workload.ts";
import { createWrites, type Services } from "./writes.ts";

export interface Result {
  seed: number;
  failures: readonly string[];
  conditions: Conditions;
  workload: Workload;
  /** The same for the same seed: everything that was seen, in its order. */
  trace: string;
  changes: number;
  hours: number;
  calls: Readonly<Calls>;
  /** How often each event of the engine came. */
  counts: Record<string, number>;
  /** How often it came to each rare state. */
  rare: Readonly<Record<Rare, number>>;
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

/** Clocks that are wrong: what they show when it is `ms` after the beginning, ms after the beginning too. */
export interface Clocks {
  engine?: (ms: number) => number;
  store?: (ms: number) => number;
  provider?: (ms: number) => number;
  /** Times faster than right that timers run. Default 1. */
  rate?: number;
}

export interface SimulateOptions {
  /** Writes. Default 300. */
  ops?: number;
  tell?: (line: string) => void;
  ground?: Ground;
  clocks?: Clocks;
  /** What is not left to the seed. */
  conditions?: Partial<Conditions>;
}

/** When a world begins, in ms since 1970. */
const BEGIN = 1_800_000_000_000;
/** So long after the faults stopped a process may stand still, and webhooks may come. In ms. */
const LATE = 260_000;
/** Between two looks at whether the judge has seen enough, in ms. */
const STEP = 5_000;

export async function simulate(
  seed: number,
  { ops = 300, tell, ground, clocks = {}, conditions: decided }: SimulateOptions = {},
): Promise<Result> {
  const drawn = draw(createRandom(seed));
  const { workload, homes } = drawn;
  const scopes = [...new Set(homes.values())];
  let store: Store | undefined;
  const world = createWorld<Services, unknown>({
    ...{
      seed,
      scopes,
      conditions: { ...drawn.conditions, ...decided },
      volatile: ["noise"],
      processes: ground?.engines ?? 1,
    },
    types: workload.parts > 0 ? ["w.thing", "w.part"] : ["w.thing"],
    ...(workload.parts > 0 && { within: { "w.part": "w.thing" } }),
    ...(ground?.quiet && { quiet: ground.quiet }),
    store: (time) => {
      store = ground ? ground.open(time) : (store ?? sqlite(":memory:", { time: shown(time, clocks.store) }));
      return store;
    },
    clock: (time) => shown(time, clocks.engine, clocks.rate),
    observe,
  });
  const { time, random, conditions } = world;
  const { int, chance, pick } = random;
  const begin = time.now();
  const writes = createWrites(world, workload, homes, clocks.provider && shown(time, clocks.provider).now);
  const checker = createChecker(writes, conditions);
  const rare = createCounter(writes);
  const rows = async () => (await store?.rows({ limit: 10_000 })) ?? [];

  // -- What is seen ---------------------------------------------------------------------------------------------------
  const trace = createHash("sha256");
  const counts: Record<string, number> = {};
  /** When scopes joined or left. */
  const moved = new Map<string, number>();
  function say(line: string): void {
    trace.update(`${time.now().toFixed(3)} ${line}\n`);
    tell?.(`${((time.now() - begin) / 1_000).toFixed(3).padStart(10)} ${line}`);
  }
  function observe(event: WorldEvent): void {
    const { at: _, ...happening } = event;
    rare.observe(event);
    if (happening.kind === "left" || happening.kind === "joined") moved.set(happening.scope, time.now());
    if (happening.kind === "webhook" && happening.status === 202) void checkSaved(happening.hint);
    if (happening.kind === "engine") count(happening.event);
    else say(JSON.stringify(happening));
  }
  function count(event: EngineEvent): void {
    const key = "outcome" in event ? `${event.kind} ${event.outcome}` : event.kind;
    counts[key] = (counts[key] ?? 0) + 1;
    if (event.kind === "read") say(`read ${event.id} ${event.outcome}`);
    if (tell && (event.kind === "failed" || event.kind === "parked")) tell(JSON.stringify(event));
  }
  /** S6: what was answered 202 is saved, whatever happens next. */
  async function checkSaved({ id, scope = "", event }: Hint): Promise<void> {
    // A webhook of a scope that joined or left a moment ago may be nobody's.
    if (!event || time.now() - (moved.get(scope) ?? 0) < 400_000) return;
    const row = (await rows()).find((one) => one.id === id);
    const known = row?.causes.some((cause) => cause.id === event.id) || row?.causes.length === 16;
    if (!known) checker.fail(`S6 a webhook of ${id} was acknowledged, but is not saved`);
  }

  // -- The application ------------------------------------------------------------------------------------------------
  let reading: Sync<Services> | undefined;
  let cursor: string | null = null;
  let changes = 0;
  const handled = new Map<string, number>();
  const positionOf = (at: string) => Number(at.split(".")[1]);

  /** The reader keeps its cursor with what it saw, as an application does in its own transaction. */
  async function follow(mine: Sync<Services>): Promise<void> {
    try {
      for await (const change of mine.changes({ after: cursor })) {
        if (reading !== mine) return;
        cursor = change.cursor;
        changes++;
        say(`saw ${change.id} ${change.after?.value ?? "gone"} at ${positionOf(change.cursor)} via ${change.via}`);
        checker.saw(change, time.now());
        rare.saw(change);
      }
    } catch (error) {
      // The reader of a process that was taken over may find that history was compacted meanwhile.
      if (reading === mine) checker.fail(`S2 the reader failed: ${error}`);
    }
  }
  /** A handler that throws now and then: for each resource the order is kept all the same. */
  function handle(change: Seen): void {
    const last = handled.get(change.id) ?? 0;
    const position = positionOf(change.cursor);
    if (!world.calm && chance(0.05)) throw new Error("the handler failed");
    // Another process may have handled it, and not have saved that it did.
    if (position < last && !ground) checker.fail(`S2 ${change.id} was handled at ${position} after ${last}`);
    handled.set(change.id, position);
  }
  const start = (sync: Sync<Services>, process: number): void => {
    sync.subscribe("handler", handle);
    if (process > 0) return;
    reading = sync;
    handled.clear();
    void follow(sync);
  };

  // -- The workload ---------------------------------------------------------------------------------------------------
  let written = 0;
  const arrive = (): void => {
    if (written++ >= ops) return;
    const id = workload.hot && chance(0.6) ? (writes.ids[0] ?? "") : pick(writes.ids);
    writes.write(id);
    if (writes.parts.length > 0 && chance(0.5)) writes.write(pick(writes.parts));
    if (workload.hot && chance(0.3)) time.after(int(1, 900), () => writes.write(id));
    time.after(random.next() * 2 * workload.pace, arrive);
  };
  /** History is forgotten up to what the reader and the handler have still to read. */
  async function compact(): Promise<void> {
    const subscribers = (await store?.checkpoints("subscriber|", "", 10)) ?? [];
    const kept = subscribers.flatMap((at) => groupOf(at)?.parts ?? []);
    const first = kept.flatMap(({ position, parked }) => [position + 1, ...parked.map((one) => one.position)]);
    if (cursor !== null && first.length > 0) await store?.compact(Math.min(positionOf(cursor), ...first), FORGET);
  }
  const every = (period: number, run: () => void): void => {
    const again = () => {
      if (world.calm) return;
      run();
      time.after(period * (0.8 + 0.4 * random.next()), again);
    };
    time.after(random.next() * period, again);
  };
  const gust = (until: number): void => {
    writes.write(writes.ids[0] ?? "");
    if (time.now() < until) time.after(Math.max(2, conditions.latency / 3), () => gust(until));
  };
  const pass = async (ms: number): Promise<void> => {
    const end = time.now() + ms;
    while (time.now() < end && checker.failures.length === 0) await world.run(Math.min(STEP, end - time.now()));
  };

  await world.start(start);
  if (workload.storm) gust(time.now() + 10_000);
  if (workload.compact) {
    every(int(1_000, 20_000), () => void compact());
  }
  if (workload.wipe) every(int(30_000, 200_000), () => writes.ids.forEach(writes.remove));
  arrive();
  await pass(Math.max(20_000, ops * workload.pace * 1.1) + (ground ? 5_000 : 30_000));
  world.calm = true;
  // With a server each second is expensive, and settling waits for processes that stand still.
  if (!ground) await pass(LATE);
  if (checker.failures.length === 0) await world.settle().catch((error) => checker.fail(`L1 ${error.message}`));
  // What failed is tried again within the hour, and a sweep may have something read just now.
  const end = time.now() + 3_600_000;
  while (!checker.converged(await rows(), time.now() >= end) && checker.failures.length === 0) await world.run(STEP);
  await world.stop();
  const hours = (time.now() - begin) / 3_600_000;
  const { failures } = checker;
  const told = { trace: trace.digest("hex"), changes, hours, calls: world.calls, counts, rare: rare.counts };
  return { seed, failures, conditions, workload, ...told };
}

/** Time as a clock shows it that is wrong; that of the world where it is right. */
function shown(time: VirtualTime, clock: ((ms: number) => number) | undefined, rate = 1): Time {
  if (clock === undefined) return time;
  return {
    ...time,
    now: () => BEGIN + clock(time.now() - BEGIN),
    // Half of the least step of a number this large is no step: time would stand.
    after: (ms, run) => time.after(ms > 0 ? Math.max(ms / rate, 0.001) : 0, run),
  };
}
