/**
 * This engine with many resources, in a process of its own: recorded by a sweep, swept again, and read from the log;
 * beside each the least that the same work costs.
 * @module
 */
import { join } from "node:path";
import { createSync, type Provider, type Sync } from "tidemark";
import { type OpenedStore, openStore } from "../servers/store.ts";
import { providerOf, stripeClient } from "../servers/tidemark.ts";
import { answerCalls } from "./child.ts";
import { now } from "./numbers.ts";
import { countInDatabase, countInFile } from "./rows.ts";

let sync: Sync<{ stripe: Provider }> | undefined;
let size = 0;
let opened: OpenedStore | undefined;
/** Counts the entries of the log, parsed, and does nothing else. */
let countRows = async (): Promise<number> => 0;
let api = 0;

/** Things of some 250 bytes, made as they are listed, so that nothing but the engine keeps anything. */
function localThings(): Provider {
  const page = 100;
  const things = (from: number) =>
    Array.from({ length: Math.min(page, size - from) }, (_, i) => {
      const id = `thing_${String(from + i).padStart(10, "0")}`;
      return { id, text: `${id} `.repeat(12) };
    });
  return {
    limits: { rate: 1e9 },
    resources: {
      thing: {
        fetch: async () => null,
        async list(at) {
          const from = Number(at ?? 0);
          return { items: things(from), next: from + page < size ? String(from + page) : null };
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
}

const recorder = {
  /**
   * Opens a store, in Postgres if there is a database. `port`: of the stub whose customers are listed; without it, things that
   * are made here.
   */
  open(directory: string, port?: number, database?: string) {
    opened = openStore(directory, database);
    const { store } = opened;
    countRows = () =>
      database === undefined ? countInFile(join(directory, "tidemark.db")) : countInDatabase(database);
    api = port ?? 0;
    const provider = port === undefined ? localThings() : providerOf(port, "all");
    sync = createSync({ providers: { stripe: provider }, store });
  },
  /** From now on there are so many things. */
  grow(to: number) {
    size = to;
  },
  /** Lists everything once. Answers the milliseconds. */
  async sweep(): Promise<number> {
    const begin = now();
    await sync?.sweep();
    return now() - begin;
  },
  /** Fetches and parses the same pages with the same client, and does nothing with them. */
  async fetchAll(): Promise<number> {
    const client = stripeClient(api);
    const begin = now();
    for (let after = ""; ; ) {
      const page = await client.customers.list({ limit: 100, ...(after && { starting_after: after }) });
      after = page.data.at(-1)?.id ?? "";
      if (!page.has_more) return now() - begin;
    }
  },
  /** Reads the log through `changes()`. Answers how many entries it has, and the milliseconds. */
  async readLog(): Promise<{ entries: number; ms: number }> {
    const begin = now();
    let entries = 0;
    for await (const { after } of sync?.changes({ follow: false }) ?? []) if (after !== null) entries++;
    return { entries, ms: now() - begin };
  },
  /** Reads and parses the states of the same rows with the same driver, and checks nothing. */
  async readRows(): Promise<{ entries: number; ms: number }> {
    const begin = now();
    const entries = await countRows();
    return { entries, ms: now() - begin };
  },
  /** Bytes that the process holds, after garbage was collected. */
  memory() {
    for (let i = 0; i < 3; i++) globalThis.gc?.();
    return process.memoryUsage();
  },
  cpu: () => process.cpuUsage().user + process.cpuUsage().system,
};

export type Recorder = typeof recorder;

if (process.send)
  answerCalls(recorder, async () => {
    await sync?.stop();
    await opened?.end();
  });
