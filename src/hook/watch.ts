/**
 * Looks at the counts of the loss ledger now and then: did webhooks stop while changes went on? What it finds is the same
 * for all processes, and stays until a webhook comes.
 * @module
 */
import type { Engine } from "../engine.ts";
import { HOUR } from "../loss/hour.ts";
import { allCheckpoints, wantNow } from "../reconcile/plan.ts";
import { ticks } from "../time.ts";
import { hookName, knownOf } from "./known.ts";
import { regain } from "./regain.ts";
import {
  mayBeSilent,
  missing,
  nextSilences,
  SILENCES,
  type Silence,
  type Slots,
  silenceName,
  silencesIn,
  silencesOf,
} from "./silence.ts";
import { readSlots } from "./slots.ts";

export interface Watch {
  look(): Promise<void>;
}

export function createWatch(engine: Engine): Watch {
  const { store, time, hooks } = engine;
  /** What was before the last two hours changes no more: read once an hour, and only where something was missed. */
  const past = new Map<string, { hour: number; slots: Slots }>();

  async function weekOf(provider: string, recent: Slots, hour: number): Promise<Slots> {
    const known = past.get(provider);
    if (known?.hour === hour) return new Map([...known.slots, ...recent]);
    const slots = await readSlots(engine, provider, 0);
    past.set(provider, { hour, slots });
    return new Map([...slots, ...recent]);
  }

  async function lookAt(provider: string, known: readonly Silence[]): Promise<void> {
    const now = time.now();
    const hour = Math.floor(now / HOUR);
    const recent = await readSlots(engine, provider, hour - 1);
    const expects = (scope: string | null) => hooks.expectedSince(provider, scope);
    const found = mayBeSilent(recent, now) ? silencesOf(await weekOf(provider, recent, hour), now, expects) : [];
    if (found.length + known.length === 0) return void hooks.silences.delete(provider);
    let before: Silence[] = [];
    const { at } = await store.checkpoint({
      name: silenceName(provider),
      step(at, tick) {
        before = silencesIn(at);
        const next = nextSilences(before, found, recent, now);
        const value = next.length > 0 ? JSON.stringify(next) : null;
        return value === at.value ? undefined : { ...at, value, at: tick };
      },
    });
    const after = silencesIn(at);
    hooks.silences.set(provider, after);
    for (const one of after.filter((one) => !has(before, one))) await begun(provider, one, recent);
    for (const one of before.filter((one) => !has(after, one))) await ended(provider, one, recent);
  }

  /** Its hooks are looked at now: of many scopes those of which it is known that they missed something. */
  async function begun(provider: string, silence: Silence, recent: Slots): Promise<void> {
    tell(provider, silence.scope, "silent");
    const there = engine.scopes.known(provider);
    const tended = there ? [...hooks.tended(provider, there)] : [];
    const scopes = hooks.first(provider, scopesOf(silence, recent, there));
    for (const scope of scopes) {
      const name = tended.find((one) => hooks.isShared(provider, one, scope));
      if (name !== undefined) await wantNow(engine, hookName(provider, name), knownOf);
    }
  }

  async function ended(provider: string, silence: Silence, recent: Slots): Promise<void> {
    tell(provider, silence.scope, null);
    const since = silence.since === null ? null : ticks(silence.since);
    const there = engine.scopes.known(provider);
    const first = scopesOf(silence, recent, there);
    // What the others missed hours ago, or of a type that no feed tells of, nobody knows.
    const others = silence.scope === null ? (there ?? []) : [];
    await regain(engine, provider, [...new Set([...first, ...others])], since);
  }

  const tell = (provider: string, scope: string | null, fault: "silent" | null) =>
    engine.emit({ kind: "hook", provider, scope, found: "silent", fault, done: fault ? "found" : "good" });

  return {
    async look() {
      const known = new Map((await allCheckpoints(engine, SILENCES)).map((at) => [at.name, silencesIn(at)]));
      for (const [provider, { webhook }] of Object.entries(engine.providers)) {
        if (webhook) await lookAt(provider, known.get(silenceName(provider)) ?? []);
      }
    },
  };
}

const has = (all: readonly Silence[], { scope }: Silence): boolean => all.some((one) => one.scope === scope);

/** The scopes of which it is known that they missed something; all that there are where nothing changed in two hours. */
function scopesOf({ scope }: Silence, recent: Slots, there: ReadonlySet<string> = NOT_ASKED): string[] {
  if (scope !== null) return [scope];
  const scopes = missing(recent).filter((one) => there === NOT_ASKED || there.has(one));
  return scopes.length > 0 ? scopes : [...there];
}

/** Who was not asked for its scopes yet may have one alone. */
const NOT_ASKED: ReadonlySet<string> = new Set([""]);
