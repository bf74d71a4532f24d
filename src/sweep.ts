/**
 * Lists everything of a type now and then, to repair what hints missed.
 *
 *   list      page by page; each item is accepted like any other read, and marked as seen
 *   suspect   what was recorded but not seen must be fetched: it may be gone. A sweep never deletes
 *
 * A sweep that ends early proves nothing: it goes on from its page, or, when it is older than its period, starts anew.
 * @module
 */

import { admit } from "./budget/admit.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { countPage, progressOf } from "./health/progress.ts";
import { type Held, hold, type Turn } from "./hold.ts";
import { isCollection, type Kind } from "./kind.ts";
import type { Context } from "./provider.ts";
import { tendGaps } from "./reconcile/gaps.ts";
import { afterPage, beginSweep, outOfDate, type SweepState, sweepDue, sweepName, sweepOf } from "./reconcile/plan.ts";
import { type Row, suspect, type Via, visit } from "./row.ts";
import { collectionOf } from "./sweep/collection.ts";
import { relieve } from "./sweep/guard.ts";
import { recordPage } from "./sweep/page.ts";
import type { Tick } from "./time.ts";
import { batchOf } from "./work/batch.ts";
import { call } from "./work/call.ts";

/** How much of a scope a sweep may leave dirty at once: the reads must keep up. */
const DIRTY = 1_000;

/**
 * Sweeps a type of a scope, if that is due, or goes on with it. `waiting`: the reads do not keep up; come again soon.
 * `left`: there was enough of it.
 *
 * @param enough asked before each page: true ends it there
 */
export async function sweepType(
  engine: Engine,
  kind: Kind,
  scope: string,
  enough: () => boolean = () => false,
): Promise<Omit<Turn, "how"> & { how: Turn["how"] | "waiting" | "left" }> {
  let short: "waiting" | "left" | undefined;
  const sweep = async (held: Held) => {
    const known = sweepOf(held.at);
    if (known.phase === "done" || outOfDate(known, held.at.at, held.tick, engine.sweepEvery)) {
      await save(engine, held, (state, tick) => beginSweep(state, tick, kind));
    }
    for (let state = sweepOf(held.at); state.phase !== "done"; state = sweepOf(held.at)) {
      const { room, unlisted } = await workAhead(engine, kind, scope);
      if (room === 0 || (state.phase === "suspect" && unlisted)) short = "waiting";
      else if (enough()) short = "left";
      if (short) return;
      if (state.phase === "suspect") await markSuspects(engine, held, kind, scope, state, room);
      else if (kind.resource.within) await hintParents(engine, held, kind, scope, state, room);
      else await listPage(engine, held, kind, scope, state);
    }
  };
  // Another process may have made it meanwhile.
  const due = (at: Checkpoint, tick: Tick) => {
    const state = sweepOf(at);
    return sweepDue(state, engine.schedule.sweep(state), 0) <= tick;
  };
  const turn = await hold(engine, sweepName(kind.name, scope), sweep, due);
  return { ...turn, how: short ?? turn.how };
}

const save = async (engine: Engine, held: Held, change: (state: SweepState, tick: Tick) => SweepState) => {
  const move = held.advance((at, tick) => JSON.stringify(change(sweepOf(at), tick)));
  const { tick } = await engine.store.checkpoint(move);
  held.moved(tick);
};

/** How much more may become dirty, and whether a collection waits for its first try: what is in it is no suspect yet. */
async function workAhead({ store }: Engine, kind: Kind, scope: string): Promise<{ room: number; unlisted: boolean }> {
  const dirty = await store.rows({ type: kind.name, scope, state: "dirty", limit: DIRTY });
  const unlisted = dirty.some(({ id, attempts }) => attempts === 0 && isCollection(kind, id));
  return { room: DIRTY - dirty.length, unlisted };
}

/** Lists within a parent mark suspects, too: what they come to is not known yet. */
async function hasSuspects({ store }: Engine, { name: type, resource }: Kind, scope: string): Promise<boolean> {
  if (!resource.within) return false;
  const dirty = await store.rows({ type, scope, state: "dirty", limit: DIRTY });
  return dirty.some((row) => row.class === "suspect");
}

/** A type that is listed within another one: the collection of each recorded parent is to be listed. */
async function hintParents(engine: Engine, held: Held, kind: Kind, scope: string, state: SweepState, room: number) {
  const type = `${kind.provider}.${kind.resource.within?.type}`;
  const after = { type, scope, id: state.page ?? "" };
  const parents = await engine.store.rows({ type, scope, state: "live", after, limit: room });
  const refs = parents.map(({ id }) => ({ type: kind.name, scope, id: collectionOf(id) }));
  const step = (row: Row, tick: Tick) => {
    const due = row.due === null ? engine.budget.reserve(kind.provider, scope, "sweep", tick) : tick;
    return { row: visit(row, { tick, class: "sweep", via: viaOf(state), due }, kind.listLag) };
  };
  const next = parents.length < room ? null : (parents.at(-1)?.id ?? null);
  const move = held.advance((at) => {
    const after = afterPage(sweepOf(at), next);
    return JSON.stringify({ ...after, items: after.items + refs.length });
  });
  const { tick } = await engine.store.update({ refs }, step, move);
  held.moved(tick);
  if (refs.length > 0) engine.workDue(0);
}

/** What the first complete sweep finds was there before we looked. */
const viaOf = ({ completed }: SweepState): Via => (completed === null ? "backfill" : "sweep");

/** The page begins when the one before it was saved, so that nothing can happen unseen between the two. */
async function listPage(engine: Engine, held: Held, kind: Kind, scope: string, state: SweepState): Promise<void> {
  const { list } = kind.resource;
  if (!list) return save(engine, held, (at) => afterPage(at, null));
  const spot = { provider: kind.provider, scope, class: "sweep" } as const;
  const { permit, start } = await admit(engine, spot, held.tick);
  const ask = (context: Context) => list.call(kind.resource, state.page, context);
  const page = await call(engine, spot, ask, { fresh: true, permit });
  let after = state;
  const move = held.advance((at, tick) => {
    after = countPage(afterPage(sweepOf(at), page.next), page, tick - at.at);
    return JSON.stringify(after);
  });
  const source = { kind, scope, start, via: viaOf(state), progress: () => progressOf(after) };
  held.moved(await recordPage(engine, source, page, move));
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
    const batch = batchOf(kind, { ...row, class: "suspect" });
    const due = engine.budget.reserve(kind.provider, scope, "suspect", tick, batch);
    return { row: suspect(row, { tick, class: "suspect", via: "sweep", due }) };
  };
  const { rows } = await engine.store.update(select, step);
  const complete = rows.length < room;
  const draw = engine.time.random();
  await save(engine, held, (at, tick) => ({
    ...at,
    ...(complete && engine.schedule.swept(kind.name, at, tick, draw)),
    after: rows.at(-1)?.id ?? at.after,
    suspects: at.suspects + rows.length,
    phase: complete ? "done" : "suspect",
    completed: complete ? at.begun : at.completed,
  }));
  if (rows.length > 0) engine.workDue(0);
  if (!complete) return;
  const { suspects } = sweepOf(held.at);
  if (!(await hasSuspects(engine, kind, scope))) await relieve(engine, kind.name, scope, begun ?? 0, suspects);
  engine.emit({ kind: "sweep", type: kind.name, scope, suspects, first: state.completed === null });
  await tendGaps(engine, kind.provider, scope);
}
