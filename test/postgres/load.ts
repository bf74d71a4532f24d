/** Webhooks for a fleet, as long as a test goes on, and what must be true of the log in the end. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "tidemark/testing";
import type { Store } from "../../src/store.ts";
import { readLog } from "../store/postgres.kit.ts";
import type { Api, Fleet } from "./fleet.ts";

const HOT = 20;

export interface Load {
  /** Resources that had one webhook each, which was acknowledged: who lost it could not find out. */
  acknowledged: string[];
  /** Ends it; each resource that changed more than once gets a last webhook that is acknowledged. */
  finish(): Promise<void>;
}

/** @param every ms between two webhooks of each of the lanes */
export function startLoad(fleet: Fleet, api: Api, { pick, int, chance }: Random, every = 10, lanes = 3): Load {
  const acknowledged: string[] = [];
  let running = true;
  let once = 0;
  const postOne = async () => {
    const ready = fleet.readyOnes();
    if (ready.length === 0) return;
    const id = chance(0.5) ? `once${++once}` : `hot${int(1, HOT)}`;
    api.truth.set(id, (api.truth.get(id) ?? 0) + 1);
    if ((await fleet.post(pick(ready), id)) && id.startsWith("once")) acknowledged.push(id);
  };
  const lane = async () => {
    for (; running; await pause(every)) await postOne();
  };
  const done = Promise.all(Array.from({ length: lanes }, lane));
  return {
    acknowledged,
    async finish() {
      running = false;
      await done;
      for (let n = 1; n <= HOT; n++) {
        while (!(await fleet.post(pick(await anyReady(fleet)), `hot${n}`))) await pause(20);
      }
    },
  };
}

async function anyReady(fleet: Fleet): Promise<number[]> {
  for (;;) {
    const ready = fleet.readyOnes();
    if (ready.length > 0) return ready;
    await pause(20);
  }
}

/** Waits until it is true. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; !(await isTrue()); await pause(20)) {
    assert.ok(Date.now() < end, `not within ${ms} ms: ${what}`);
  }
}

export const isSettled = async (store: Store): Promise<boolean> =>
  (await store.rows({ state: "dirty", limit: 1 })).length === 0;

/** The log says what is, no change is doubled, no older state comes after a newer one. Answers how many changes there are. */
export async function checkLog(
  store: Store,
  { truth }: Api,
  { acknowledged }: Pick<Load, "acknowledged">,
): Promise<number> {
  const entries = await readLog(store);
  const values = new Map<string, number>();
  for (const [i, { position, id, state, before }] of entries.entries()) {
    assert.equal(position, i + 1, "positions have no gap");
    const known = values.get(id);
    assert.equal(before === null ? undefined : JSON.parse(before).value, known, `${id}: what was before`);
    const { value } = JSON.parse(state ?? "null");
    assert.ok(value > (known ?? -1), `${id}: ${value} after ${known}`);
    values.set(id, value);
  }
  const lost = acknowledged.filter((id) => !values.has(id));
  assert.deepEqual(lost, [], "acknowledged webhooks that were lost");
  for (const [id, value] of truth) {
    if (id.startsWith("hot")) assert.equal(values.get(id), value, `${id}: the log says what is`);
  }
  return entries.length;
}
