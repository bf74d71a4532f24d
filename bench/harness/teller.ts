/**
 * This engine on a database that others share, in a process of its own: it makes changes, and hears of its own and theirs.
 * @module
 */
import { createSync, type Provider, type Sync } from "tidemark";
import { type OpenedStore, openStore } from "../servers/store.ts";
import { answerCalls } from "./child.ts";
import { now } from "./numbers.ts";

let sync: Sync<{ local: Provider }> | undefined;
let opened: OpenedStore | undefined;
let heard: number[] = [];

/** One thing, another one each time that it is listed: it says when that was. */
const ticking: Provider = {
  limits: { rate: 1e9 },
  resources: {
    thing: {
      fetch: async () => ({ id: "1", at: now() }),
      list: async () => ({ items: [{ id: "1", at: now() }], next: null }),
      id: ({ id }) => id,
      readLag: { fetch: 0, list: 0 },
    },
  },
};

const teller = {
  /** @param follows whether it delivers changes to a handler; then its loops run, too */
  async open(database: string, follows: boolean): Promise<void> {
    opened = openStore("", database);
    const { store } = opened;
    sync = createSync({ providers: { local: ticking }, store });
    if (!follows) return;
    sync.subscribe("bench", ({ after }) => {
      const { at } = after as unknown as { at: number };
      heard.push(now() - at);
    });
    await sync.start();
    await sync.synced();
  },
  /** Makes one change: it is read here, and recorded. */
  async change(): Promise<void> {
    await sync?.sweep();
  },
  /** Of each change that was handled here since it was last asked: the milliseconds since it was read. */
  takeHeard(): number[] {
    const taken = heard;
    heard = [];
    return taken;
  },
};

export type Teller = typeof teller;

if (process.send)
  answerCalls(teller, async () => {
    await sync?.stop();
    await opened?.end();
  });
