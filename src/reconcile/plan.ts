/**
 * What polls and sweeps remember in their checkpoints, and when the next one is due. Pure, but for `want`.
 * @module
 */
import { z } from "zod";
import { type Checkpoint, read } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import { PluginError } from "../errors.ts";
import type { Kind } from "../kind.ts";
import { type Tick, ticks } from "../time.ts";

/** How many checkpoints are read at once. */
const PAGE = 1_000;

/** All checkpoints whose names begin so. */
export async function allCheckpoints({ store }: Pick<Engine, "store">, prefix: string): Promise<Checkpoint[]> {
  const all: Checkpoint[] = [];
  for (let after = ""; ; after = all.at(-1)?.name ?? "") {
    const page = await store.checkpoints(prefix, after, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** Where a feed is. */
const feedState = z.object({
  cursor: z.string().nullable(),
  /** When it was last asked. Null: never. */
  polled: z.number().nullable(),
  /** A hint without an id came at this tick: ask now. Met by a poll that begins later. Null: none did. */
  wanted: z.number().nullable(),
  /** When it was asked for the first time. Null: never, or by a version that did not note it. */
  begun: z.number().nullable().default(null),
  /** Milliseconds to the next poll, while webhooks prove themselves. Null: as few as may be. */
  every: z.number().nullable().default(null),
  /** Since when it has no cursor any more, though it had one: it cannot tell what changes. Null: it has, or never had. */
  blind: z.number().nullable().default(null),
});
export type FeedState = z.infer<typeof feedState>;

/** Where a sweep is. */
const sweepState = z.object({
  /** When the one under way, or else the last one, began. Null: never. */
  begun: z.number().nullable(),
  /** `list`: asking for pages; `suspect`: marking what was not seen; `done`. */
  phase: z.enum(["list", "suspect", "done"]),
  /** The page to ask for next. */
  page: z.string().nullable(),
  /** How many pages there were, and one of the places they named: a list that comes back to it never ends. */
  pages: z.number(),
  mark: z.string().nullable(),
  /** The last id that was looked at for suspects. */
  after: z.string(),
  /** How many were marked. */
  suspects: z.number(),
  /** When the last complete one began. Null: there is none, so what a page brings was there before we looked. */
  completed: z.number().nullable(),
  /** One was asked for at this tick. Met by a sweep that begins later. */
  wanted: z.number().nullable(),
  /** What its pages brought, and how many there are in all; null: the API does not say. */
  items: z.number().default(0),
  total: z.number().nullable().default(null),
  /** How long its pages took, as ticks. */
  spent: z.number().default(0),
  /** Milliseconds from the beginning of the last complete one to the next one's. Null: as many as may be. */
  every: z.number().nullable().default(null),
  /** How long the last complete one took, in ms. */
  took: z.number().default(0),
});
export type SweepState = z.infer<typeof sweepState>;

/** A feed that was never asked. */
const NEVER_POLLED: FeedState = { cursor: null, polled: null, wanted: null, begun: null, every: null, blind: null };
/** A sweep that never began. */
const NEVER_SWEPT: SweepState = {
  begun: null,
  phase: "done",
  page: null,
  pages: 0,
  mark: null,
  after: "",
  suspects: 0,
  completed: null,
  wanted: null,
  items: 0,
  total: null,
  spent: 0,
  every: null,
  took: 0,
};

/** Default milliseconds between polls of a feed. */
export const EVERY = 300_000;

export const feedName = (provider: string, scope: string, feed: string): string =>
  `poll|${provider}|${encodeURIComponent(scope)}|${feed}`;
export const sweepName = (type: string, scope: string): string => `sweep|${type}|${encodeURIComponent(scope)}`;

/** Before the name of what was wanted: a note for other processes, which read these few names instead of all. */
export const WANTED = "want|";

/** What a checkpoint's name is about: `job` is a feed, a full type, what left a gap, or empty for a hook. */
export interface Place {
  kind: string;
  provider: string;
  scope: string;
  job: string;
}

/** Takes the name of a poll, a sweep, a guard, a gap, a hook, or a note on one of them apart. Undefined: it is about something else. */
export function placeOf(name: string): Place | undefined {
  if (name.startsWith(WANTED)) return placeOf(name.slice(WANTED.length));
  const [kind = "", first = "", scope, ...rest] = name.split("|");
  if (scope === undefined || !["poll", "sweep", "guard", "gap", "hook"].includes(kind)) return undefined;
  const byName = kind === "poll" || kind === "gap" || kind === "hook";
  const [provider, job] = byName ? [first, rest.join("|")] : [first.slice(0, first.indexOf(".")), first];
  try {
    return { kind, provider, scope: decodeURIComponent(scope), job };
  } catch {
    return undefined;
  }
}

/** What a checkpoint holds; from the beginning if it was never moved, or holds what nobody here wrote. */
export const feedOf = (at: Pick<Checkpoint, "value">): FeedState => read(at, feedState, NEVER_POLLED);
export const sweepOf = (at: Pick<Checkpoint, "value">): SweepState => read(at, sweepState, NEVER_SWEPT);

/**
 * When a feed is to be asked: a tick; 0 for now. `every`: milliseconds from one poll to the next. `spread` is from 0 to 1,
 * and keeps many feeds from coming together.
 */
export function pollDue(state: FeedState, every: number, spread: number): Tick {
  if (state.wanted !== null || state.polled === null) return 0;
  return state.polled + ticks(every * (0.9 + 0.1 * spread));
}

/**
 * The state after a poll that began at `start`. What was wanted meanwhile is still to be done, and so is the rest, where there
 * is `more`: if the next page fails it is asked for again soon, and not when the feed has its next turn.
 */
export const afterPoll = (
  { wanted, begun, blind, ...before }: FeedState,
  { cursor, more, every }: { cursor: string | null; more: boolean; every: number | null },
  start: Tick,
  now: Tick,
): FeedState => ({
  ...{ cursor, polled: now, begun: begun ?? start, every },
  // Met by the next page, which begins now.
  wanted: wanted !== null && wanted >= start ? wanted : more ? start : null,
  blind: cursor !== null ? null : before.cursor !== null ? before.polled : blind,
});

/** When a sweep is to go on, or to begin. */
export function sweepDue(state: SweepState, sweepEvery: number, spread: number): Tick {
  if (state.begun === null || state.phase !== "done") return 0;
  if (state.wanted !== null && state.wanted >= state.begun) return 0;
  return state.begun + ticks(sweepEvery * (0.9 + 0.1 * spread));
}

/**
 * Whether a sweep that did not end starts anew: it was left alone for a whole period, and its place in the list may be
 * gone. One that only takes long goes on, or it would never come to its end.
 */
export const outOfDate = ({ phase }: SweepState, moved: Tick, now: Tick, sweepEvery: number): boolean =>
  phase !== "done" && now - moved > ticks(sweepEvery);

/** The first state of a new sweep. A type that cannot be listed at all is swept by reading again what is recorded. */
export const beginSweep = (state: SweepState, now: Tick, { resource }: Kind): SweepState => ({
  ...NEVER_SWEPT,
  completed: state.completed,
  every: state.every,
  took: state.took,
  wanted: state.wanted,
  begun: now,
  phase: resource.list || resource.within ? "list" : "suspect",
});

/**
 * The state after a page.
 * @throws PluginError if the list goes round in circles: Brent's algorithm, one remembered place instead of all
 */
export function afterPage(state: SweepState, next: string | null): SweepState {
  if (next === null) return { ...state, phase: "suspect", page: null, pages: state.pages + 1, after: "" };
  // It would be no state that can be read again, and the list begin anew for ever.
  if (typeof next !== "string") throw new PluginError("the next page of the list must be text, or null at its end");
  if (next === state.mark || next === state.page)
    throw new PluginError("the list goes round in circles: a page came again");
  const pages = state.pages + 1;
  const mark = (pages & (pages - 1)) === 0 ? next : state.mark;
  return { ...state, page: next, pages, mark };
}

/** Something of this type changed, and nobody says what: its feeds are asked now, or it is swept if it has none. */
export async function want(engine: Wanting & Pick<Engine, "providers" | "kinds">, type: string, scope: string) {
  const kind = engine.kinds.get(type);
  if (!kind) return;
  const feeds = Object.entries(engine.providers[kind.provider]?.feeds ?? {});
  const names = feeds.filter(([, feed]) => feed.types.includes(kind.type)).map(([name]) => name);
  if (names.length === 0) return wantSweep(engine, type, scope);
  for (const feed of names) await wantNow(engine, feedName(kind.provider, scope, feed), feedOf);
}

/** A sweep is to begin now, even if one is under way. */
export const wantSweep = (engine: Wanting, type: string, scope: string): Promise<void> =>
  wantNow(engine, sweepName(type, scope), sweepOf);

type Wanting = Pick<Engine, "store" | "reconcileDue">;

/** First the truth, then the note on it: whoever meets the note finds what it is about. */
export async function wantNow({ store, reconcileDue }: Wanting, name: string, stateOf: (at: Checkpoint) => object) {
  await store.checkpoint({
    name,
    step: (at, tick) => ({ ...at, value: JSON.stringify({ ...stateOf(at), wanted: tick }) }),
  });
  await store.checkpoint({ name: WANTED + name, step: (at, tick) => ({ ...at, value: String(tick), at: tick }) });
  reconcileDue(name);
}

/** What was wanted before the tick `met` is done: the note goes. */
export async function forgetWanted({ store }: Pick<Engine, "store">, name: string, met: Tick): Promise<void> {
  const step = (at: Checkpoint) => (at.value !== null && at.at <= met ? { ...at, value: null } : undefined);
  await store.checkpoint({ name: WANTED + name, step }, { lazy: true });
}
