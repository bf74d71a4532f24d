/** Worlds in which somebody does something to a hook, under traffic: changes go on, it is said, and it is mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, EngineEvent, Provider } from "tidemark";
import { calm, createWorld, testWorld, type WorldHook } from "tidemark/testing";

type Services = { notes: Provider<{ note: { text: string } }> };

const MINUTE = 60_000;
const url = "https://app.example/notes";

/** What somebody does to the hook of the scope of that name. */
const troubles: Readonly<Record<string, (hook: WorldHook, all: WorldHook[]) => void>> = {
  deleted: (_, all) => void all.splice(0),
  disabled: (hook) => Object.assign(hook, { enabled: false }),
  moved: (hook) => Object.assign(hook, { url: `${url}/elsewhere` }),
  cut: (hook) => Object.assign(hook, { types: [] }),
  rotated: (hook) => Object.assign(hook, { secret: "another one" }),
};
const scopes = Object.keys(troubles);

test("deleted, disabled, moved, cut short, rotated: changes come by the poll, it is an alarm, is mended, and webhooks bring them again", async () => {
  const told: EngineEvent[] = [];
  await using world = createWorld<Services>({
    types: ["notes.note"],
    scopes,
    conditions: { ...calm, hooks: true, poll: MINUTE, sweep: 1_440 * MINUTE, hintVersions: true, refs: false },
    observe: (happening) => {
      if (happening.kind === "engine") told.push(happening.event);
    },
  });
  const changes: Change[] = [];
  let health: () => Promise<{ alarms: readonly string[]; hooks: readonly { scope: string | null }[] }> = () =>
    assert.fail("it is not started");
  await world.start(async (sync) => {
    health = () => world.until(sync.health());
    sync.subscribe("all", (change) => void changes.push(change));
    const reports = await sync.setup("notes", { url });
    assert.ok(reports.length === 5 && reports.every(({ ok, repaired }) => ok && repaired));
  });
  let count = 0;
  /** Writes in each scope, and answers after `ms` what brought it there. */
  const write = async (ms: number) => {
    const text = `text ${++count}`;
    for (const scope of scopes) world.write("notes.note", "1", { text }, { scope });
    await world.run(ms);
    const found = changes.filter(({ after }) => (after as { text: string } | null)?.text === text);
    return Object.fromEntries(found.map(({ scope, via }) => [scope, via]));
  };
  const all = (via: string) => Object.fromEntries(scopes.map((scope) => [scope, via]));

  await world.run(MINUTE);
  assert.deepEqual(await write(10_000), all("webhook"));
  for (const [scope, cause] of Object.entries(troubles)) {
    const hooks = world.hooks("notes", { scope });
    cause(hooks[0] ?? assert.fail(`${scope} has no hook`), hooks);
  }
  // Polls are up to four times as far apart in a world while webhooks come.
  for (let minutes = 0; minutes < 45; minutes += 5) assert.deepEqual(await write(5 * MINUTE), all("poll"));
  const { alarms, hooks } = await health();
  assert.deepEqual(new Set(hooks.map(({ scope }) => scope).filter(Boolean)), new Set(scopes), alarms.join());
  assert.match(alarms.join(), /notes/);

  // It was made less than an hour ago: after that it is mended.
  await world.run(30 * MINUTE);
  assert.deepEqual(await write(10_000), all("webhook"));
  const mended = told.filter((event) => event.kind === "hook" && event.done === "repaired");
  assert.equal(mended.length, 2 * scopes.length, "once when it was set up, once after trouble");
  await world.run(2 * MINUTE);
  assert.deepEqual((await health()).alarms, []);
  await world.settle();
});

testWorld<Services>(
  test,
  "hooks that vanish while everything else goes wrong, too: the stream tells what is",
  { types: ["notes.note"], scopes: ["a", "b"], processes: 2, seeds: [3, 4], conditions: { hooks: true, poll: 10_000 } },
  async (world) => {
    const { random, conditions } = world;
    await world.start((sync) => {
      sync.subscribe("all", () => {});
      // It is not waited for: what it could not do the reconciler does.
      void sync.setup("notes", { url }).catch(() => {});
    });
    for (let i = 0; i < 40; i++) {
      const scope = random.pick(["a", "b"]);
      world.write("notes.note", `${random.int(1, 9)}`, { text: `${i}` }, { scope });
      if (random.chance(0.2)) world.hooks("notes", { scope }).splice(0);
      await world.run(random.int(100, 5_000));
    }
    assert.ok(conditions.hooks);
    await world.settle();
  },
);
