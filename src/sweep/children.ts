/**
 * Reads a collection: lists what is within one parent, accepts it page by page, and suspects what was not shown.
 * @module
 */

import { admit } from "../budget/admit.ts";
import type { Permit } from "../budget/wallet.ts";
import type { Spot } from "../budget.ts";
import type { Engine } from "../engine.ts";
import { PluginError } from "../errors.ts";
import { locate, saveHints } from "../hints.ts";
import type { Kind } from "../kind.ts";
import type { Context, Hint, Page } from "../provider.ts";
import { lease, type Row, settle, suspect } from "../row.ts";
import type { Tick } from "../time.ts";
import { batchOf } from "../work/batch.ts";
import { call } from "../work/call.ts";
import { observe, reading } from "../work/observe.ts";
import { type Job, LEASE } from "../work/read.ts";
import { afterCollection, collectionOf, parentOfCollection } from "./collection.ts";
import { recordPage, type Source } from "./page.ts";

/** Pages of one collection. A list that is longer than this goes round in circles. */
const PAGES = 10_000;
/** Suspects marked at once. */
const CHUNK = 1_000;

/** Lists a leased collection, and records what that brought. */
export async function listCollection(engine: Engine, { kind, scope, rows, start, permit }: Job): Promise<undefined> {
  const [row] = rows;
  if (!row) return;
  const parent = parentOfCollection(row.id);
  const source = { kind, scope, start, via: row.via ?? "poll" };
  if (!(await isGone(engine, source, parent))) await listPages(engine, source, parent, row, permit);
  await suspectUnseen(engine, source, parent);
  await settleCollection(engine, source, row);
}

/** A parent that is gone has no list: whatever is recorded within it must be looked at. */
async function isGone({ store }: Engine, { kind, scope }: Source, parent: string): Promise<boolean> {
  let gone = false;
  const ref = { type: `${kind.provider}.${kind.resource.within?.type}`, scope, id: parent };
  await store.update({ refs: [ref] }, ({ position, present }) => {
    gone = position !== null && !present;
    return undefined;
  });
  return gone;
}

/** A page began when the one before it was saved, so that nothing can happen unseen between the two. */
async function listPages(engine: Engine, source: Source, parent: string, row: Row, permit?: Permit): Promise<void> {
  const { kind, scope } = source;
  const spot: Spot = { provider: kind.provider, scope, class: row.class ?? "sweep" };
  const found: Hint[] = [];
  let { start } = source;
  let next: string | null = null;
  for (let pages = 0; pages === 0 || next !== null; pages++) {
    if (pages === PAGES) throw new PluginError(`${kind.name}: the list within a parent goes round in circles`);
    const place: string | null = next;
    const turn: { permit?: Permit | undefined; start: Tick } =
      pages === 0 ? { permit, start } : await admit(engine, spot, start);
    const ask = (context: Context): Promise<Page<object>> => list(kind, parent, place, context);
    const page: Page<object> = await call(engine, spot, ask, { found, fresh: true, permit: turn.permit });
    start = await recordPage(engine, { ...source, start: turn.start }, page);
    next = page.next;
    // A long list takes longer than a lease, and another worker would begin it once more.
    if (next !== null) await engine.store.update({ refs: [row] }, (at, tick) => ({ row: lease(at, tick + LEASE) }));
  }
  const hints = locate(engine, kind.provider, scope, found);
  if (hints.length > 0) await saveHints(engine, hints, { class: "poll", via: source.via });
}

async function list({ name, resource }: Kind, parent: string, place: string | null, context: Context) {
  const page = (await resource.within?.list(parent, place, context)) ?? { items: [], next: null };
  const ids = page.items ? page.items.map((item) => resource.id(item)) : page.refs.map(({ id }) => id);
  const own = collectionOf(parent);
  if (ids.every((id) => id.startsWith(own) && id !== own)) return page;
  throw new PluginError(`${name}: the id of what is within a parent must begin with the parent's and a slash`);
}

/** Whatever is recorded within the parent, owes nothing and was not listed may be gone: only a fetch can tell. */
async function suspectUnseen(engine: Engine, { kind, scope, start }: Source, parent: string): Promise<void> {
  let after = collectionOf(parent);
  for (;;) {
    const select = { unseen: start, type: kind.name, scope, after, before: afterCollection(parent), limit: CHUNK };
    const step = (row: Row, tick: Tick) => {
      const batch = batchOf(kind, { ...row, class: "suspect" });
      const due = engine.budget.reserve(kind.provider, scope, "suspect", tick, batch);
      return { row: suspect(row, { tick, class: "suspect", via: "sweep", due }) };
    };
    const { rows } = await engine.store.update(select, step);
    if (rows.length > 0) engine.workDue(0);
    if (rows.length < CHUNK) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/** The collection itself has no state: it is absent, as ever. What is owed of it is met by this read like any other. */
async function settleCollection(engine: Engine, { kind, start, via }: Source, row: Row): Promise<void> {
  const rules = { ...kind.rules, lag: kind.listLag };
  const absent = reading(kind, null, { start, lag: kind.listLag, certain: true, via });
  const draw = engine.time.random();
  const step = (at: Row, to: Tick) => {
    const { step: seen, o, relation } = observe(kind, at, absent, to);
    return { row: settle(seen.row, { o, relation }, rules, draw) };
  };
  const { rows, tick } = await engine.store.update({ refs: [row] }, step);
  for (const { due } of rows) if (due !== null) engine.workDue(Math.max(0, (due - tick) / 1_000));
}
