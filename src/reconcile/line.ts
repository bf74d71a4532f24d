/**
 * All lanes of one kind in one provider, and whose turn it is.
 *
 *   wanted      what a hint or a person asked for comes first
 *   due         then the most overdue, polls no faster than the pace
 *   ailing      a lane in which something failed has its turn among its like, in a part of the places: scopes that
 *               hang until the deadline cannot take the places of those that answer
 *   aside       what may not begin now, because it is paused, or a sweep whose feeds have no cursor yet
 *
 * A provider that does not answer holds up no other: each has places of its own.
 * @module
 */
import { Agenda } from "./agenda.ts";
import { type Job, type Lane, openLane, readyJobs, whenOf } from "./lane.ts";
import { Pace } from "./pace.ts";

/** Lanes under way at once, in one provider. */
const PLACES = { poll: 64, sweep: 16, hook: 4 } as const;
/** The part of the places that lanes in which something failed may take. */
const AILING = 0.25;

export type LineKind = keyof typeof PLACES;

export class Line {
  readonly kind: LineKind;
  readonly provider: string;
  readonly jobs: readonly Job[];
  readonly #lanes = new Map<string, Lane>();
  readonly #well = new Agenda<Lane>();
  readonly #ailing = new Agenda<Lane>();
  readonly #aside = new Set<Lane>();
  readonly #busy = new Map<Lane, "well" | "ailing">();
  readonly #pace = new Pace();
  /** The scopes as they were when they were followed last: another answer is another set. */
  #followed: Iterable<string> | undefined;

  constructor(kind: LineKind, provider: string, jobs: readonly Job[]) {
    this.kind = kind;
    this.provider = provider;
    this.jobs = jobs;
  }

  get size(): number {
    return this.#lanes.size;
  }

  lane(scope: string): Lane | undefined {
    return this.#lanes.get(scope);
  }

  /** Opens lanes for new scopes and forgets those that left, with all that was known of them. Answers how many are new. */
  follow(scopes: ReadonlySet<string>, now: number): number {
    if (this.#followed === scopes) return 0;
    this.#followed = scopes;
    for (const [scope, lane] of this.#lanes) if (!scopes.has(scope)) this.#forget(lane);
    const before = this.#lanes.size;
    for (const scope of scopes) {
      if (this.#lanes.has(scope)) continue;
      const lane = openLane(scope, this.jobs, now);
      this.#lanes.set(scope, lane);
      this.plan(lane, now);
    }
    const demand = this.jobs.reduce((sum, { every }) => sum + 1 / every, 0);
    this.#pace.demand = demand * this.#lanes.size;
    return this.#lanes.size - before;
  }

  #forget(lane: Lane): void {
    this.#lanes.delete(lane.scope);
    this.#leave(lane);
  }

  #leave(lane: Lane): void {
    this.#well.remove(lane);
    this.#ailing.remove(lane);
    this.#aside.delete(lane);
  }

  /** Puts a lane where its times say. */
  plan(lane: Lane, now: number): void {
    if (lane.busy || this.#lanes.get(lane.scope) !== lane) return;
    this.#leave(lane);
    const agenda = lane.failed ? this.#ailing : this.#well;
    if (this.jobs.length > 0) agenda.put(lane, whenOf(lane, this.jobs, now));
  }

  /** It may not begin now: it is left out until it is called back. */
  setAside(lane: Lane): void {
    this.#leave(lane);
    this.#aside.add(lane);
  }

  callBack(now: number): void {
    for (const lane of [...this.#aside]) this.plan(lane, now);
  }

  /** The lane whose turn it is; undefined: none, yet. `hurry`: whatever the pace. */
  next(now: number, hurry: boolean): Lane | undefined {
    const lane = this.#candidate();
    return lane && this.#waitFor(lane, now, hurry) <= 0 ? lane : undefined;
  }

  /** Milliseconds until something may begin; a lane that ends is looked at by itself. */
  wait(now: number): number {
    const lane = this.#candidate();
    return lane ? this.#waitFor(lane, now, false) : Number.POSITIVE_INFINITY;
  }

  #candidate(): Lane | undefined {
    if (this.#busy.size >= PLACES[this.kind]) return undefined;
    const well = this.#well.first();
    const ailing = [...this.#busy.values()].filter((how) => how === "ailing").length;
    const other = ailing < PLACES[this.kind] * AILING ? this.#ailing.first() : undefined;
    return well && other ? (other.when < well.when ? other : well) : (well ?? other);
  }

  #waitFor({ when }: Lane, now: number, hurry: boolean): number {
    if (when < 0 || hurry || when > now) return when - now;
    // A first sweep is what everybody waits for: sweeps have their places, and no pace.
    return this.kind === "sweep" ? 0 : this.#pace.wait(now);
  }

  begin(lane: Lane, now: number): void {
    if (lane.when >= 0) this.#pace.take(readyJobs(lane, this.jobs, now).length, now);
    this.#leave(lane);
    this.#busy.set(lane, lane.failed ? "ailing" : "well");
    lane.busy = true;
  }

  end(lane: Lane, now: number): void {
    this.#busy.delete(lane);
    lane.busy = false;
    this.plan(lane, now);
  }
}
