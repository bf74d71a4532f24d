/**
 * Lists everything of a type now and then, to repair what hints missed.
 *
 *   list      page by page; each item is accepted like any other read, and marked as seen
 *   suspect   what was recorded but not seen must be fetched: it may be gone. A sweep never deletes
 *
 * A sweep that ends early proves nothing: it goes on from its page, or, when it is older than its period, starts anew.
 * @module
 */
import { call, type Engine } from "./engine.ts";
import { keyOf } from "./hints.ts";
import { type Held, hold } from "./hold.ts";
import type { Kind } from "./kind.ts";
import { observe, reading } from "./observe.ts";
import { afterPage, beginSweep, outOfDate, type SweepState, sweepName, sweepOf } from "./plan.ts";
import type { Page } from "./provider.ts";
import { type Relation, type Row, sight, suspect, type Via } from "./row.ts";
import type { Tick } from "./time.ts";

/** How much of a scope a sweep may leave dirty at once: the reads must keep up. */
const DIRTY = 1_000;

/** Sweeps a type of a scope, or goes on with it. `waiting`: the reads do not keep up; come again soon. */
export async function sweepType(engine: Engine, kind: Kind, scope: string): Promise<"done" | "waiting" | "held"> {
  let waiting = false;
  const free = await hold(engine, sweepName(kind.name, scope), async (held) => {
    const known = sweepOf(held.at);
    if (known.phase === "done" || outOfDate(known, held.tick, engine.sweepEvery)) {
      await save(engine, held, (state, tick) => beginSweep(state, tick, kind));
    }
    for (let state = sweepOf(held.at); state.phase !== "done"; state = sweepOf(held.at)) {
      const room = await roomFor(engine, kind, scope);
      if (room === 0) {
        waiting = true;
        return;
      }
      if (state.phase === "list") await listPage(engine, held, kind, scope, state);
      else await markSuspects(engine, held, kind, scope, state, room);
    }
  });
  if (!free) return "held";
  return waiting ? "waiting" : "done";
}

const save = async (engine: Engine, held: Held, change: (state: SweepState, tick: Tick) => SweepState) => {
  const move = held.advance((at, tick) => JSON.stringify(change(sweepOf(at), tick)));
  const { tick } = await engine.store.checkpoint(move);
  held.moved(tick);
};

async function roomFor({ store }: Engine, { name }: Kind, scope: string): Promise<number> {
  const dirty = await store.rows({ type: name, scope, state: "dirty", limit: DIRTY });
  return DIRTY - dirty.length;
}

/** The page began when the one before it was saved, so that nothing can happen unseen between the two. */
async function listPage(engine: Engine, held: Held, kind: Kind, scope: string, state: SweepState): Promise<void> {
  const { list } = kind.resource;
  if (!list) return save(engine, held, (at) => afterPage(at, null));
  const start = held.tick;
  const page = await call(engine, scope, (context) => list.call(kind.resource, state.page, context), { fresh: true });
  const via: Via = state.completed === null ? "backfill" : "sweep";
  const { ids, step, told } = pageStep(engine, kind, scope, page, start, via);
  const move = held.advance((at) => JSON.stringify(afterPage(sweepOf(at), page.next)));
  const refs = ids.map((id) => ({ type: kind.name, scope, id }));
  const { rows, tick } = await engine.store.update({ refs }, step, move);
  held.moved(tick);
  tell(engine, kind, scope, rows, told, via);
}

/** What the items of a page do to their rows. */
function pageStep(engine: Engine, kind: Kind, scope: string, page: Page<object>, start: Tick, via: Via) {
  const told = new Map<string, Relation>();
  const how = (row: Row, tick: Tick) => {
    const due = row.due === null ? engine.budget.reserve(kind.provider, scope, "sweep", tick) : tick;
    return { tick, class: "sweep", via, due } as const;
  };
  if (page.items === undefined) {
    const versions = new Map(page.refs.map(({ id, version }) => [id, version]));
    const step = (row: Row, tick: Tick) => {
      const version = versions.get(row.id);
      return { row: sight(row, version === undefined ? { start } : { start, version }, how(row, tick)) };
    };
    return { ids: [...versions.keys()], step, told };
  }
  const read = { start, lag: kind.listLag, certain: false, via };
  const readings = new Map(page.items.map((item) => [kind.resource.id(item), reading(kind, item, read)]));
  const step = (row: Row, to: Tick) => {
    const item = readings.get(row.id);
    if (!item) return undefined;
    const { step, relation } = observe(kind, row, item, to);
    told.set(keyOf(row), relation);
    return step;
  };
  return { ids: [...readings.keys()], step, told };
}

function tell(engine: Engine, kind: Kind, scope: string, rows: readonly Row[], told: Map<string, Relation>, via: Via) {
  const relations = [...told.values()];
  const changes = relations.filter((relation) => relation === "newer").length;
  const stale = relations.filter((relation) => relation === "older").length;
  engine.emit({ kind: "page", type: kind.name, scope, items: rows.length, changes, stale });
  for (const row of rows) {
    if (told.get(keyOf(row)) !== "newer" || row.position === null) continue;
    engine.emit({ kind: "change", type: row.type, scope, id: row.id, position: row.position, via: row.via ?? via });
  }
  if (changes > 0) engine.grown.ring();
  if (rows.some(({ due }) => due !== null)) engine.workDue(0);
}

/** Whatever is recorded, owes nothing and was not seen since the sweep began may be gone: only a fetch can tell. */
async function markSuspects(
  engine: Engine,
  held: Held,
  kind: Kind,
  scope: string,
  state: SweepState,
  room: number,
): Promise<void> {
  const { begun, after } = state;
  const select = { unseen: begun ?? 0, type: kind.name, scope, after, limit: room };
  const step = (row: Row, tick: Tick) => {
    const due = engine.budget.reserve(kind.provider, scope, "suspect", tick);
    return { row: suspect(row, { tick, class: "suspect", via: "sweep", due }) };
  };
  const { rows } = await engine.store.update(select, step);
  const complete = rows.length < room;
  await save(engine, held, (at) => ({
    ...at,
    after: rows.at(-1)?.id ?? at.after,
    suspects: at.suspects + rows.length,
    phase: complete ? "done" : "suspect",
    completed: complete ? at.begun : at.completed,
  }));
  if (rows.length > 0) engine.workDue(0);
  if (!complete) return;
  const { suspects } = sweepOf(held.at);
  engine.emit({ kind: "sweep", type: kind.name, scope, suspects, first: state.completed === null });
}
