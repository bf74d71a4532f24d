/**
 * Worlds in which a service is away for long: every webhook lost, the API down for an hour, at its limit, or with lists
 * that are torn. Afterwards the log says what is; meanwhile nothing is deleted that is there, and nobody is hammered.
 *
 * `SEEDS=50` runs more worlds of each.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Provider } from "tidemark";
import { type Conditions, calm, testWorld, type World, type WorldEvent } from "tidemark/testing";

const { SEEDS } = process.env;
/** An hour of a world's time is two seconds of a processor's: few seeds by default, and not always the same. */
const few = (...seeds: number[]) => (SEEDS === undefined ? seeds : Number(SEEDS));
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Note {
  text: string;
}
type Services = { notes: Provider<{ note: Note }> };

interface Setting {
  conditions: Partial<Conditions>;
  seeds: number | number[];
}

/** Worlds in which nothing goes wrong but what these conditions say, and what they told. */
function worlds(
  name: string,
  { conditions, seeds }: Setting,
  body: (world: World<Services>, told: readonly WorldEvent[]) => Promise<void>,
): void {
  let told: WorldEvent[] = [];
  const observe = (event: WorldEvent) => void told.push(event);
  const options = { types: ["notes.note"], conditions: { ...calm, ...conditions }, seeds, observe } as const;
  testWorld<Services>(test, name, options, async (world) => {
    told = [];
    const changes: { id: string; text: string | undefined; now: number }[] = [];
    await world.start((sync) =>
      sync.subscribe("all", ({ id, after }) => void changes.push({ id, text: after?.text, now: world.time.now() })),
    );
    await body(world, told);
    await world.settle();
    for (const { id, text, now } of changes) {
      const [, ...history] = world.history("notes.note", id);
      const was = history.some(({ state, at }) => state?.text === text && at <= now);
      assert.ok(was, `${id} is told to be ${text ?? "gone"}, and never was`);
    }
  });
}

/** How many notes there are, at most. */
const NOTES = 12;
/** Notes are written, changed and deleted for so long, one every `pace` ms or so. Answers how often. */
async function edit(world: World<Services>, ms: number, pace = 10_000): Promise<number> {
  const { int, chance } = world.random;
  const end = world.time.now() + ms;
  let writes = 0;
  for (; world.time.now() < end; writes++) {
    const id = `n${int(1, NOTES)}`;
    if (chance(0.08)) world.delete("notes.note", id);
    else world.write("notes.note", id, { text: `${writes}` });
    await world.run(int(1, 2 * pace));
  }
  return writes;
}

const callsOf = ({ calls: { fetch, list, poll, probe } }: World<Services>): number => fetch + list + poll + probe;
const engineEvents = (told: readonly WorldEvent[]) => told.flatMap((one) => (one.kind === "engine" ? [one.event] : []));

const DAY = 24 * HOUR;

worlds(
  "every webhook is lost, and nothing is swept: polls bring all of it",
  { conditions: { drop: 1, poll: 10_000, pollDeletes: true, sweep: DAY }, seeds: few(1) },
  async (world, told) => {
    await edit(world, 8 * MINUTE);
    const [[one] = assert.fail("there is nothing left to delete")] = world.truth("notes.note");
    world.delete("notes.note", one);
    assert.ok(told.every(({ kind }) => kind !== "webhook"));
    await world.run(2 * MINUTE);
    const { via } = Object.groupBy(engineEvents(told), ({ kind }) => (kind === "change" ? "via" : "other"));
    assert.ok(via?.some((change) => change.kind === "change" && change.via === "poll"));
  },
);

worlds(
  "every webhook is lost, and there is no feed: sweeps bring all of it, deletions too",
  { conditions: { drop: 1, poll: 0, sweep: MINUTE }, seeds: few(2) },
  async (world, told) => {
    await edit(world, 8 * MINUTE);
    const [[one] = assert.fail("there is nothing left to delete")] = world.truth("notes.note");
    world.delete("notes.note", one);
    assert.ok(told.every(({ kind }) => kind !== "webhook"));
  },
);

for (const [outage, seed] of [
  ["failing", 1],
  ["silent", 2],
  ["page", 3],
] as const) {
  const looks = { failing: "answers errors", silent: "does not answer", page: "answers a page of its gateway" }[outage];
  worlds(
    `the API ${looks} for an hour: webhooks are taken, nothing is deleted, and nobody is hammered`,
    { conditions: { outage, poll: MINUTE, sweep: HOUR, hintRetry: false }, seeds: few(seed) },
    async (world, told) => {
      await edit(world, 2 * MINUTE, 4_000);
      const before = callsOf(world);
      world.down(HOUR);
      const writes = await edit(world, HOUR, 2 * MINUTE);
      const calls = callsOf(world) - before;
      // A webhook has its resource tried at once; then what failed waits together, and each backs off besides, to an hour;
      // polls and sweeps to five minutes.
      assert.ok(calls <= writes + 14 * NOTES + 100, `${calls} calls in the hour, ${writes} writes`);
      const webhooks = told.filter((event) => event.kind === "webhook");
      assert.ok(webhooks.length > 20 && webhooks.every(({ status }) => status === 202));
    },
  );
}

worlds(
  "sixty requests a minute, and three hundred notes to be read: none is lost, none deleted, and few requests are refused",
  { conditions: { limit: 60, poll: 0, sweep: DAY, refs: true, page: 100, many: false }, seeds: few(1) },
  async (world) => {
    for (let i = 0; i < 300; i++) world.write("notes.note", `n${i}`, { text: `${i}` }, { webhook: i % 2 === 0 });
    await world.run(4 * MINUTE);
    // The scope rests as it is told, and what is under way then is refused, too.
    const { refused } = world.calls;
    assert.ok(refused <= 4 * 4, `${refused} of ${callsOf(world)} were refused in four minutes`);
  },
);

for (const [seed, [truncated, what]] of (
  [
    ["short", "leave one out and end too early"],
    ["ended", "end too early"],
    ["empty", "are empty"],
    ["repeated", "come again"],
  ] as const
).entries()) {
  worlds(
    `pages that ${what}, half of them: nothing is deleted that is there`,
    { conditions: { truncate: 0.5, truncated, drop: 0.5, poll: 0, sweep: 30_000 }, seeds: few(seed + 1) },
    async (world, told) => {
      await edit(world, 4 * MINUTE, 5_000);
      const suspects = engineEvents(told).map((event) => (event.kind === "sweep" ? event.suspects : 0));
      const circles = engineEvents(told).filter((event) => event.kind === "failed");
      const trouble = truncated === "repeated" ? circles.length : Math.max(...suspects);
      assert.ok(trouble > 0, "lists were torn");
    },
  );
}
