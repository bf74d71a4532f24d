/**
 * What a checkpoint of the loss ledger holds: the counts of one provider and hour. Pure.
 *
 * An hour has slots of ten minutes, so that the last hour can be told from the one before it; what is older is one slot
 * again. In a slot each type has its counts, all scopes together; of the scopes only those that lost most have counts of
 * their own, or ten thousand of them would be written every ten seconds.
 * @module
 */
import { z } from "zod";
import type { Checkpoint } from "../checkpoint.ts";
import { counters, sum, sumTallies, type Tally } from "./tally.ts";

/** Milliseconds of a slot. */
export const SLOT = 600_000;
export const HOUR = 3_600_000;
/** Scopes, each with one type, that have counts of their own in a slot. */
export const SCOPES = 50;
/** Writers whose last batch is remembered. */
const WRITERS = 100;

const count = z.number();
const counts = z.partialRecord(z.enum(counters), count);
const histogram = z.record(z.string(), count);
const tally = z.object({ counts, lag: histogram, lateness: histogram });
const slotShape = z.object({
  /** All scopes together. */
  types: z.record(z.string(), tally),
  scopes: z.array(z.tuple([z.string(), z.string(), counts])),
});
const hourShape = z.object({
  /** The last batch that each process added: one whose answer was lost is given again, and must not count twice. */
  writers: z.record(z.string(), z.number()),
  /** By the number of the slot since 1970. */
  slots: z.record(z.string(), slotShape),
});
export type Slot = z.infer<typeof slotShape>;
export type Hour = z.infer<typeof hourShape>;

/** What was counted since the last batch: by slot, then by type, then by scope. */
export type Batch = ReadonlyMap<number, ReadonlyMap<string, ReadonlyMap<string, Tally>>>;

export const slotOf = (ms: number): number => Math.floor(ms / SLOT);
/** The hour that a slot belongs to. */
export const hourOfSlot = (slot: number): number => Math.floor((slot * SLOT) / HOUR);

export const LEDGER = "ledger|";
/** Names sort by time. */
export const hourName = (provider: string, hour: number): string =>
  `${LEDGER}${provider}|${String(hour).padStart(7, "0")}`;
/** The provider and the hour of a checkpoint's name. Undefined: it is about something else. */
export function hourOfName(name: string): { provider: string; hour: number } | undefined {
  const [, provider, hour] = /^ledger\|(.*)\|(\d+)$/s.exec(name) ?? [];
  return provider === undefined ? undefined : { provider, hour: Number(hour) };
}

/** What a checkpoint holds; nothing if it was never moved, or holds what nobody here wrote. */
export function hourOf({ value }: Pick<Checkpoint, "value">): Hour {
  try {
    return hourShape.safeParse(JSON.parse(value ?? "null")).data ?? { writers: {}, slots: {} };
  } catch {
    return { writers: {}, slots: {} };
  }
}

/** Adds the batch `number` of a process, whose batches have rising numbers. Undefined: it was added before. */
export function addBatch(hour: Hour, process: string, number: number, batch: Batch): Hour | undefined {
  const { [process]: last = -1, ...others } = hour.writers;
  if (last >= number) return undefined;
  const writers = [...Object.entries(others), [process, number] as const].slice(-WRITERS);
  const slots = { ...hour.slots };
  for (const [slot, types] of batch) slots[slot] = joinSlots([slots[slot] ?? EMPTY, slotFrom(types)]);
  return { writers: Object.fromEntries(writers), slots };
}

/** An hour that is over, as one slot, its last. Undefined: it is one already. */
export function closeHour(hour: Hour): Hour | undefined {
  const slots = Object.keys(hour.slots).map(Number);
  const last = (hourOfSlot(slots[0] ?? 0) + 1) * (HOUR / SLOT) - 1;
  if (slots.every((slot) => slot === last)) return undefined;
  return { ...hour, slots: { [last]: joinSlots(Object.values(hour.slots)) } };
}

const EMPTY: Slot = { types: {}, scopes: [] };

const slotFrom = (types: ReadonlyMap<string, ReadonlyMap<string, Tally>>): Slot => ({
  types: Object.fromEntries([...types].map(([type, scopes]) => [type, sumTallies([...scopes.values()])])),
  scopes: [...types].flatMap(([type, scopes]) =>
    // Where there is one scope alone, all of them together are it.
    [...scopes].flatMap(([scope, { counts }]) => (scope === "" ? [] : [[type, scope, counts] as Scope])),
  ),
});

type Scope = Slot["scopes"][number];

function joinSlots(slots: readonly Slot[]): Slot {
  const types = new Map<string, Tally>();
  const scopes = new Map<string, Scope>();
  for (const slot of slots) {
    for (const [type, tally] of Object.entries(slot.types)) {
      const known = types.get(type);
      types.set(type, known ? sumTallies([known, tally]) : tally);
    }
    for (const [type, scope, counts] of slot.scopes) {
      const key = JSON.stringify([type, scope]);
      scopes.set(key, [type, scope, sum(scopes.get(key)?.[2] ?? {}, counts)]);
    }
  }
  return { types: Object.fromEntries(types), scopes: mostLost([...scopes.values()]) };
}

/** Those that lost most, and of those that lost nothing the ones with most to tell. */
function mostLost(scopes: readonly Scope[]): Scope[] {
  if (scopes.length <= SCOPES) return [...scopes];
  const lost = ([, , { named = 0, mended = 0 }]: Scope) => named - mended;
  const all = ([, , counts]: Scope) => Object.values(counts).reduce((total, n) => total + n, 0);
  return scopes.toSorted((a, b) => lost(b) - lost(a) || all(b) - all(a)).slice(0, SCOPES);
}
