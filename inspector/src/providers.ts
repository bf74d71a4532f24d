/**
 * Health, provider by provider: what is worst comes first. Pure.
 * @module
 */
import type { Health, Loss, TypeHealth } from "./wire.ts";
import { splitType } from "./words.ts";

/** What webhooks lost in a window. */
export interface Share {
  lost: number;
  late: number;
  /** Events whose time to come is over. */
  events: number;
  /** Whether a feed names what webhooks should bring: without one nothing is ever known to be lost. */
  known: boolean;
}

/** A provider at a glance. */
export interface Summary {
  key: string;
  types: readonly TypeHealth[];
  scopes: number;
  live: number;
  dirty: number;
  failing: number;
  /** ISO text; null: none. */
  lastWebhook: string | null;
  oldest: string | null;
  loss: Readonly<Record<Window, Share>>;
  /** Since when it is paused, or some of its scopes; null: it is not. */
  paused: { since: string; scopes: number } | null;
  /** Types in a scope whose sweep is under way. */
  sweeping: number;
}

export const WINDOWS = ["hour", "day", "week"] as const;
export type Window = (typeof WINDOWS)[number];

/** Those that fail come first, then those that lost webhooks; what only waits is another at each look, and would move them about. */
export function summaries(keys: readonly string[], health: Health): Summary[] {
  return keys
    .map((key) => summaryOf(key, health))
    .sort((a, b) => b.failing - a.failing || b.loss.hour.lost - a.loss.hour.lost);
}

function summaryOf(key: string, health: Health): Summary {
  const types = health.types.filter(({ type }) => splitType(type)[0] === key);
  const losses = health.losses.filter(({ type, scope }) => scope === null && splitType(type)[0] === key);
  const paused = health.paused.filter(({ provider }) => provider === key);
  const [first] = paused;
  return {
    ...{ key, types, scopes: new Set(types.map(({ scope }) => scope)).size },
    live: sum(types.map(({ live }) => live)),
    dirty: sum(types.map(({ dirty }) => dirty)),
    failing: sum(types.map(({ failing }) => failing)),
    lastWebhook: types.reduce<string | null>((last, { lastWebhook }) => later(last, lastWebhook), null),
    oldest: types.reduce<string | null>((first, { oldest }) => earlier(first, oldest), null),
    loss: { hour: shareOf(losses, "hour"), day: shareOf(losses, "day"), week: shareOf(losses, "week") },
    paused: first ? { since: first.since, scopes: paused.filter(({ scope }) => scope !== undefined).length } : null,
    sweeping: types.filter(({ sweep }) => sweep !== null).length,
  };
}

export function shareOf(losses: readonly Loss[], window: Window): Share {
  const rates = losses.map((loss) => loss[window]);
  const [lost, late, came] = [
    sum(rates.map(({ lost }) => lost)),
    sum(rates.map(({ late }) => late)),
    sum(rates.map(({ came }) => came)),
  ];
  return { lost, late, events: lost + late + came, known: rates.some(({ rate }) => rate !== null) };
}

/** What to say where nothing was lost: it may be that nobody could know. */
export const lossWords = ({ known }: Share): string =>
  known ? "none in 7 days" : "not known: no feed has named what webhooks should bring";

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** ISO texts sort as their times do. */
const later = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a);
const earlier = (a: string | null, b: string | null) => (a === null || (b !== null && b < a) ? b : a);
