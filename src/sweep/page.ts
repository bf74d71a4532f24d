/**
 * Records a page of a list, of a whole type or of one parent's children: each item is accepted like any other read.
 * @module
 */

import type { Engine } from "../engine.ts";
import { PluginError } from "../errors.ts";
import type { Progress } from "../health/progress.ts";
import { keyOf } from "../hints.ts";
import type { Kind } from "../kind.ts";
import type { Page } from "../provider.ts";
import { isRef, type Row, sight, type Via } from "../row.ts";
import type { Move } from "../store.ts";
import type { Tick } from "../time.ts";
import { batchOf } from "../work/batch.ts";
import { type Observed, observe, reading } from "../work/observe.ts";
import { hintChildren } from "./collection.ts";

/** Where a page comes from, and when it was asked for. */
export interface Source {
  kind: Kind;
  scope: string;
  start: Tick;
  /** What found it, where nothing had made the row dirty. */
  via: Via;
  /** How far the sweep is that it is a page of, asked after it was recorded. Left out: it is of one parent's children. */
  progress?: () => Progress | undefined;
}

type Told = Map<string, Pick<Observed, "relation" | "lag" | "causes">>;

/** Accepts the items of a page, and with them moves a checkpoint. Answers the tick at which that was saved. */
export async function recordPage(engine: Engine, source: Source, page: Page<object>, also?: Move): Promise<Tick> {
  const { kind, scope, via } = source;
  const { ids, step, told } = pageStep(engine, source, page);
  const refs = ids.map((id) => ({ type: kind.name, scope, id }));
  const { rows, tick } = await engine.store.update({ refs }, step, also);
  tell(engine, source, rows, told);
  // After a crash in between, the next sweep of the children's type lists them all the same.
  const changed = rows.filter((row) => told.get(keyOf(row))?.relation === "newer").map(({ id }) => id);
  await hintChildren(engine, kind, scope, changed, via);
  return tick;
}

/** What the items of a page do to their rows. */
function pageStep(engine: Engine, { kind, scope, start, via }: Source, page: Page<object>) {
  const told: Told = new Map();
  const how = (row: Row, tick: Tick) => {
    const batch = () => batchOf(kind, { ...row, class: "sweep" });
    const due = row.due === null ? engine.budget.reserve(kind.provider, scope, "sweep", tick, batch()) : tick;
    return { tick, class: "sweep", via, due } as const;
  };
  if (page.items === undefined) {
    const versions = new Map(
      page.refs.flatMap(({ id, version }) => (canBeKept(kind, scope, id) ? [[id, version] as const] : [])),
    );
    const step = (row: Row, tick: Tick) => {
      const version = versions.get(row.id);
      return { row: sight(row, version === undefined ? { start } : { start, version }, how(row, tick), kind.rules) };
    };
    return { ids: [...versions.keys()], step, told };
  }
  const read = { start, lag: kind.listLag, certain: false, via };
  const readings = new Map(
    page.items.flatMap((item) => {
      const id = kind.resource.id(item);
      return canBeKept(kind, scope, id) ? [[id, reading(kind, item, read)] as const] : [];
    }),
  );
  const step = (row: Row, to: Tick) => {
    const item = readings.get(row.id);
    if (!item) return undefined;
    const { step, o: _, ...seen } = observe(kind, row, item, to);
    told.set(keyOf(row), seen);
    return step;
  };
  return { ids: [...readings.keys()], step, told };
}

/**
 * Whether every store keeps an id as it is. One that none can is left out, as of hints: it must not hold up all others.
 * @throws PluginError for one that is no text: a store would make text of it, and find its own log damaged
 */
function canBeKept({ name: type }: Kind, scope: string, id: unknown): boolean {
  if (typeof id !== "string") throw new PluginError(`${type}: the id of something in the list is no text`);
  return isRef({ type, scope, id });
}

function tell(engine: Engine, { kind, scope, via, progress }: Source, rows: readonly Row[], told: Told): void {
  const relations = [...told.values()].map(({ relation }) => relation);
  const changes = relations.filter((relation) => relation === "newer").length;
  const stale = relations.filter((relation) => relation === "older").length;
  const now = progress?.();
  const page = { type: kind.name, scope, items: rows.length, changes, stale };
  engine.emit({ kind: "page", ...page, ...(now && { progress: now }) });
  for (const row of rows) {
    const { relation, ...known } = told.get(keyOf(row)) ?? { relation: "same" };
    if (relation !== "newer" || row.position === null) continue;
    const { type, id, position } = row;
    engine.emit({ kind: "change", type, scope, id, position, via: row.via ?? via, ...known });
  }
  if (changes > 0) engine.grown.ring();
  if (rows.some(({ due }) => due !== null)) engine.workDue(0);
}
