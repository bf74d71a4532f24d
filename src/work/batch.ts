/**
 * Which rows one call reads together: those of one type, scope and class, where the plugin has a `fetchMany`.
 *
 * What failed is read in smaller batches, then alone: one that cannot be read must not keep the others from being read, and
 * a call that failed by chance must not cost a hundred.
 * @module
 */
import type { Engine } from "../engine.ts";
import { isCollection, type Kind } from "../kind.ts";
import type { Row } from "../row.ts";
import type { Tick } from "../time.ts";
import type { Batch } from "./places.ts";
import type { Job } from "./read.ts";

/** Ids per call, where a plugin does not say how many it takes. */
const BATCH = 100;

/** The batch of a row; undefined: it is read alone. */
export function batchOf(kind: Kind, { type, scope, id, class: cls, attempts }: Row): Batch | undefined {
  const { fetchMany, batch = BATCH } = kind.resource;
  if (!fetchMany || isCollection(kind, id)) return undefined;
  const most = attempts === 0 ? batch : attempts === 1 ? Math.ceil(Math.sqrt(batch)) : 1;
  return most > 1 ? { key: `${cls}|${type}|${scope}|${attempts}`, most } : undefined;
}

/** How many rows one call of any of these reads at most; 1: none has a `fetchMany`. */
export const widest = (kinds: Iterable<Pick<Kind, "resource">>): number =>
  Math.max(1, ...[...kinds].map(({ resource }) => (resource.fetchMany ? (resource.batch ?? BATCH) : 1)));

/** The batches that were begun, of which some have room left. */
export class Batches {
  readonly #room = new Map<string, number>();

  /** Whether a batch that was begun takes a row. */
  takes(batch: Batch | undefined): boolean {
    const room = batch === undefined ? 0 : (this.#room.get(batch.key) ?? 0);
    if (batch && room > 0) this.#room.set(batch.key, room - 1);
    return room > 0;
  }

  begin(batch: Batch | undefined): void {
    if (batch) this.#room.set(batch.key, batch.most - 1);
  }
}

/** Jobs for rows that were leased at `start`. */
export function jobsOf({ kinds }: Pick<Engine, "kinds">, rows: readonly Row[], start: Tick): Job[] {
  const jobs: Job[] = [];
  const open = new Map<string, Row[]>();
  for (const row of rows) {
    const kind = kinds.get(row.type);
    if (!kind) continue;
    const batch = batchOf(kind, row);
    const begun = batch && open.get(batch.key);
    if (begun && begun.length < batch.most) {
      begun.push(row);
      continue;
    }
    const own = [row];
    if (batch) open.set(batch.key, own);
    jobs.push({ kind, scope: row.scope, rows: own, start });
  }
  return jobs;
}
