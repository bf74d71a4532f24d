/**
 * What a note is to the loss ledger: did a webhook bring its event first, or a feed? Pure.
 *
 * Each event of each resource is judged in the transaction that puts it to the resource's row: whoever comes first,
 * webhook or poll, in whichever process, the other one meets it there. So nothing is asked of the store for it.
 * @module
 */
import { mayBeJudged, type Note, type Row, type Told } from "../row.ts";
import type { Tick } from "../time.ts";

/** See the counters of tally.ts. */
export type Verdict =
  | { kind: "came" | "repeats" | "named" | "unsure" }
  /** `named`: when a feed named it. */
  | { kind: "late"; named: Tick; judged: boolean };

/** Undefined: it tells nothing about webhooks. `row` is as it was before. */
export function verdictOf(row: Row, { event, via }: Note, tick: Tick): Verdict | undefined {
  if (event === null || (via !== "webhook" && !event.judged)) return undefined;
  const known = row.causes.find(({ id }) => id === event.id);
  if (via !== "webhook") return known ? undefined : { kind: mayBeJudged(row, event) ? "named" : "unsure" };
  if (!known) return { kind: "came" };
  if (known.awaited) return { kind: "late", named: known.tick, judged: known.awaited === "judged" };
  // One request may name a resource twice.
  return known.tick === tick ? undefined : { kind: "repeats" };
}

/** An event whose webhook is awaited, and that the row has no room for any more: whether it comes will not be known. */
export function forgotten({ causes: [oldest] }: Row, after: Row): Told | undefined {
  if (oldest?.awaited !== "judged") return undefined;
  return after.causes.some(({ id }) => id === oldest.id) ? undefined : oldest;
}
