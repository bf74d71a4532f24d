/**
 * One run of a subscription, while its place in the log is held: changes go to the handler, and how far it came is saved.
 *
 * Without `transaction` a page of changes is handled and then the place after it saved. With it each change is handled
 * in a transaction of the store that also saves the place after it. Not a page of them: a handler that throws would undo
 * what others of the page wrote, and the database would be locked for as long as all of them take.
 * @module
 */
import { type Change, changeOf, type Place, placeAfter } from "../change.ts";
import type { Engine } from "../engine.ts";
import { describe, HandlerError } from "../errors.ts";
import { keyOf } from "../hints.ts";
import type { Held } from "../hold.ts";
import type { Ref } from "../row.ts";
import type { Entry, Move } from "../store.ts";
import { readPage } from "../stream.ts";
import { concernsAll, firstHalt, haltAt, isHalted, pauseAfter } from "./halt.ts";
import { type Halt, MOST_PARKED, merge, type Parked, type SubscriptionState, subscriptionOf } from "./subscription.ts";

/** What a handler is. It may be called again with the same change after a crash. */
export type Handler<C> = (change: C) => unknown;

/**
 * A handler that writes in the store's own transaction: what it writes there is saved with the subscription's place, or
 * not at all. It must not end the transaction; with SQLite it must not return a promise.
 *
 * @typeParam Handle what it writes with: a `DatabaseSync` of SQLite, a client of `pg`
 */
export type TransactionHandler<C, Handle> = (change: C, tx: Handle) => unknown;

/** What is to be delivered to whom. */
export interface Pushed {
  name: string;
  types: readonly string[] | undefined;
  initial: boolean;
  concurrency: number;
  transaction: boolean;
  handler: TransactionHandler<Change, unknown>;
}

/** What a run works on: a place in the log that is held, for all resources or for some. */
export interface HeldPart {
  held: Held;
  /** A move of `held`, as the store is to make it. */
  wire(move: Move): Move;
  /** Whether changes of this resource are for this part. */
  has(ref: Ref): boolean;
  /** The place beyond which it must not go for now. */
  limit(): Place | undefined;
}

export type Run = ReturnType<typeof createRun>;

/** What is to be remembered of a change whose handler threw. */
type Fault = { parked: Parked; halt?: undefined } | { halt: Halt };

export function createRun(engine: Engine, subscription: Pushed, part: HeldPart, begun: SubscriptionState) {
  const { store, time, stopping } = engine;
  const { name, types, initial, concurrency, transaction, handler } = subscription;
  const filter = types ? { types } : {};
  let state = begun;
  let handled = 0;
  /** Of the place that is read from. */
  let since = begun.since;
  /** How often in a row it stood still. */
  let halts = begun.halt?.attempts ?? 0;

  const comeTo = (place: Place): SubscriptionState => ({ ...state, since: undefined, ...placeAfter(place, since) });

  /** The move that saves a state, and what follows when it was made. */
  const saving = (next: SubscriptionState) => {
    let merged = next;
    const move = part.held.advance((at) => {
      merged = merge(state, subscriptionOf(at) ?? state, next);
      return JSON.stringify(merged);
    });
    const saved = (tick: number) => {
      part.held.moved(tick);
      state = merged;
    };
    return { move: part.wire(move), saved };
  };
  const save = async (next: SubscriptionState) => {
    const { move, saved } = saving(next);
    saved((await store.checkpoint(move)).tick);
  };

  /** Calls the handler. Answers what it threw. What throws here is not its fault. */
  const call = async (change: Change, after: SubscriptionState): Promise<{ cause: unknown } | undefined> => {
    let thrown: { cause: unknown } | undefined;
    const failed = (cause: unknown): never => {
      thrown = { cause };
      throw cause;
    };
    const work = (tx?: unknown) => {
      try {
        const answer = handler(change, tx);
        return isThenable(answer) ? Promise.resolve(answer).catch(failed) : answer;
      } catch (cause) {
        return failed(cause);
      }
    };
    try {
      if (!transaction) await work();
      else {
        const { move, saved } = saving(after);
        const done = await store.transaction?.(work, move);
        if (done) saved(done.tick);
      }
    } catch (cause) {
      if (!thrown && !(cause instanceof HandlerError)) throw cause;
      return { cause };
    }
    return undefined;
  };

  /** Handles one change. Answers what came of it if the handler threw. `after`: what is true when it was handled. */
  const attempt = async (entry: Entry, attempts: number, after: SubscriptionState): Promise<Fault | undefined> => {
    const change = changeOf(state.log, entry, since);
    if (change.initial && !initial) return undefined;
    handled++;
    const { type, scope, id, position, tick } = entry;
    const begun = time.now();
    const thrown = await call(change, after);
    const now = time.now();
    const causes = entry.causes.length > 0 && { causes: entry.causes.map((cause) => cause.id) };
    const told = { subscription: name, type, scope, id, position, ms: now - begun, ...causes };
    if (!thrown) {
      halts = 0;
      engine.emit({ kind: "handled", ...told, behind: Math.max(0, now - tick / 1_000) });
      return undefined;
    }
    const { cause } = thrown;
    const draw = time.random();
    if (concernsAll(cause)) return { halt: haltAt(entry, cause, { attempts: halts, now, draw }) };
    const error = describe(cause);
    engine.emit({ kind: "parked", ...told, attempts: attempts + 1, error });
    const due = now + pauseAfter(attempts, draw);
    return { parked: { type, scope, id, position, attempts: attempts + 1, due, error } };
  };

  /** Saves where it stands still, too, and says so. */
  const saveHalt = async (next: SubscriptionState, halt: Halt) => {
    await save({ ...next, halt });
    const { type, scope, id, attempts, error, due } = halt;
    const ms = due === null ? null : due - time.now();
    engine.emit({ kind: "halted", subscription: name, type, scope, id, attempts, error, ms });
  };

  /**
   * Handles a page in log order, several resources at once where asked for. Answers what was parked, where it stands still
   * and how far it came.
   */
  async function handlePage(entries: readonly Entry[]) {
    let parked = parkedIn(state);
    const before = new Map<string, Promise<void>>();
    const active = new Set<Promise<void>>();
    let last: Place | undefined;
    let trouble: { cause: unknown } | undefined;
    const halted: Halt[] = [];
    /** The first change that was begun and not handled. */
    let undone = Number.POSITIVE_INFINITY;
    const handle = async (entry: Entry) => {
      const key = keyOf(entry);
      if (trouble || parked.has(key)) return;
      const { position } = entry;
      if (halted.length > 0) {
        undone = Math.min(undone, position);
        return;
      }
      const after = { ...comeTo(entry), parked: [...parked.values()], halt: null };
      const fault = await attempt(entry, 0, after);
      // What was saved meanwhile has a person's changes of what is parked.
      if (transaction) parked = new Map([...parked, ...parkedIn(state)]);
      if (fault?.halt) {
        undone = Math.min(undone, position);
        halted.push(fault.halt);
      } else if (fault) parked.set(key, fault.parked);
    };
    for (const entry of entries) {
      while (active.size >= concurrency) await Promise.race(active);
      if (stopping.aborted || trouble || halted.length > 0 || parked.size >= MOST_PARKED) break;
      last = entry;
      const key = keyOf(entry);
      const done = (before.get(key) ?? Promise.resolve())
        .then(() => handle(entry))
        .catch((cause: unknown) => {
          trouble ??= { cause };
        });
      const tracked: Promise<void> = done.finally(() => active.delete(tracked));
      before.set(key, tracked);
      active.add(tracked);
    }
    await Promise.all(active);
    if (trouble) throw trouble.cause;
    const halt = firstHalt(halted);
    if (halt) last = entries.filter(({ position }) => position < undone).at(-1);
    return { parked, last, halt };
  }

  /** Tries one parked resource again: the change that failed, and what came behind it. */
  async function retry(one: Parked): Promise<{ still?: Parked; halt?: Halt }> {
    const { type, scope, id } = one;
    let attempts = one.attempts;
    for (let after = one.position - 1; ; ) {
      const entries = await store.entries({ after, limit: 100, ref: { type, scope, id } });
      for (const entry of entries) {
        if (entry.position > state.position) return {};
        const still = { ...one, position: entry.position, attempts };
        if (stopping.aborted) return { still };
        const fault = await attempt(entry, attempts, passed(state, entry));
        if (fault) return fault.halt ? { still, halt: fault.halt } : { still: fault.parked };
        attempts = 0;
        after = entry.position;
      }
      if (entries.length === 0) return {};
    }
  }

  const halted = () => isHalted(state, time.now());

  return {
    get state() {
      return state;
    },
    handled: () => handled,
    /** Whether it stands still for now. */
    isHalted: halted,
    /** Remembers where a new subscription begins. */
    begin: () => save(state),
    async retryParked() {
      for (const one of state.parked.filter(({ due }) => due <= time.now())) {
        if (stopping.aborted || halted()) return;
        const { still, halt } = await retry(one);
        const parked = state.parked.flatMap((other) => (keyOf(other) !== keyOf(one) ? [other] : still ? [still] : []));
        if (halt) await saveHalt({ ...state, parked }, halt);
        else await save({ ...state, parked, halt: null });
      }
    },
    /** Answers whether there may be more. */
    async deliverPage(): Promise<boolean> {
      const page = await readPage(engine, state, filter);
      since = page.since;
      const { entries, end } = upTo(page, part.limit());
      if (end.position <= state.position) return false;
      const mine = entries.filter((entry) => part.has(entry));
      const { parked, last, halt } = await handlePage(mine);
      const whole = mine.length === 0 || last?.position === mine.at(-1)?.position;
      const next = { ...comeTo(whole ? end : (last ?? state)), parked: [...parked.values()], halt: null };
      if (halt) await saveHalt(next, halt);
      else await save(next);
      return whole;
    },
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

const parkedIn = ({ parked }: SubscriptionState) => new Map(parked.map((one) => [keyOf(one), one]));

/** The first change that a resource is parked at was handled; what waits behind it comes next. */
const passed = (state: SubscriptionState, entry: Entry): SubscriptionState => ({
  ...state,
  halt: null,
  parked: state.parked.map((one) =>
    keyOf(one) === keyOf(entry) ? { ...one, position: entry.position + 1, attempts: 0 } : one,
  ),
});

/** What of a page lies within a limit. */
export function upTo(page: { entries: Entry[]; end: Place }, limit: Place | undefined) {
  if (!limit || page.end.position <= limit.position) return page;
  return { entries: page.entries.filter(({ position }) => position <= limit.position), end: limit };
}
