/**
 * Access that is lost for long, and found again: health says so all the while, nothing is deleted, everything else goes on
 * at full speed, and what was lost resumes by itself. In virtual time.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Change, type Context, createSync, type Hint, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { sleep } from "../src/time.ts";
import { take, webhookOf } from "./desk.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The longest until all is as it should be again, in ms. */
const RESUMED = 20 * MINUTE;
/** The longest that anything else takes meanwhile, from its webhook to the log. */
const LIVE = 1_500;

interface Note {
  id: string;
  text: string;
  rev: number;
}
type Type = "note" | "task";
const TYPES: readonly Type[] = ["note", "task"];
const SCOPES = ["a", "b"];

/** Two scopes with two types, a feed with a horizon of half an hour, and a person who takes access away. */
function open() {
  const time = createVirtualTime({ random: createRandom(1) });
  const store = sqlite(":memory:", { time });
  const truth = new Map<string, Map<string, Note>>();
  const told: Hint<Type>[] = [];
  let rev = 0;
  const at = { denied: (_scope: string, _type?: Type): boolean => false, unnamed: false, calls: [] as string[] };
  const all = (scope: string, type: Type) => {
    const key = `${scope} ${type}`;
    const known = truth.get(key) ?? new Map<string, Note>();
    truth.set(key, known);
    return known;
  };
  const ask = async <T>(what: string, scope: string, type: Type | undefined, answer: () => T): Promise<T> => {
    at.calls.push(`${what} ${scope}`);
    await sleep(time, 50);
    if (at.denied(scope, type)) throw new AccessLost(`403 for ${scope}`);
    return answer();
  };
  const resource = (type: Type) => ({
    fetch: (id: string, { scope }: Context) =>
      ask("fetch", scope, type, () => structuredClone(all(scope, type).get(id)) ?? null),
    list: (_: string | null, { scope }: Context) =>
      ask("list", scope, type, () => ({ items: structuredClone([...all(scope, type).values()]), next: null })),
    ...{ id: ({ id }: Note) => id, version: ({ rev }: Note) => rev, versionKind: "strict" as const },
  });
  const provider: Provider<Record<Type, Note>> = {
    scopes() {
      if (at.unnamed) throw new AccessLost("401");
      return SCOPES;
    },
    webhook: ({ body }) => JSON.parse(Buffer.from(body).toString()),
    probe: (type, { scope }) => ask("probe", scope, type as Type, () => {}),
    resources: { note: resource("note"), task: resource("task") },
    feeds: {
      events: {
        ...{ types: TYPES, every: 5 * MINUTE, horizon: HOUR / 2 },
        poll: (cursor, { scope }) =>
          ask("poll", scope, undefined, () => {
            const hints = told.slice(Number(cursor ?? told.length)).filter((hint) => hint.scope === scope);
            return { hints, cursor: String(told.length) };
          }),
      },
    },
  };
  const sync = createSync({ providers: { it: provider }, store, time });
  const log = async () => (await take(sync.changes({ follow: false }))) as unknown as Change<string, Note>[];
  const write = (scope: string, type: Type, id: string, text: string | null): Hint<Type> => {
    if (text === null) all(scope, type).delete(id);
    else all(scope, type).set(id, { id, text, rev: ++rev });
    const hint = { type, scope, id, event: { id: `evt_${told.length}`, name: "changed" } };
    told.push(hint);
    return hint;
  };
  const hear = (hint: Hint<Type>) => sync.webhook("it", webhookOf([hint]));
  const run = (ms: number) => time.run(time.now() + ms);
  for (const scope of SCOPES) for (const type of TYPES) for (const id of ["1", "2"]) write(scope, type, id, "old");
  return {
    ...{ at, time, sync, log, write, hear, run },
    async start() {
      const started = sync.start();
      await run(MINUTE);
      await started;
    },
    async stop() {
      const stopped = sync.stop();
      await run(MINUTE);
      await stopped;
    },
    /** What the log says differs from what is. */
    async wrong(): Promise<string[]> {
      const last = new Map(
        (await log()).map(({ scope, type, id, after }) => [`${scope} ${type.slice(3)} ${id}`, after]),
      );
      const there = [...truth].flatMap(([key, notes]) =>
        [...notes.values()].map((note) => [`${key} ${note.id}`, note] as const),
      );
      const missing = there.filter(([key, note]) => last.get(key)?.rev !== note.rev).map(([key]) => key);
      const known = new Set<string>(there.map(([key]) => key));
      return [...missing, ...[...last].flatMap(([key, after]) => (after && !known.has(key) ? [`${key} is gone`] : []))];
    },
  };
}
type World = ReturnType<typeof open>;

/** Eighty minutes in which everything is written, and every webhook comes. */
async function live(world: World, isLost: (scope: string, type: Type) => boolean): Promise<void> {
  const { sync, run, log, write, hear } = world;
  const deletions = (await log()).filter(({ after }) => after === null).length;
  for (let minutes = 0; minutes < 80; minutes += 10) {
    for (const scope of SCOPES) {
      for (const type of TYPES) {
        const heard = hear(write(scope, type, "1", `${minutes}`));
        await run(LIVE);
        assert.equal((await heard).status, 202);
        const { after, ...last } =
          (await log()).findLast((one) => one.scope === scope && one.type === `it.${type}`) ?? {};
        if (isLost(scope, type)) assert.notEqual(after?.text, `${minutes}`);
        else assert.equal(after?.text, `${minutes}`, `${scope} ${type} goes on: ${JSON.stringify(last)}`);
      }
    }
    await run(10 * MINUTE);
    const { ok, alarms } = await sync.health();
    assert.equal(ok, false, `after ${minutes} minutes`);
    assert.ok(
      alarms.some((alarm) => alarm.includes("AccessLost: 403 for a")),
      alarms.join("\n"),
    );
  }
  assert.equal((await log()).filter(({ after }) => after === null).length, deletions, "nothing is deleted");
}

/** Access is there again: everything is as it should be soon, and nobody has to do anything. */
async function resumes(world: World): Promise<number> {
  const begun = world.time.now();
  for (let ms = 0; ms < RESUMED; ms += MINUTE) {
    await world.run(MINUTE);
    const { ok } = await world.sync.health();
    if (ok && (await world.wrong()).length === 0) return (world.time.now() - begun) / MINUTE;
  }
  assert.fail(`${await world.wrong()}; ${(await world.sync.health()).alarms.join("\n")}`);
}

test("access to one type of a scope is lost for more than an hour: the rest goes on, and it resumes by itself", async (t) => {
  const world = open();
  await world.start();
  assert.deepEqual(await world.wrong(), []);
  const isLost = (scope: string, type?: Type) => scope === "a" && type === "note";
  world.at.denied = isLost;
  world.write("a", "note", "2", null);
  await live(world, isLost);
  world.at.denied = () => false;
  t.diagnostic(`${await resumes(world)} minutes`);
  await world.stop();
});

test("access to a whole scope is lost for more than an hour, beyond its feed's horizon: the gap is said, and closed", async (t) => {
  const world = open();
  await world.start();
  const isLost = (scope: string) => scope === "a";
  world.at.denied = isLost;
  await live(world, isLost);
  // No webhook tells of these, and the feed cannot any more.
  world.write("a", "note", "2", null);
  world.write("a", "task", "3", "new");
  world.at.calls.length = 0;
  await world.run(HOUR / 2);
  const asked = world.at.calls.filter((call) => call.endsWith(" a")).length;
  assert.ok(asked < 100, `${asked} calls in half an hour of a scope that answers none`);
  world.at.denied = () => false;
  t.diagnostic(`${await resumes(world)} minutes`);
  assert.deepEqual((await world.sync.health()).gaps, []);
  await world.stop();
});

for (const unnamed of [true, false]) {
  const which = unnamed ? "everything, the scopes too" : "a scope";
  test(`a credential that is wrong at the first start, for ${which}: it is said, and once it is right all is there`, async (t) => {
    const world = open();
    const { at, sync, run, log } = world;
    at.unnamed = unnamed;
    at.denied = (scope) => unnamed || scope === "a";
    await world.start();
    for (let minutes = 0; minutes < 60; minutes += 10) {
      const { ok, alarms } = await sync.health();
      assert.equal(ok, false);
      assert.match(alarms.join("\n"), /AccessLost: 40[13]/, `after ${minutes} minutes`);
      await run(10 * MINUTE);
    }
    assert.equal((await log()).length, unnamed ? 0 : 4);
    at.unnamed = false;
    at.denied = () => false;
    t.diagnostic(`${await resumes(world)} minutes`);
    assert.ok((await log()).every(({ initial }) => initial));
    await world.stop();
  });
}
