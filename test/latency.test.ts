/**
 * How long a hint takes to become a change, on a file, when nothing else is wrong: 200 hints a second, fetches of 20 ms.
 * `HINTS=6000` for so many, and for how long it takes: beside other tests that says nothing.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createSync, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { figure, otherWork } from "./figure.ts";

const { HINTS } = process.env;
const COUNT = Number(HINTS ?? 400);
const RATE = 200;
const FETCH = 20;

test(`${COUNT} hints, ${RATE} a second: each is a change, a fetch later`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-latency-"));
  /** How long each fetch took: a machine that is busy makes them longer. */
  const fetched = new Map<string, number>();
  const provider: Provider<{ thing: { id: string } }> = {
    limits: { rate: 1e6 },
    probe: async () => {},
    resources: {
      thing: {
        async fetch(id) {
          const begun = performance.now();
          await pause(FETCH);
          fetched.set(id, performance.now() - begun);
          return { id };
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const store = sqlite(join(directory, "t.db"));
  const sync = createSync({ providers: { a: provider }, store, concurrency: 64 });
  t.after(async () => {
    await sync.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  await sync.start();
  const hinted = new Map<string, number>();
  /** Ms beside the fetch. */
  const waits: number[] = [];
  const reading = (async () => {
    for await (const { id } of sync.changes()) {
      waits.push(performance.now() - (hinted.get(id) ?? 0) - (fetched.get(id) ?? 0));
      if (waits.length === COUNT) return;
    }
  })();
  const busy = HINTS === undefined ? undefined : otherWork();
  const begun = performance.now();
  for (let n = 0; n < COUNT; n++) {
    const id = `t${n}`;
    hinted.set(id, performance.now());
    void sync.hint("a.thing", id);
    const early = ((n + 1) * 1_000) / RATE - (performance.now() - begun);
    if (early > 1) await pause(early);
  }
  await reading;
  waits.sort((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [waits[Math.floor(COUNT / 2)], waits[Math.floor(COUNT * 0.99)]];
  if (busy) return t.skip(`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms beside the fetch; but ${busy}`);
  if (HINTS !== undefined) {
    assert.ok(p50 <= 5, `half of them took more than ${p50.toFixed(1)} ms beside the fetch`);
    assert.ok(p99 <= 50, `one in a hundred took more than ${p99.toFixed(1)} ms beside the fetch`);
  }
  figure(t, "F15", `${COUNT} hints: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms beside the fetch`);
});
