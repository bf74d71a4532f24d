/**
 * Whether webhooks stopped while changes went on, by the counts of the loss ledger. Pure.
 *
 * Nothing is said from one poll that found much, as after a stop of our own, nor of a type that no webhook ever told of: it
 * takes three changes that no webhook brought, at least ten minutes apart, within an hour in which none came.
 * @module
 */
import { z } from "zod";
import { type Checkpoint, read } from "../checkpoint.ts";
import { HOUR, hourOfSlot, SCOPES, SLOT, type Slot, slotOf } from "../loss/hour.ts";
import type { Counts } from "../loss/tally.ts";

/** Changes that must have been found without a webhook. */
const LEAST = 3;
/** Slots from the first of them to the last: more than ten minutes lie between. */
const APART = 2;
/** Milliseconds after which webhooks that never came are expected no more. The ledger remembers as long. */
export const WEEK = 7 * 24 * HOUR;

const silence = z.object({
  /** Null: all scopes of the provider. */
  scope: z.string().nullable(),
  /** The end of the last ten minutes in which a webhook came, in ms since 1970. Null: none ever did. */
  since: z.number().nullable(),
  /** Changes that were found since then, as of when it was noticed. */
  missed: z.number(),
  /** When it was noticed, in ms since 1970. */
  at: z.number(),
});
/** Webhooks that stopped. */
export type Silence = z.infer<typeof silence>;

export const SILENCES = "silence|";
export const silenceName = (provider: string): string => SILENCES + provider;
export const silencesIn = (at: Pick<Checkpoint, "value">): Silence[] => read(at, z.array(silence), []);

/** The slots of a provider by their number, in which an hour that is over may be one. */
export type Slots = ReadonlyMap<number, Slot>;

/** What came, and what was missed, in a slot. */
interface Heard {
  slot: number;
  heard: number;
  missed: number;
}

/** Since when webhooks of a scope should come, in ms since 1970; null: of all. Undefined: only if some came before. */
export type Expects = (scope: string | null) => number | undefined;

/** Whether enough was missed lately for a closer look. */
export function mayBeSilent(recent: Slots, now: number): boolean {
  const missed = [...recent].filter(([slot]) => isRecent(slot, now)).flatMap(([, { types }]) => Object.values(types));
  return missed.reduce((sum, { counts }) => sum + missedIn(counts), 0) >= LEAST;
}

/** The scopes that missed something, as far as they have counts of their own. */
export const missing = (slots: Slots): string[] => [
  ...new Set(
    [...slots.values()].flatMap(({ scopes }) =>
      scopes.flatMap(([, scope, counts]) => (missedIn(counts) > 0 ? [scope] : [])),
    ),
  ),
];

/** Where webhooks have stopped. */
export function silencesOf(slots: Slots, now: number, expects: Expects): Silence[] {
  const all = [...slots].sort(([a], [b]) => a - b);
  const told = typesTold(slots);
  // Of a type that no webhook ever told of nothing can be said; unless none ever came at all.
  const counts = (type: string) => told.size === 0 || told.has(type);
  const whole = all.map(([slot, { types }]) =>
    addUp(
      slot,
      Object.entries(types).map(([type, { counts }]) => [type, counts] as const),
      counts,
    ),
  );
  const found = judge(whole, null, now, expects);
  if (found) return [found];
  const recent = all.filter(([slot]) => isRecent(slot, now));
  // Where only some scopes have counts of their own, those of the others are not nothing.
  if (recent.some(([, { scopes }]) => scopes.length >= SCOPES)) return [];
  const names = new Set(recent.flatMap(([, { scopes }]) => scopes.map(([, scope]) => scope)));
  return [...names].flatMap((scope) => {
    const own = all.map(([slot, { scopes }]) =>
      addUp(
        slot,
        scopes.flatMap(([type, of, counts]) => (of === scope ? [[type, counts] as const] : [])),
        counts,
      ),
    );
    return judge(own, scope, now, expects) ?? [];
  });
}

const isRecent = (slot: number, now: number): boolean => (slot + 1) * SLOT > now - HOUR;

/** The types of which a webhook told, in the week. */
const typesTold = (slots: Slots): Set<string> =>
  new Set(
    [...slots.values()].flatMap(({ types }) =>
      Object.entries(types).flatMap(([type, { counts }]) => (counts.heard ? [type] : [])),
    ),
  );

function addUp(
  slot: number,
  counted: readonly (readonly [type: string, Counts])[],
  counts: (type: string) => boolean,
): Heard {
  const of = counted.filter(([type]) => counts(type));
  return {
    slot,
    heard: counted.reduce((sum, [, { heard = 0 }]) => sum + heard, 0),
    missed: of.reduce((sum, [, one]) => sum + missedIn(one), 0),
  };
}

/** A feed may name events, and a read find changes: both tell of the same. */
const missedIn = ({ poll = 0, sweep = 0, named = 0, mended = 0 }: Counts): number =>
  Math.max(poll + sweep, named - mended);

function judge(slots: readonly Heard[], scope: string | null, now: number, expects: Expects): Silence | undefined {
  const last = slots.findLast(({ heard }) => heard > 0)?.slot;
  const expected = expects(scope);
  if (last === undefined && expected === undefined) return undefined;
  const begin = last ?? slotOf(expected ?? 0);
  const after = slots.filter(({ slot, missed }) => slot > begin && missed > 0);
  const recent = after.filter(({ slot }) => isRecent(slot, now));
  const [first, latest] = [recent[0]?.slot ?? 0, recent.at(-1)?.slot ?? 0];
  if (sum(recent) < LEAST || latest - first < APART) return undefined;
  return { scope, since: last === undefined ? null : (last + 1) * SLOT, missed: sum(after), at: now };
}

const sum = (slots: readonly Heard[]): number => slots.reduce((total, { missed }) => total + missed, 0);

/** What is silent now: what was, unless a webhook came since, or none is expected any more; and what was found. */
export function nextSilences(
  known: readonly Silence[],
  found: readonly Silence[],
  slots: Slots,
  now: number,
): Silence[] {
  const still = known.filter((one) => !hasEnded(one, slots, now) && now - one.at < WEEK);
  const of = (scope: string | null) => still.find((one) => one.scope === scope);
  const whole = of(null) ?? found.find(({ scope }) => scope === null);
  if (whole) return [whole];
  return [...still, ...found.filter(({ scope }) => !of(scope))];
}

/** When it was noticed none had come in that slot. An hour long over is one slot: that tells nothing of its parts. */
function hasEnded({ scope, at }: Silence, slots: Slots, now: number): boolean {
  return [...slots].some(([slot, { types, scopes }]) => {
    if ((slot + 1) * SLOT <= at || hourOfSlot(slot) < Math.floor(now / HOUR) - 1) return false;
    if (scope === null) return Object.values(types).some(({ counts }) => counts.heard);
    return scopes.some(([, of, counts]) => of === scope && counts.heard);
  });
}
