/**
 * No webhook ever comes, and there is no feed: sweeps alone find every change and deletion, over pages by offset that shift
 * while they are read. In virtual time. `RESOURCES=10000` for as many.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync, type Provider } from "tidemark";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { sleep } from "../src/time.ts";
import { memory } from "./desk.ts";
import { figure } from "./figure.ts";

const RESOURCES = Number(process.env["RESOURCES"] ?? 1_000);
/** The part that changes from one sweep to the next, and for how many sweeps. */
const CHURN = 0.05;
const SWEEPS = 4;
const PAGE = 100;
const HOUR = 3_600_000;
/** What reading takes that a sweep asks for: the absent, twice. */
const READING = HOUR / 6;

interface Thing {
  id: string;
  value: number;
}
interface Write extends Thing {
  at: number;
  gone: boolean;
}

test(`every webhook of ${RESOURCES} resources is lost: each change and deletion is told within two sweeps`, async (t) => {
  const random = createRandom(16);
  const time = createVirtualTime({ random });
  const { int, chance } = random;
  // In the order of their creation, as offsets count them: a deletion moves all that follow.
  let things: Thing[] = Array.from({ length: RESOURCES }, (_, i) => ({ id: `t${i}`, value: 0 }));
  const provider: Provider<{ thing: Thing }> = {
    limits: { rate: 1_000 },
    probe: async () => {},
    resources: {
      thing: {
        async fetch(id) {
          await sleep(time, 20);
          return things.find((thing) => thing.id === id) ?? null;
        },
        async list(page) {
          await sleep(time, 200);
          const at = Number(page ?? 0);
          return { items: things.slice(at, at + PAGE), next: at + PAGE < things.length ? String(at + PAGE) : null };
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const sync = createSync({ providers: { api: provider }, store: memory(time), time, sweepEvery: HOUR });
  /** When each state was told of. */
  const told = new Map<string, number>();
  const keyOf = ({ id, value, gone }: Pick<Write, "id" | "value" | "gone">) => `${id} ${gone ? "gone" : value}`;
  const reading = (async () => {
    for await (const { id, after } of sync.changes()) {
      const key = keyOf({ id, value: (after as Thing | null)?.value ?? 0, gone: after === null });
      if (!told.has(key)) told.set(key, time.now());
    }
  })();
  const run = (ms: number) => time.run(time.now() + ms);
  const started = sync.start();
  await run(HOUR);
  await started;
  assert.equal(told.size, RESOURCES, "all of it was filled in");

  const writes: Write[] = [];
  let values = 0;
  const write = (): void => {
    const [at, value] = [int(0, things.length - 1), ++values];
    const { id } = things[at] as Thing;
    const kind = chance(0.3) ? "delete" : chance(0.4) ? "create" : "change";
    if (kind === "delete") things = things.filter((_, i) => i !== at);
    else if (kind === "create") things = [...things, { id: `n${value}`, value }];
    else things = things.map((thing, i) => (i === at ? { id, value } : thing));
    writes.push({ at: time.now(), id: kind === "create" ? `n${value}` : id, value, gone: kind === "delete" });
  };
  const count = Math.round(RESOURCES * CHURN * SWEEPS);
  for (let n = 0; n < count; n++) {
    write();
    await run((SWEEPS * HOUR) / count);
  }
  await run(3 * HOUR);
  const known = new Set([...told.keys()].map((key) => key.split(" ")[0]));
  // What came and went between two sweeps was never there for whoever only lists.
  const last = [...new Map(writes.map((one) => [one.id, one])).values()].filter(
    ({ id, gone }) => !gone || known.has(id),
  );
  const waits = last.map((one) => (told.get(keyOf(one)) ?? Number.POSITIVE_INFINITY) - one.at);
  const longest = Math.max(...waits);
  const stopped = sync.stop();
  await run(HOUR);
  await Promise.all([stopped, reading]);
  assert.ok(waits.every(Number.isFinite), "each resource's last state was told");
  assert.ok(longest <= 2 * HOUR + READING, `the longest took ${(longest / HOUR).toFixed(2)} periods`);
  const { length: deleted } = last.filter(({ gone }) => gone);
  assert.ok(deleted > count / 10, `${deleted} deletions`);
  figure(
    t,
    "F16",
    `${RESOURCES} resources, ${count} writes: the last states of ${last.length}, ${deleted} of them deletions, told within ${(longest / HOUR).toFixed(2)} periods of the sweep`,
  );
});
