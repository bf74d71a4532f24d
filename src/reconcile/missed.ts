/**
 * Changes that a poll or a sweep found first: was their webhook lost, or is it only under way?
 *
 *   found    an event that a feed named first; or, where no feed names events, a change that a poll or a sweep found
 *   awaited  for a minute: a poll may find a change in the seconds before its webhook
 *   lost     no webhook has told of it: that is counted, and what would find the next one speeds up
 *
 * It is kept in memory, and looked up in the row, which all processes share: whichever of them takes the webhook, it is
 * seen there. What a crash forgets the next loss tells again.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import type { EngineEvent } from "../events.ts";
import { keyOf, providerOf } from "../hints.ts";
import type { Note, Ref, Row } from "../row.ts";
import type { Move } from "../store.ts";
import { type Tick, ticks } from "../time.ts";
import { feedName, feedOf, sweepName, sweepOf } from "./plan.ts";

/** Milliseconds in which a webhook may still come; less where polls are quicker than that. */
const GRACE = 60_000;
/** So many are awaited at once: where more are missed, a part of them tells as much. */
const MOST = 1_000;

export interface Missed {
  /** A feed named an event first, at this tick. */
  named(note: Note, tick: Tick): void;
  record(event: EngineEvent): void;
  /** Looks whether webhooks came after all. Answers the polls and sweeps that come sooner now, where none did. */
  look(): Promise<readonly Checkpoint[]>;
}

interface Awaited {
  ref: Ref;
  /** The event that a feed named; undefined: none did. */
  event: string | undefined;
  /** Until then, in ms by our own clock. */
  until: number;
}

type Needed = Pick<Engine, "store" | "time" | "providers" | "kinds" | "losses" | "schedule">;

export function createMissed(engine: Needed): Missed {
  const { store, time, losses, schedule } = engine;
  const awaited = new Map<string, Awaited>();

  function wait(ref: Ref, event: string | undefined, age: number): void {
    const key = keyOf(ref);
    if (awaited.size >= MOST || awaited.has(key)) return;
    const grace = Math.min(GRACE, schedule.quickest(ref.type) / 2);
    awaited.set(key, { ref, event, until: time.now() + Math.max(0, grace - age) });
  }

  /** The rows of what was awaited for long enough, each with what it was awaited for. */
  async function over(): Promise<{ row: Row; event: string | undefined }[]> {
    const now = time.now();
    // Nothing is awaited for longer than that: the clock was put back, and all places would be taken for hours.
    const due = [...awaited].filter(([, { until }]) => until <= now || until > now + GRACE);
    if (due.length === 0) return [];
    for (const [key] of due) awaited.delete(key);
    const rows = new Map<string, Row>();
    await store.update({ refs: due.map(([, { ref }]) => ref) }, (row) => {
      rows.set(keyOf(row), row);
      return undefined;
    });
    return due.flatMap(([key, { event }]) => {
      const row = rows.get(key);
      return row ? [{ row, event }] : [];
    });
  }

  return {
    named: ({ type, scope, id, event }, tick) => {
      if (event) wait({ type, scope, id }, event.id, event.at === null ? 0 : tick / 1_000 - event.at);
    },
    record(event) {
      if (event.kind !== "change" || (event.via !== "poll" && event.via !== "sweep")) return;
      const { type, scope, id } = event;
      if (!schedule.isNamed(type) && schedule.mayMiss(type)) wait({ type, scope, id }, undefined, 0);
    },
    async look() {
      const lost = (await over()).filter(
        ({ row, event }) => !wasTold(row, event, engine.kinds.get(row.type)?.rules.lag ?? 0),
      );
      const places = new Map<string, Ref>();
      for (const { row } of lost) {
        losses.missed(row.type, row.scope);
        places.set(keyOf({ ...row, id: "" }), row);
      }
      const moved: Checkpoint[] = [];
      for (const { type, scope } of places.values()) {
        for (const move of hurries(engine, type, scope)) {
          let quicker = false;
          const step: Move["step"] = (at, tick) => {
            const next = move.step(at, tick);
            quicker = next !== undefined;
            return next;
          };
          const { at } = await store.checkpoint({ ...move, step }, { lazy: true });
          if (quicker) moved.push(at);
        }
      }
      return moved;
    },
  };
}

/**
 * Whether a webhook told of what a row was awaited for: the event is awaited no more; or since the change was found it
 * is to be read again, was, or knows of an event that no feed named first. A read that a lag asks for says nothing.
 */
function wasTold({ causes, due, first, last, position }: Row, event: string | undefined, lag: Tick): boolean {
  if (event !== undefined) return causes.find(({ id }) => id === event)?.awaited === undefined;
  if (position === null || first === null || due !== null) return true;
  const again = (last ?? 0) - first > lag + ticks(1_000);
  return again || causes.some((cause) => cause.tick > first && cause.awaited === undefined);
}

/** What would find the next change of a type: its feeds, or its sweep if it has none. It comes as soon as it may. */
function hurries({ providers, schedule }: Needed, type: string, scope: string): Move[] {
  const provider = providerOf(type);
  const feeds = Object.entries(providers[provider]?.feeds ?? {}).filter(([, feed]) =>
    feed.types.includes(type.slice(provider.length + 1)),
  );
  if (feeds.length === 0) {
    const step: Move["step"] = (at) => {
      const state = sweepOf(at);
      const every = schedule.shortestSweep(state);
      return state.every === null || state.every > every
        ? { ...at, value: JSON.stringify({ ...state, every }) }
        : undefined;
    };
    return [{ name: sweepName(type, scope), step }];
  }
  return feeds.map(([name, feed]) => ({
    name: feedName(provider, scope, name),
    step(at) {
      const state = feedOf(at);
      const { min } = schedule.pollBounds(provider, feed);
      return state.every !== null && state.every > min
        ? { ...at, value: JSON.stringify({ ...state, every: min }) }
        : undefined;
    },
  }));
}
