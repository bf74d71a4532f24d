/**
 * A simulated world: a service that is written to, a network, the real engine with the provider and a store in memory,
 * all in virtual time; and what the engine's stream told so far, to be compared with what there is.
 * @module
 */
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import type { Random } from "../random.ts";
import type { Api, Delivery, Samples, Truth } from "../samples.ts";
import { createVirtualTime, settled } from "../time.ts";
import { contextOf, NOW, secretOf } from "./check.ts";
import { createNetwork, lagsOf, type Purpose } from "./network.ts";

import { createReplicated } from "./replica.ts";
import { printOf, resourceOf, stateOf } from "./service.ts";
import { CALM, type Weather } from "./weather.ts";
import { fetchOver } from "./web.ts";

/** What came of a world. */
export interface Told {
  /** What went wrong; empty if nothing did. */
  failures: readonly string[];
  /** Changes that the stream told. */
  changes: number;
  requests: Record<Purpose, number>;
}

/** A world, to be led. Times are virtual, in ms. */
export interface World {
  /** Whether something finds what no webhook told: of each type. */
  mayLose: boolean;
  /** Writes so often, and then starts the engine. */
  begin(writes: number, weather: Weather): Promise<void>;
  /** A user writes once, and what the service sends is on its way. */
  write(): void;
  /** Access is lost for so long. */
  deny(ms: number): void;
  /** All trouble is over. */
  calm(): void;
  run(ms: number): Promise<void>;
  /** Follows the stream, and says how what it told differs from what there is. */
  differences(): Promise<string[]>;
  end(): Promise<Told>;
  told(): Told;
}

/** The provider's key in the engine. */
const KEY = "it";
/** Ms after which a webhook that was answered 503 comes again, and how often. */
const AGAIN = 15_000;
const TRIES = 4;
/** Ms in which an engine has stopped. */
const STOPPING = 200_000;

const keyOf = ({ type, scope, id }: Truth): string => JSON.stringify([type, scope, id]);

/** A world in which nothing has happened yet. */
export async function createWorld(samples: Samples, api: Api, random: Random, sweepEvery: number): Promise<World> {
  const secret = secretOf(samples);
  const time = createVirtualTime({ random, start: NOW, quiet: () => quiet() });
  const calm = samples.provider({
    secrets: secret,
    fetch: fetchOver(async (request) => service.primary.fetch(request)),
  });
  const service = await createReplicated(api, { secret, time, random, lags: Object.values(lagsOf(calm)) });
  let weather = CALM;
  const { provider, requests, end } = createNetwork(samples, service, time, random, () => weather);
  const store = sqlite(":memory:", { time });
  const sync = createSync({ providers: { [KEY]: provider }, store, sweepEvery, time });
  const failures: string[] = [];
  /** What the stream told: what is there, by its print. */
  const mirror = new Map<string, string>();
  const deleted = new Set<string>();
  let there = new Set<string>();
  /** What there is since the last write. */
  let truth: Map<string, string> | undefined;
  let cursor: string | null = null;
  let changes = 0;

  /** What was answered is read in more turns of the event loop than one. */
  async function quiet(): Promise<void> {
    const before = requests.fetch + requests.list + requests.feed;
    await settled();
    if (requests.fetch + requests.list + requests.feed !== before) await settled();
  }

  function write(): readonly Delivery[] {
    service.write();
    truth = undefined;
    const now = new Set([...service.primary.truth()].map(keyOf));
    for (const key of there) if (!now.has(key)) deleted.add(key);
    there = now;
    return service.primary.sent();
  }

  async function post({ url = "http://localhost/", headers, body, scope }: Delivery, tries = TRIES): Promise<void> {
    const request = new Request(url, { method: "POST", headers, body: Buffer.from(body) });
    const { status } = await sync.webhook(KEY, request, scope === undefined ? {} : { scope });
    if (status === 503 && tries > 0)
      time.after(AGAIN, () => void post({ url, headers, body, ...(scope !== undefined && { scope }) }, tries - 1));
    else if (status >= 300) failures.push(`a webhook of the emulator was answered ${status}`);
  }

  /** What there is, by its print. */
  async function printed(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const one of service.primary.truth()) {
      const state = await stateOf({ provider: calm, context: (scope) => contextOf(scope, { now: time.now }) }, one);
      found.set(keyOf(one), printOf(resourceOf(provider, one.type), state));
    }
    return found;
  }

  async function follow(): Promise<void> {
    for await (const { type, scope, id, after, cursor: at } of sync.changes({ after: cursor, follow: false })) {
      const one = { type: type.slice(KEY.length + 1), scope, id };
      cursor = at;
      changes++;
      if (after !== null) mirror.set(keyOf(one), printOf(resourceOf(provider, one.type), after));
      else {
        mirror.delete(keyOf(one));
        if (!deleted.has(keyOf(one))) failures.push(`${one.type} ${id} is told to be gone, and never was deleted`);
      }
    }
  }

  const world: World = {
    mayLose: Object.entries(provider.resources).every(([type, { list, within }]) => {
      const feeds = Object.values(provider.feeds ?? {});
      return list || within || feeds.some(({ types }) => types.includes(type));
    }),
    async begin(writes, worse) {
      for (let n = 0; n < writes; n++) {
        write();
        await time.run(time.now() + 10_000);
      }
      await store.open();
      await sync.start();
      weather = worse;
    },
    write() {
      for (const delivery of write()) {
        if (!provider.webhook || random.chance(weather.lost)) continue;
        const copies = random.chance(weather.doubled) ? 2 : 1;
        for (let n = 0; n < copies; n++) time.after(random.int(0, weather.late), () => void post(delivery));
      }
    },
    deny(ms) {
      service.access(false);
      time.after(ms, () => service.access(true));
    },
    calm() {
      weather = CALM;
      service.access(true);
    },
    run: async (ms) => void (await time.run(time.now() + ms)),
    async differences() {
      await follow();
      truth ??= await printed();
      const is = [...truth];
      const missed = is.filter(([key]) => !mirror.has(key)).map(([key]) => `${key} is missed`);
      const old = is.filter(([key, print]) => mirror.has(key) && mirror.get(key) !== print);
      const left = [...mirror.keys()]
        .filter((key) => !truth?.has(key))
        .map((key) => `${key} is gone, and not told to be`);
      return [...missed, ...old.map(([key]) => `${key} is told as it was`), ...left];
    },
    async end() {
      failures.push(...(await world.differences()));
      let stopped = false;
      const stopping = sync.stop().then(() => {
        stopped = true;
      });
      await time.run(time.now() + STOPPING, () => stopped);
      await stopping;
      await store.close();
      end();
      return world.told();
    },
    told: () => ({ failures, changes, requests: { ...requests } }),
  };
  return world;
}
