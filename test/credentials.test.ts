/** `health().credentials`: what each credential may still spend, whether or not the store was asked for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRig, MINUTE, SECOND } from "./budget.kit.ts";

const HOUR = 60 * MINUTE;

/** Reads of so many resources, one after the other. */
async function read({ sync, run, settle }: Awaited<ReturnType<typeof createRig>>, many: number) {
  for (let i = 0; i < many; i++) {
    await settle(sync.hint("api.thing", `r${i}`));
    await run(SECOND / 10);
  }
}

test("a credential that nobody had to ask for is named, with less left after each call", async () => {
  const rig = await createRig({ limits: { credential: () => "acme", rate: 10 } });
  const { sync, store } = rig;
  await rig.settle(sync.start());
  await rig.run(SECOND);
  const [fresh, ...others] = (await rig.settle(sync.health())).credentials;
  assert.deepEqual(others, []);
  assert.deepEqual([fresh?.provider, fresh?.credential, fresh?.rate, fresh?.live], ["api", "acme", 9, null]);
  assert.equal(fresh?.remaining, null, "its answers say nothing");
  await read(rig, 5);
  assert.deepEqual(await rig.settle(store.checkpoints("budget|", "", 9)), [], "a few calls are told nobody");
  const [used] = (await rig.settle(sync.health())).credentials;
  assert.ok(used && fresh && used.left <= fresh.left - 4 && used.left > 0, `${fresh?.left}, then ${used?.left}`);
  await rig.end();
});

test("what the provider's answers say is left is named without the application's part", async () => {
  const rig = await createRig({ bears: 1_000, window: HOUR, headers: true, limits: { rate: 10 }, reserve: 0.1 });
  await rig.settle(rig.sync.start());
  await read(rig, 20);
  const remaining = async () => (await rig.settle(rig.sync.health())).credentials[0]?.remaining ?? 0;
  // Calls that were under way beside the one that was answered are off it, too.
  const near = (told: number, left: number) => assert.ok(told <= left && told >= left - 3, `${told} of ${left}`);
  near(await remaining(), 900 - rig.service.calls.length);
  rig.service.spend(500);
  await read(rig, 1);
  near(await remaining(), 400 - rig.service.calls.length);
  await rig.end();
});

test("one that was told to wait has nothing left, and says until when; another process says the same", async () => {
  const rig = await createRig({ bears: 20, limits: { credential: () => "acme" }, engines: 2 });
  const [sync, other] = rig.syncs;
  await rig.settle(Promise.all([sync?.start(), other?.start()]));
  for (let i = 0; i < 40; i++) void rig.sync.hint("api.thing", `l${i}`);
  await rig.run(5 * SECOND);
  for (const one of rig.syncs) {
    const [told] = (await rig.settle(one.health())).credentials;
    assert.equal(told?.left, 0);
    assert.ok((told?.live?.getTime() ?? 0) > rig.time.now() + SECOND);
  }
  await rig.end();
});

test("of many credentials those with the least left are named", async () => {
  const rig = await createRig({ limits: { credential: (scope) => scope, rate: 10 } });
  const scopes = Array.from({ length: 150 }, (_, i) => `s${i}`);
  Object.assign(rig.service.provider, { scopes: () => scopes });
  await rig.settle(rig.sync.start());
  const hint = (id: string, scope: string) => rig.settle(rig.sync.hint("api.thing", id, { scope }));
  for (const scope of scopes) await hint("a", scope);
  await rig.run(SECOND);
  for (let i = 0; i < 4; i++) await hint(`b${i}`, "s149");
  await rig.run(SECOND);
  const { credentials } = await rig.settle(rig.sync.health());
  assert.deepEqual([credentials.length, credentials[0]?.credential], [100, "s149"]);
  await rig.end();
});
