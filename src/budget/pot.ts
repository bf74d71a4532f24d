/**
 * A bucket of calls that fills evenly, with a part for each class. Pure.
 *
 *   shares   a tenth of what comes in is each class's own, until its part is full: none is starved by the more urgent
 *   common   the rest, and what overflows. The more urgent a class is, the nearer to the bottom it may go
 *
 * So nothing is wasted while one class alone has work, and what is kept for a webhook's read is at hand when it comes.
 * A call is admitted while there is anything at all, and what it costs beyond that is owed: a call may cost more than a
 * part ever holds.
 * @module
 */
import { type Class, classes } from "../row.ts";

/** What is in a bucket, in calls or points. Below 0: owed. `shares` are in the order of {@link classes}. */
export interface Pot {
  common: number;
  shares: readonly number[];
}

/** The part of what comes in that is each class's own. */
const SHARE = 0.1;
/** The parts of a full bucket: the common one, and those of the classes. */
const COMMON = 0.4;
const PARTS: readonly number[] = [0.2, 0.1, 0.1, 0.1, 0.1];
/** The part of the common one that the least urgent class leaves to the others, and each between them less. */
const LEFT = 0.5;
/** Owed at most, in full buckets: an answer that names an absurd cost must not stop a credential for good. */
const OWED = 12;

const partOf = (i: number): number => PARTS[i] ?? 0;
const floorOf = (i: number, size: number): number => (COMMON * size * LEFT * i) / (classes.length - 1);

/** @param size calls in a full bucket */
export const fullPot = (size: number): Pot => ({ common: COMMON * size, shares: PARTS.map((part) => part * size) });

/** Nothing in it, and what is owed stays owed. */
export const emptied = ({ common, shares }: Pot): Pot => ({
  common: Math.min(0, common),
  shares: shares.map((share) => Math.min(0, share)),
});

/** After `came` calls have come in. What is full overflows into the common part, and that is lost. */
export function fill({ common, shares }: Pot, came: number, size: number): Pot {
  let rest = came;
  const filled = shares.map((share, i) => {
    const more = Math.max(0, Math.min(SHARE * came, partOf(i) * size - share));
    rest -= more;
    // The size may have become smaller.
    return Math.min(share + more, partOf(i) * size);
  });
  return { common: Math.min(COMMON * size, common + rest), shares: filled };
}

/** Whether nothing more goes in. */
export const isFull = ({ common, shares }: Pot, size: number): boolean =>
  common >= COMMON * size && shares.every((share, i) => share >= partOf(i) * size);

/** What a class may draw now. */
export function roomOf({ common, shares }: Pot, size: number, cls: Class): number {
  const i = classes.indexOf(cls);
  return Math.max(0, shares[i] ?? 0) + Math.max(0, common - floorOf(i, size));
}

/** After a class has drawn `cost`: first from its own part; what neither part holds is owed by the one that had something. */
export function draw({ common, shares }: Pot, size: number, cls: Class, cost: number): Pot {
  const i = classes.indexOf(cls);
  const own = Math.min(cost, Math.max(0, shares[i] ?? 0));
  const rest = cost - own;
  const byCommon = common > floorOf(i, size);
  const drawn = shares.map((share, one) => (one === i ? share - own - (byCommon ? 0 : rest) : share));
  return { common: owe(common - (byCommon ? rest : 0), size), shares: drawn.map((share) => owe(share, size)) };
}

/** What was used, or given back, without a word before. */
export const correct = ({ common, shares }: Pot, size: number, cost: number): Pot => ({
  common: owe(Math.min(COMMON * size, common - cost), size),
  shares,
});

const owe = (amount: number, size: number): number => Math.max(-OWED * size, amount);

/** What all classes together may draw, less what is owed in common. */
export const levelOf = ({ common, shares }: Pot): number =>
  shares.reduce((sum, share) => sum + Math.max(0, share), common);

/** As full as the provider says that it is: `level` calls in all, of which each class keeps its own. */
export function setLevel({ shares }: Pot, size: number, level: number): Pot {
  const own = levelOf({ common: 0, shares });
  return { common: owe(Math.min(COMMON * size, level - own), size), shares };
}

/** Milliseconds until a class may draw, at most. 0: now. */
export function waitFor(pot: Pot, size: number, cls: Class, perMs: number): number {
  if (roomOf(pot, size, cls) > 0) return 0;
  const i = classes.indexOf(cls);
  const own = -(pot.shares[i] ?? 0) / (SHARE * perMs);
  const common = (floorOf(i, size) - pot.common) / ((1 - SHARE * classes.length) * perMs);
  return Math.min(own, common) + 1;
}
