/**
 * Holds mass deletions back. Where much of a type vanishes within an hour, more likely a credential was exchanged or an
 * account emptied by mistake than that all of it was deleted; and what a consumer does with a tombstone is often final.
 *
 * Beyond {@link SHARE} of what was live, and more than {@link LEAST}, absences of a type in a scope are not believed
 * until a later sweep finds the same: the next one on schedule, or one that a person asks for. One that something else
 * led to, such as a webhook, proves nothing: it would meet the same wrong key. Until then health raises an alarm, and
 * what is recorded stays.
 * @module
 */
import { z } from "zod";
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine } from "../engine.ts";
import type { Kind } from "../kind.ts";
import { allCheckpoints, sweepName, sweepOf } from "../reconcile/plan.ts";
import { type Tick, ticks } from "../time.ts";

/** The part of the live resources of a type and scope that may vanish within an hour. */
const SHARE = 0.2;
/** So many may in any case. */
const LEAST = 10;
const HOUR = ticks(3_600_000);

const guardState = z.object({
  /** When this count began. */
  since: z.number(),
  /** Tombstones since then. */
  count: z.number(),
  /** When it became too many; null: it did not. */
  tripped: z.number().nullable(),
  /** Absences that were not believed since then. */
  held: z.number(),
  /** When a person asked for a sweep since then; null: nobody did. */
  asked: z.number().nullable(),
  /** When the last of those was believed that a later sweep confirmed; null: none yet. */
  passed: z.number().nullable(),
});
export type GuardState = z.infer<typeof guardState>;

const QUIET: GuardState = { since: 0, count: 0, tripped: null, held: 0, asked: null, passed: null };

/** What a decision is made of. */
export interface Absences {
  now: Tick;
  /** How many live resources a read found absent. */
  absent: number;
  /** Live resources of the type and scope. */
  live: number;
  /** When the latest sweep began; 0: never. */
  swept: Tick;
  /** From one sweep to the next. */
  period: Tick;
}

/** Whether a sweep came that confirms what is held back: on schedule, so half a period later at least, or asked for. */
function isConfirmed({ tripped, asked }: GuardState, { swept, period }: Pick<Absences, "swept" | "period">): boolean {
  if (tripped === null) return false;
  return swept >= tripped + period / 2 || (asked !== null && swept >= asked);
}

/** A count ends after an hour; one that tripped, an hour after the last of what a later sweep confirmed. */
function isOver(state: GuardState, seen: Absences): boolean {
  const { since, tripped, passed } = state;
  if (tripped === null) return seen.now - since > HOUR;
  if (passed !== null) return seen.now - passed > HOUR;
  // A later sweep came, and confirmed nothing: a new alarm would be about something else.
  return isConfirmed(state, seen) && seen.now - tripped > 2 * seen.period;
}

/** Whether absences are held back. Pure. */
export function judge(state: GuardState, seen: Absences): { state: GuardState; hold: boolean } {
  const { now, absent, live } = seen;
  if (isOver(state, seen)) return judge({ ...QUIET, since: now }, seen);
  if (isConfirmed(state, seen)) return { state: { ...state, passed: now }, hold: false };
  if (state.tripped !== null) return { state: { ...state, held: state.held + absent }, hold: true };
  const count = state.count + absent;
  const tooMany = count > LEAST && count > SHARE * (live + state.count);
  if (tooMany) return { state: { ...state, tripped: now, held: absent }, hold: true };
  return { state: { ...state, count }, hold: false };
}

const PREFIX = "guard|";
const guardName = (type: string, scope: string): string => `${PREFIX}${type}|${encodeURIComponent(scope)}`;

function guardOf({ value }: Pick<Checkpoint, "value">): GuardState {
  return (value === null ? undefined : guardState.safeParse(JSON.parse(value)).data) ?? QUIET;
}

/** Whether so many absences of a type in a scope are to be held back. Counted before they are recorded. */
export async function holdsBack(engine: Engine, { name: type }: Kind, scope: string, absent: number): Promise<boolean> {
  const { store, emit } = engine;
  if (await isFew(engine, type, scope, absent)) return false;
  const swept = await sweptAt(engine, type, scope);
  const live = (await store.survey()).find((one) => one.type === type && one.scope === scope)?.live ?? 0;
  let hold = false;
  await store.checkpoint({
    name: guardName(type, scope),
    step(at, now) {
      const verdict = judge(guardOf(at), { now, absent, live, swept, period: ticks(engine.sweepEvery) });
      hold = verdict.hold;
      return { ...at, value: JSON.stringify(verdict.state), at: now };
    },
  });
  if (hold) emit({ kind: "held", type, scope, absent });
  return hold;
}

/** Whether so few are missing that they are believed however many there are: then nothing is asked but the count. */
async function isFew({ store }: Engine, type: string, scope: string, absent: number): Promise<boolean> {
  let few = false;
  await store.checkpoint({
    name: guardName(type, scope),
    step(at, now) {
      const state = guardOf(at);
      const verdict = judge(state, { now, absent, live: 0, swept: 0, period: Number.POSITIVE_INFINITY });
      few = state.tripped === null && !verdict.hold;
      return few ? { ...at, value: JSON.stringify(verdict.state), at: now } : undefined;
    },
  });
  return few;
}

/** A person asks for a sweep: what it does not find either is believed to be gone. */
export async function allow({ store }: Engine, type: string, scope: string): Promise<void> {
  const name = guardName(type, scope);
  const step = (at: Checkpoint, tick: Tick) => {
    const state = guardOf(at);
    return state.tripped === null ? undefined : { ...at, value: JSON.stringify({ ...state, asked: tick }) };
  };
  await store.checkpoint({ name, step });
}

/** A sweep is complete. One that may confirm, and misses no more than may vanish in any case, ends the alarm. */
export async function relieve(engine: Engine, type: string, scope: string, swept: Tick, suspects: number) {
  const name = guardName(type, scope);
  const [known] = await engine.store.checkpoints(name, "", 1);
  if (known?.name !== name || suspects > LEAST) return;
  const period = ticks(engine.sweepEvery);
  const step = (at: Checkpoint) =>
    isConfirmed(guardOf(at), { swept, period }) ? { ...at, value: JSON.stringify(QUIET) } : undefined;
  await engine.store.checkpoint({ name, step });
}

async function sweptAt({ store }: Engine, type: string, scope: string): Promise<Tick> {
  const name = sweepName(type, scope);
  const at = (await store.checkpoints(name, "", 1)).find((one) => one.name === name);
  return sweepOf(at ?? { value: null }).begun ?? 0;
}

/** What is held back now, a sentence each. */
export async function guardAlarms(engine: Engine): Promise<string[]> {
  const alarms: string[] = [];
  for (const at of await allCheckpoints(engine, PREFIX)) {
    const [type = "", scope = ""] = at.name.slice(PREFIX.length).split("|").map(decodeURIComponent);
    const state = guardOf(at);
    const { tripped, held } = state;
    if (tripped === null) continue;
    const swept = await sweptAt(engine, type, scope);
    if (isConfirmed(state, { swept, period: ticks(engine.sweepEvery) })) continue;
    alarms.push(
      `${type} ${scope}: ${held} deletions are held back, because more than ${SHARE * 100} % of it vanished within an ` +
        `hour. Look whether the credential is the right one; the next sweep, or sync.sweep("${type}"), confirms them`,
    );
  }
  return alarms;
}
