/**
 * How far a sweep is, and how long it may still take. Pure.
 * @module
 */
import type { Page } from "../provider.ts";
import { dateOf, type Tick, ticks } from "../time.ts";

/** How far the sweep of a type in a scope is that is under way. Counted over restarts: it goes on at its page. */
export interface Progress {
  /** When it began. */
  since: Date;
  /** Pages recorded. Of a type within another one: those of its parents' ids, of 1,000 each at most. */
  pages: number;
  /** Items on them; what comes twice counts twice. Of a type within another one: the parents whose lists were read. */
  items: number;
  /** How many there are in all, where the API says so, which may be about. Of a type within another one: the parents. */
  total: number | null;
  /** Milliseconds that the rest takes if it goes on as it did so far; null: nobody can know. */
  left: number | null;
  /** It is the first one: what it finds was there before we looked. */
  backfill: boolean;
}

/** What a sweep's checkpoint counts. */
export interface Counted {
  begun: Tick | null;
  phase: string;
  pages: number;
  items: number;
  total: number | null;
  spent: Tick;
  completed: Tick | null;
}

/** Longer than this between two pages nobody was at it: the engine stood still, or was asked to wait. */
const IDLE = ticks(600_000);

/** The state with one page more. `took`: since the page before it, or since the beginning. */
export function countPage<State extends Counted>(state: State, page: Page<object>, took: Tick): State {
  const count = page.items?.length ?? page.refs?.length ?? 0;
  return {
    ...state,
    items: state.items + count,
    total: totalOf(page.total) ?? state.total,
    spent: state.spent + Math.min(Math.max(0, took), IDLE),
  };
}

const totalOf = (total: number | undefined): number | null =>
  total !== undefined && Number.isFinite(total) && total >= 0 ? Math.floor(total) : null;

/** Undefined: none is under way. */
export function progressOf(state: Counted): Progress | undefined {
  const { begun, phase, pages, items, total, spent, completed } = state;
  if (begun === null || phase === "done") return undefined;
  return { since: dateOf(begun), pages, items, total, left: leftOf(items, total, spent), backfill: completed === null };
}

/** Of a type within another one: each of `parents` is an item, done when its list was read, and `waiting` are not yet. */
export function progressWithin(state: Counted, parents: number, waiting: number, now: Tick): Progress | undefined {
  const items = Math.max(0, state.items - waiting);
  return progressOf({ ...state, items, total: parents, spent: now - (state.begun ?? now) });
}

/** An API that counts what it does not list, or lists what is new meanwhile, is never less than done. */
function leftOf(items: number, total: number | null, spent: Tick): number | null {
  if (total === null || items === 0) return null;
  return Math.round(((spent / 1_000) * Math.max(0, total - items)) / items);
}
