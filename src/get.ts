/**
 * `get()`: what is recorded of a resource, as fresh as asked for.
 * @module
 */

import { cursorOf, placeAfter } from "./change.ts";
import type { Engine } from "./engine.ts";
import { BudgetSpent } from "./errors.ts";
import { saveHints } from "./hints.ts";
import type { Kind } from "./kind.ts";
import { blank, type Ref, type Row } from "./row.ts";
import { dateOf, type Tick, ticks } from "./time.ts";
import type { Worker } from "./work.ts";

/** How fresh, and how long to wait for it. */
export interface GetOptions {
  scope?: string;
  /** Milliseconds. Left out: whatever is recorded. */
  maxAge?: number;
  /** Milliseconds to wait for the provider. Default 10,000. */
  timeout?: number;
}

/** What is recorded of a resource. */
export interface Known<State> {
  /** Null: it is gone. */
  state: State | null;
  /** The state is at least this fresh. */
  at: Date;
  /** The change that recorded it: what comes after it is newer. */
  cursor: string;
}

const TIMEOUT = 10_000;
/** Milliseconds between looks while another worker reads it, or the provider's lag passes. */
const LOOK = 50;

export async function fetchState<State>(
  engine: Engine,
  worker: Worker,
  kind: Kind,
  id: string,
  { scope = "", maxAge, timeout = TIMEOUT }: GetOptions,
): Promise<Known<State> | undefined> {
  const ref = { type: kind.name, scope, id };
  if (maxAge !== undefined) await refresh(engine, worker, kind, ref, maxAge, timeout);
  const [entry] = await engine.store.entries({ after: 0, limit: 1, ref, newest: true });
  if (!entry) return undefined;
  const { row } = await rowOf(engine, ref);
  const { log, compacted } = await engine.store.head();
  const fresh = Math.max(entry.at, freshness(row, kind));
  const state = entry.state === null ? null : JSON.parse(entry.state);
  return { state, at: dateOf(fresh), cursor: cursorOf(log, placeAfter(entry, compacted)) };
}

/** A clean row is as fresh as the latest read that found it. */
const freshness = (row: Row, { rules }: Kind): number =>
  row.due === null && row.present && row.seen !== null ? row.seen - rules.lag : 0;

async function refresh(engine: Engine, worker: Worker, kind: Kind, ref: Ref, maxAge: number, timeout: number) {
  const { time } = engine;
  const known = await rowOf(engine, ref);
  if (freshness(known.row, kind) >= known.tick - ticks(maxAge)) return;
  const hint = { type: kind.type, id: ref.id };
  await saveHints(engine, [{ type: ref.type, scope: ref.scope, hint }], { class: "live", via: "app" });
  const end = time.now() + timeout;
  for (;;) {
    await worker.readNow(ref);
    const { row } = await rowOf(engine, ref);
    if (row.due === null) return;
    if (time.now() >= end) {
      const why = waitsFor(engine, kind, ref) ?? row.error ?? "it is being read";
      throw new DOMException(`${ref.type} was not read within ${timeout} ms: ${why}`, "TimeoutError");
    }
    await engine.grown.wait(time, Math.min(LOOK, Math.max(1, end - time.now())));
  }
}

/** What of the budget it waits for; undefined: nothing. */
function waitsFor({ budget }: Engine, { provider }: Kind, { scope }: Ref): string | undefined {
  const wallet = budget.wallet(provider, scope);
  const rest = wallet.resting();
  if (rest !== undefined) return `its credential was told to wait, ${Math.ceil(rest / 1_000)} s more`;
  const wait = wallet.wait("live");
  return wait > 0 ? new BudgetSpent(wait).message : undefined;
}

/** The row as it is now; blank if nothing is known of the resource. */
async function rowOf({ store }: Engine, ref: Ref): Promise<{ row: Row; tick: Tick }> {
  let row = blank(ref);
  const { tick } = await store.update({ refs: [ref] }, (known) => {
    row = known;
    return undefined;
  });
  return { row, tick };
}
