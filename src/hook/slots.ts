/**
 * What the loss ledger counted of a provider.
 * @module
 */
import type { Engine } from "../engine.ts";
import { hourName, hourOf, hourOfName } from "../loss/hour.ts";
import type { Slots } from "./silence.ts";

/** An hour has one checkpoint, and they are kept for eight days. */
const MOST = 1_000;

/** The slots of a provider from an hour on, counted since 1970, as far as they are saved. */
export async function readSlots({ store }: Pick<Engine, "store">, provider: string, from: number): Promise<Slots> {
  const prefix = hourName(provider, 0).slice(0, -7);
  const hours = await store.checkpoints(prefix, hourName(provider, Math.max(0, from - 1)), MOST);
  const ours = hours.filter(({ name }) => hourOfName(name)?.provider === provider);
  return new Map(
    ours.flatMap((at) => Object.entries(hourOf(at).slots).map(([slot, counted]) => [Number(slot), counted] as const)),
  );
}
