/**
 * The demo: a simulated shop in its own time, shown faster than it passes.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Change } from "tidemark";
import { type Conditions, createWorld, type World, type WorldEvent } from "tidemark/testing";
import { type Io, paint } from "./io.ts";
import { changeLine } from "./print.ts";

interface Order {
  id: string;
  status: string;
  total: number;
}

const STATUSES = ["open", "paid", "packed", "shipped"];
/** Milliseconds of the shop between two steps of it, and of ours. */
const STEP = 4_000;
const BEAT = 180;
const STEPS = 70;
/** At this step the engine is killed. */
const KILL = 35;

/** What goes wrong: four of ten webhooks never come, the others late, twice and out of order, and requests fail. */
const CONDITIONS: Partial<Conditions> = {
  versions: "strict",
  ...{ drop: 0.4, duplicate: 0.3, hintDelay: 8_000, forged: 0.05, errors: 0.1, hintEvents: true },
  ...{ poll: 20_000, sweep: 120_000, lag: 0, undeclaredLag: 0, noBump: 0, commitLag: 0, crash: false, freeze: 0 },
  ...{ outages: false, revoke: false, connect: false, mistaken: 0, truncate: 0, hang: 0, pollDeletes: false },
};

/** Resolves to whether what was received is what is. */
export async function playDemo(io: Io, seed: number, fast: boolean): Promise<boolean> {
  let died = false;
  const observe = (event: WorldEvent) => {
    if (event.kind === "boot" && died) say(io, "green", "the engine runs, after the last change that was received");
    if (event.kind !== "crash") return;
    died = true;
    say(io, "red", "kill -9: the engine is dead; people work on, and webhooks meet nobody");
  };
  await using world = createWorld({ types: ["shop.order"], seed, conditions: CONDITIONS, observe });
  const orders = new Map<string, unknown>();
  const found: Record<string, number> = {};
  io.out(INTRO);
  await world.start((sync) =>
    sync.subscribe("demo", (change: Change) => {
      if (change.after === null) orders.delete(change.id);
      else orders.set(change.id, change.after);
      const how = change.initial ? "first look" : change.via;
      found[how] = (found[how] ?? 0) + 1;
      io.out(changeLine(io, change));
    }),
  );
  for (let step = 0; step < STEPS && !io.signal.aborted; step++) {
    work(world);
    if (step === KILL) world.crash();
    await world.run(STEP);
    if (!fast) await pause(BEAT, undefined, { signal: io.signal }).catch(() => {});
  }
  say(io, "cyan", "silence: what is missing is found");
  await world.settle();
  return sum(io, world.truth("shop.order"), orders, found);
}

/** Somebody does something in the shop. */
function work(world: World): void {
  const { random } = world;
  const truth = [...(world.truth("shop.order") as Map<string, Order>).values()];
  const order = truth[random.int(0, Math.max(0, truth.length - 1))];
  if (!order || truth.length < 5 || random.chance(0.2)) {
    const id = `o${random.int(1_000, 9_999)}`;
    world.write("shop.order", id, { id, status: "open", total: random.int(5, 200) });
  } else if (random.chance(0.1)) world.delete("shop.order", order.id);
  else {
    const next = STATUSES[(STATUSES.indexOf(order.status) + 1) % STATUSES.length] ?? "open";
    world.write("shop.order", order.id, { ...order, status: next });
  }
}

function sum(
  io: Io,
  truth: Map<string, unknown>,
  orders: Map<string, unknown>,
  found: Record<string, number>,
): boolean {
  const text = (all: Map<string, unknown>) => JSON.stringify([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  const right = text(truth) === text(orders);
  const ways = Object.entries(found).map(([how, count]) => `${count} by ${how}`);
  io.out(`\nchanges found: ${ways.join(", ")}\n`);
  const line = `${truth.size} orders in the shop, ${orders.size} received, ${right ? "no" : "some"} differences`;
  io.out(`${paint(io, right ? "green" : "red", line)}\n`);
  return right;
}

const say = (io: Io, style: "red" | "green" | "cyan", text: string) => io.out(`\n${paint(io, style, text)}\n`);

const INTRO = `A shop with orders. Four of ten of its webhooks never come, the others come late, twice and out of order, and one
request of ten fails. Each line is a change as an application receives it, with what found it.
`;
