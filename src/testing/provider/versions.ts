/**
 * Checks of what orders two reads of a resource: versions, and how far reads may be behind.
 * @module
 */
import assert from "node:assert/strict";
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import type { Samples } from "../samples.ts";
import { nobody, secretOf } from "./check.ts";
import { printOf, resourceOf, type Service, stateOf } from "./service.ts";

/** Writes whose versions are looked at. */
const VERSIONED = 100;

/** What `createSync` asks of a type, and that a version is a number. */
export async function declared(samples: Samples): Promise<void> {
  const it = samples.provider({ secrets: secretOf(samples), fetch: nobody });
  const store = sqlite(":memory:");
  createSync({ providers: { it }, store });
  await store.close();
  for (const [type, { version, readLag, versionKind, grain }] of Object.entries(it.resources)) {
    const [one, all] = [readLag?.fetch ?? 0, readLag?.list ?? 0];
    assert.ok(version || (readLag && Number.isFinite(one + all)), `${type}: declare a version or a finite readLag`);
    assert.ok(version || (!versionKind && grain === undefined), `${type}: versionKind and grain are of a version`);
  }
}

export async function versioned(service: Service): Promise<void> {
  const before = new Map<string, { version: number; print: string }>();
  for (let n = 0; n < VERSIONED; n++) {
    for (const one of service.truth()) {
      const resource = resourceOf(service.provider, one.type);
      if (!resource.version) continue;
      const key = JSON.stringify([one.type, one.scope, one.id]);
      const state = await stateOf(service, one);
      const version = resource.version(state);
      if (version === undefined) continue;
      assert.ok(Number.isFinite(version), `${one.type}: its version is ${version}: it must be a number`);
      const print = printOf(resource, state);
      const last = before.get(key);
      if (last) {
        assert.ok(
          version >= last.version,
          `${one.type} ${one.id}: its version fell from ${last.version} to ${version}`,
        );
        const rose = version > last.version || print === last.print;
        assert.ok(
          rose || resource.versionKind !== "strict",
          `${one.type} ${one.id} changed, and its strict version did not rise`,
        );
      }
      before.set(key, { version, print });
    }
    service.emulator.write(service.random);
    service.clock.now += 10_000;
  }
}
