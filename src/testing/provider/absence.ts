/**
 * Checks of what is not found: deleted, or not to be seen.
 * @module
 */
import assert from "node:assert/strict";
import { AccessLost } from "../../errors.ts";
import { gone } from "../../provider.ts";
import type { Truth } from "../samples.ts";
import { nameOf } from "./check.ts";
import { isState, resourceOf, type Service, someOf } from "./service.ts";

/** Writes until something must have been deleted. */
const PATIENCE = 2_000;

export async function deleted(service: Service): Promise<void> {
  const keyOf = ({ type, scope, id }: Truth) => JSON.stringify([type, scope, id]);
  let there = service.truth();
  for (let n = 0; n < PATIENCE; n++) {
    service.emulator.write(service.random);
    service.clock.now += 1_000;
    const now = service.truth();
    const keys = new Set(now.map(keyOf));
    const missing = there.filter((one) => !keys.has(keyOf(one)));
    there = now;
    if (missing.length === 0) continue;
    for (const { type, scope, id } of missing) {
      const answer = await resourceOf(service.provider, type).fetch(id, service.context(scope));
      assert.ok(!isState(answer), `fetch of ${type} finds what was deleted: answer null, or gone if the API says so`);
      await readable(service, type, scope);
    }
    return;
  }
  assert.fail(`nothing was deleted in ${PATIENCE} writes: let write() delete, or give api.deletes = false`);
}

/** As the engine asks before it believes an absence. */
async function readable({ provider, context }: Pick<Service, "provider" | "context">, type: string, scope: string) {
  const { list } = resourceOf(provider, type);
  if (provider.probe) await provider.probe(type, context(scope, { fresh: true }));
  else await list?.(null, context(scope, { fresh: true }));
}

export async function lost(service: Service): Promise<void> {
  const some = someOf(service);
  service.emulator.access(false);
  for (const one of some) await lostOne(service, one);
  service.emulator.access(true);
  for (const { type, scope } of some) await readable(service, type, scope);
}

async function lostOne(service: Service, { type, scope, id }: Truth): Promise<void> {
  const { fetch, list } = resourceOf(service.provider, type);
  const probed = await readable(service, type, scope).catch((error: unknown) => error);
  const how = probed === undefined ? "resolves" : `throws ${nameOf(probed)}`;
  assert.ok(probed instanceof AccessLost, `access to ${type} is lost, and its probe must throw AccessLost: it ${how}`);
  const answer = await fetch(id, service.context(scope, { fresh: true })).catch(() => null);
  assert.notEqual(answer, gone, `access to ${type} is lost, and fetch says gone: only the API itself may say that`);
  assert.ok(!isState(answer), `access to ${type} is lost, and fetch finds it: does the emulator refuse?`);
  const page = await list?.(null, service.context(scope, { fresh: true })).catch(() => undefined);
  assert.equal(page, undefined, `access to ${type} is lost, and its list answers: it must throw`);
}
