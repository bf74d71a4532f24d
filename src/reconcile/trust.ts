/**
 * Whether webhooks prove themselves: polls are slow only while they do. Read from the loss ledger, to which all processes
 * of a store add, and kept in memory for a minute.
 *
 *   proof    a webhook of the provider came within the last day, or the scope's hook was looked at and is right
 *   doubt    none did, or something is wrong with the scope's hook, whatever else came
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { HOUR, hourName, hourOf, type Slot } from "../loss/hour.ts";
import { type Counts, sum } from "../loss/tally.ts";

/** Milliseconds for which what was read serves. */
const STALE = 60_000;
/** Hours of the ledger that are read: a day, and the one that has begun. */
const HOURS = 25;

export interface Trust {
  /** Whether webhooks of a scope prove themselves; null: the provider has none. */
  of(provider: string, scope: string): boolean | null;
  /** Of the changes of these types in the last day, the part of which no webhook told; 0 to 1. Types by their full names. */
  missed(provider: string, types: readonly string[]): number;
  /**
   * Looks again, if it is time. Answers where trust ended, so that what had become slow is due sooner: the scopes of each
   * provider; undefined: all of them.
   */
  look(): Promise<ReadonlyMap<string, readonly string[] | undefined>>;
}

/** What the ledger has of a provider's last day. */
interface Day {
  heard: boolean;
  types: ReadonlyMap<string, Counts>;
}

type Needed = Pick<Engine, "store" | "time" | "providers" | "scopes" | "hookState">;

export function createTrust(engine: Needed): Trust {
  const { store, time, providers } = engine;
  const days = new Map<string, Day>();
  const hours = createHours(store);
  const trusted = new Map<string, boolean>();
  const doubted = new Map<string, ReadonlySet<string>>();
  let looked = Number.NEGATIVE_INFINITY;

  const of = (provider: string, scope: string): boolean | null => {
    if (!providers[provider]?.webhook) return null;
    const state = engine.hookState(provider, scope);
    return state !== "bad" && (state === "good" || days.get(provider)?.heard === true);
  };

  /** The scopes that are no longer trusted, of those that there are. */
  function fallen(provider: string): readonly string[] | undefined | null {
    const all = [...(engine.scopes.known(provider) ?? [])];
    const doubts = new Set(all.filter((scope) => of(provider, scope) === false));
    const before = doubted.get(provider) ?? new Set();
    const wasTrusted = trusted.get(provider) ?? false;
    doubted.set(provider, doubts);
    trusted.set(provider, doubts.size < all.length);
    if (doubts.size === all.length) return wasTrusted ? undefined : null;
    const added = [...doubts].filter((scope) => !before.has(scope));
    return added.length > 0 ? added : null;
  }

  return {
    of,
    missed(provider, types) {
      const known = days.get(provider)?.types;
      const { webhook = 0, poll = 0, sweep = 0, missed = 0 } = sum(...types.map((type) => known?.get(type) ?? {}));
      return missed === 0 ? 0 : missed / Math.max(missed, webhook + poll + sweep);
    },
    async look() {
      const fell = new Map<string, readonly string[] | undefined>();
      const since = time.now() - looked;
      if (since >= 0 && since < STALE) return fell;
      looked = time.now();
      for (const [provider, { webhook }] of Object.entries(providers)) {
        if (!webhook) continue;
        days.set(provider, await hours.day(provider, time.now()));
        const scopes = fallen(provider);
        if (scopes !== null) fell.set(provider, scopes);
      }
      return fell;
    },
  };
}

/** Reads the ledger. What is counted up is counted up again only where an hour was moved. */
function createHours(store: Engine["store"]) {
  const hours = new Map<string, { at: number; types: ReadonlyMap<string, Counts> }>();
  const days = new Map<string, { key: string; day: Day }>();
  const hourAt = (one: Checkpoint) => {
    const before = hours.get(one.name);
    const hour =
      before?.at === one.at ? before : { at: one.at, types: addUp(Object.values(hourOf(one).slots).map(counted)) };
    hours.set(one.name, hour);
    return hour.types;
  };
  return {
    async day(provider: string, now: number): Promise<Day> {
      const before = hourName(provider, Math.floor(now / HOUR) - HOURS);
      const prefix = hourName(provider, 0).slice(0, -7);
      const page = await store.checkpoints(prefix, before, 2 * HOURS);
      const key = page.map(({ name, at }) => `${name} ${at}`).join();
      const known = days.get(provider);
      if (known?.key === key) return known.day;
      const types = addUp(page.map(hourAt));
      const day = { heard: [...types.values()].some(({ heard = 0 }) => heard > 0), types };
      days.set(provider, { key, day });
      for (const name of hours.keys()) if (name.startsWith(prefix) && name <= before) hours.delete(name);
      return day;
    },
  };
}

const counted = ({ types }: Slot): ReadonlyMap<string, Counts> =>
  new Map(Object.entries(types).map(([type, { counts }]) => [type, counts]));

function addUp(all: readonly ReadonlyMap<string, Counts>[]): ReadonlyMap<string, Counts> {
  const types = new Map<string, Counts>();
  for (const one of all) for (const [type, counts] of one) types.set(type, sum(types.get(type) ?? {}, counts));
  return types;
}
