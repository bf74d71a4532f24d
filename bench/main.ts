/**
 * `npm run bench`: what the embedded engine does a second, as ratios to what the same machine does without it in the
 * same run. Medians of several rounds; nothing is compared across runs.
 */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSync, type Provider, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { verifyHmac } from "tidemark/verify";
import { incoming, type Receiver } from "../src/sync.ts";

const ROUNDS = 5;
const CALLERS = 64;
const BODY = JSON.stringify({
  id: "evt_1",
  type: "customer.updated",
  data: { object: { id: "cus_1", filler: "x".repeat(2_600) } },
});

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Runs `work` from many callers at once for a while. Answers how often a second. */
async function rate(work: (n: number) => unknown, seconds = 1): Promise<number> {
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let done = 0;
  const caller = async () => {
    while (performance.now() < end) await work(done++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (done * 1_000) / (performance.now() - begin);
}

type Thing = { id: string; text: string };
const provider: Provider<{ thing: Thing }> = {
  rate: 1e9,
  webhook({ body, headers }) {
    if (!verifyHmac(["secret"], [body], headers.get("signature") ?? "")) throw new Error("forged");
    const { data } = JSON.parse(Buffer.from(body).toString());
    return [{ type: "thing", id: `${data.object.id}${headers.get("n")}` }];
  },
  resources: {
    thing: {
      fetch: async (id) => ({ id, text: id }),
      list: async () => ({ items: [], next: null }),
      id: ({ id }) => id,
      readLag: { fetch: 0, list: 0 },
    },
  },
};
const signature = createHmac("sha256", "secret").update(BODY).digest("hex");
const body = Buffer.from(BODY);

function acknowledge(store: Store) {
  const sync = createSync({ providers: { a: provider }, store });
  const receiver = sync as typeof sync & Receiver;
  return (n: number) => {
    const headers = { get: (name: string) => (name === "signature" ? signature : String(n % 10_000)) };
    return receiver[incoming]("a", { method: "POST", url: "/", headers, read: async () => body });
  };
}
/** Only verifies and parses: what a webhook costs before anything is kept. */
const limit = async () => {
  verifyHmac(["secret"], [body], signature);
  JSON.parse(body.toString());
  await new Promise((resolve) => setImmediate(resolve));
};

async function measure(name: string, rounds: () => Promise<[mine: number, peer: number]>, peer: string): Promise<void> {
  const mine: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [rate, other] = await rounds();
    mine.push(rate);
    ratios.push(rate / other);
  }
  console.log(
    `${name.padEnd(46)} ${Math.round(median(mine)).toLocaleString("en").padStart(10)}/s   ${median(ratios).toFixed(2)} of ${peer}`,
  );
}

const directory = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
const disk = sqlite(join(directory, "t.db"));
const memory = sqlite(":memory:");
const [onDisk, inMemory] = [acknowledge(disk), acknowledge(memory)];
console.log(`${CALLERS} callers at once, medians of ${ROUNDS} rounds\n`);
await measure(
  "webhook verified and saved, on disk (FULL)",
  async () => [await rate(onDisk), await rate(limit)],
  "verify and parse only",
);
await measure(
  "webhook verified and saved, in memory",
  async () => [await rate(inMemory), await rate(limit)],
  "verify and parse only",
);
const record = (store: Store) => (n: number) =>
  store.update({ refs: [{ type: "a.thing", scope: "", id: String(n) }] }, (row) => ({
    row: { ...row, present: true },
    append: [{ state: BODY, at: 1, via: "sweep", causes: [] }],
  }));
await measure(
  "change of 2.7 kB recorded, on disk (FULL)",
  async () => [await rate(record(disk)), await rate(record(memory))],
  "the same in memory",
);
const pages = async () => {
  const begin = performance.now();
  let read = 0;
  for (let after = 0; ; ) {
    const entries = await disk.entries({ after, limit: 200 });
    read += entries.length;
    after = entries.at(-1)?.position ?? after;
    if (entries.length < 200 || read >= 40_000) return (read * 1_000) / (performance.now() - begin);
  }
};
const parsed = async () => {
  const begin = performance.now();
  for (let i = 0; i < 20_000; i++) JSON.parse(BODY);
  return 20_000_000 / (performance.now() - begin);
};
await measure(
  "change of 2.7 kB read from the log, on disk",
  async () => [await pages(), await parsed()],
  "JSON.parse of it alone",
);
await disk.close();
await memory.close();
rmSync(directory, { recursive: true, force: true });
