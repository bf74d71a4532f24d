/**
 * Gaps, said aloud and closed: what was found is saved first, then a sweep of its types is wanted.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import type { Kind } from "../kind.ts";
import { FORGET } from "../row.ts";
import { dateOf, type Tick, ticks } from "../time.ts";
import { type Bounds, GAPS, type GapState, gapOf, gapsOf, isMet, isWorthSweeping, joinGap } from "./gap.ts";
import { allCheckpoints, placeOf, type SweepState, sweepName, sweepOf, wantSweep } from "./plan.ts";

/** A time of which changes may be missing, until the sweeps of its types are complete. */
export interface Gap {
  provider: string;
  scope: string;
  /** What could not tell: `"feed events"`, `"hook"`, or `"log"` after a cursor was lost. */
  what: string;
  /** What changed from then on may be missing; null: nobody knows since when. */
  from: Date | null;
  /** And up to then; null: it goes on. */
  to: Date | null;
  /** When it was found, or last became longer. */
  since: Date;
  /** The full types that are still to be swept. */
  types: readonly string[];
}

/** A gap as whoever finds it reports it. */
export interface Found extends Bounds {
  provider: string;
  scope: string;
  /** What could not tell; one name, one gap at a time. */
  what: string;
}

/** How many gaps of one scope are looked at at once: it has one per feed, at most. */
const MANY = 1_000;

type Acting = Pick<Engine, "store" | "kinds" | "time" | "emit" | "reconcileDue">;

/**
 * Opens a gap, or makes the one of that name longer, and has its types swept. It may be called as often as it is seen: what
 * is known already changes nothing. A gap that goes on (`to: null`) is closed only after a call that says when it ended.
 */
export async function openGap(engine: Acting, { provider, scope, what, ...bounds }: Found): Promise<void> {
  let longer = false;
  const step = (at: Checkpoint, tick: number): Checkpoint | undefined => {
    const known = gapOf(at);
    const next = joinGap(known, bounds, tick);
    longer ||= next.since !== known?.since;
    const value = JSON.stringify(next);
    return value === at.value ? undefined : { ...at, value, at: tick };
  };
  const { at } = await engine.store.checkpoint({ name: gapsOf(provider, scope) + what, step });
  const gap = gapFrom(at);
  if (longer && gap) tell(engine, gap, "open");
  await tendGap(engine, at);
}

/** All gaps of a scope: what a sweep has just proved closes them. */
export async function tendGaps(engine: Acting, provider: string, scope: string): Promise<void> {
  for (const at of await engine.store.checkpoints(gapsOf(provider, scope), "", MANY)) await tendGap(engine, at);
}

/**
 * Takes the types out of a gap whose sweeps are complete, closes it after the last one, and wants the sweeps that are
 * neither done nor under way: after a crash nobody else would.
 */
export async function tendGap(engine: Acting, at: Checkpoint): Promise<void> {
  const [gap, place] = [gapOf(at), placeOf(at.name)];
  if (!gap || !place) return;
  const met = new Set<string>();
  const now = ticks(engine.time.now());
  for (const type of gap.types) {
    const kind = engine.kinds.get(type);
    const sweep = kind ? await sweepIn(engine, type, place.scope) : undefined;
    if (kind && sweep && isMet(gap, sweep.completed, kind.listLag)) met.add(type);
    else if (kind && sweep && isWanting(gap, sweep, kind, now)) await wantSweep(engine, type, place.scope);
    // Another process may know a type that this one does not; one that nobody knows any more is swept by nobody.
    else if (!kind && now - gap.since > FORGET) met.add(type);
  }
  if (met.size > 0 || gap.types.length === 0) await take(engine, at, gap, met);
}

/** No sweep is under way, or wanted, that will show what the gap hid; and one would be of use. */
const isWanting = (gap: GapState, { begun, wanted }: SweepState, { listLag }: Kind, now: Tick): boolean =>
  isWorthSweeping(gap, begun, listLag, now) && (wanted === null || wanted < (begun ?? 0));

async function take(engine: Acting, { name }: Checkpoint, gap: GapState, met: ReadonlySet<string>): Promise<void> {
  let closed = false;
  const step = (at: Checkpoint): Checkpoint | undefined => {
    const now = gapOf(at);
    // It became longer meanwhile: what was proved is proved no more.
    if (!now || now.since !== gap.since || now.to !== gap.to) return undefined;
    const types = now.types.filter((type) => !met.has(type));
    if (types.length > 0) return { ...at, value: JSON.stringify({ ...now, types }) };
    closed = true;
    return { ...at, value: null };
  };
  await engine.store.checkpoint({ name, step });
  const was = gapFrom({ name, value: JSON.stringify(gap) });
  if (closed && was) tell(engine, was, "closed");
}

async function sweepIn({ store }: Pick<Engine, "store">, type: string, scope: string): Promise<SweepState> {
  const name = sweepName(type, scope);
  const at = (await store.checkpoints(name, "", 1)).find((one) => one.name === name);
  return sweepOf(at ?? { value: null });
}

function gapFrom(at: Pick<Checkpoint, "name" | "value">): Gap | undefined {
  const [gap, place] = [gapOf(at), placeOf(at.name)];
  if (!gap || !place) return undefined;
  const dated = (ms: number | null) => (ms === null ? null : new Date(ms));
  const { provider, scope, job: what } = place;
  return {
    ...{ provider, scope, what, from: dated(gap.from), to: dated(gap.to) },
    ...{ since: dateOf(gap.since), types: gap.types },
  };
}

const tell = (engine: Acting, { since: _, ...gap }: Gap, state: "open" | "closed") =>
  engine.emit({ kind: "gap", state, ...gap });

/** All that are open, but those of scopes that have left. */
export async function openGaps(engine: Pick<Engine, "store" | "scopes">): Promise<Gap[]> {
  const all = (await allCheckpoints(engine, GAPS)).flatMap((at) => gapFrom(at) ?? []);
  return all.filter(({ provider, scope }) => !engine.scopes.left(provider, scope));
}

/** A sentence for each thing that could not tell, however many scopes it is in. */
export function gapAlarms(gaps: readonly Gap[]): string[] {
  const alike = Map.groupBy(gaps, ({ provider, what }) => `${provider} ${what}`);
  return [...alike].map(([name, [first, ...others]]) => {
    const { scope = "", from = null, to = null, types = [] } = first ?? {};
    const where = [name, scope].filter(Boolean).join(" ");
    const when = `${from ? `from ${from.toISOString()} ` : ""}${to ? `to ${to.toISOString()}` : "until now"}`;
    const more = others.length > 0 ? `; and ${others.length} more scopes` : "";
    return `gap of ${where}: what changed ${when} may be missing until it is swept: ${types.join(", ")}${more}`;
  });
}

/** The full types of a feed, or of anything that names its provider's types. */
export const fullTypes = (provider: string, types: readonly string[]): string[] =>
  types.map((type) => `${provider}.${type}`);
