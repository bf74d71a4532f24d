/**
 * The loss ledger: what webhooks lost, counted in memory, and added every ten seconds to a checkpoint per provider and hour.
 *
 *   judge    each hint that is put to its row: did a webhook tell of the event first, or a feed?
 *   record   each change: what found it, and how long after the provider's event
 *   flush    what was counted goes to the checkpoints, to which all processes of a store add
 *   report   what that comes to over an hour, a day and a week
 *   series   what it was in each hour
 *
 * A crash loses the counts of ten seconds at most. No change depends on any of them.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { Engine, Losses } from "../engine.ts";
import type { EngineEvent } from "../events.ts";
import { providerOf } from "../hints.ts";
import { allCheckpoints } from "../reconcile/plan.ts";
import type { Note, Row } from "../row.ts";
import { type Tick, ticks } from "../time.ts";
import {
  addBatch,
  type Batch,
  closeHour,
  HOUR,
  hourName,
  hourOf,
  hourOfName,
  hourOfSlot,
  LEDGER,
  type Slot,
  slotOf,
} from "./hour.ts";
import { byType, GRACE, type Loss, lossOf } from "./rates.ts";
import { type LossHour, seriesOf } from "./series.ts";
import { bucketOf, type Counter, count, nothing, type Tally } from "./tally.ts";
import { forgotten, verdictOf } from "./verdict.ts";

/** Milliseconds from one flush to the next. */
const EVERY = 10_000;
/** Hours for which counts are kept: a week, and what its end cuts off. */
export const KEPT = 8 * 24;
/** Checkpoints that are forgotten in one look. */
const PAGE = 100;

type Needed = Pick<Engine, "store" | "time" | "providers" | "emit"> & {
  owner: string;
  /** Is told of an event that a feed named first. */
  named?: (note: Note, tick: Tick) => void;
};
type Counting = Map<number, Map<string, Map<string, Tally>>>;
/** A part of what was counted on its way to the checkpoint of that name. */
interface Bound {
  name: string;
  number: number;
  batch: Batch;
}

/** @param owner the process's own name among all those of the store */
export function createLosses(engine: Needed): Losses {
  const { store, time, owner, named = () => {} } = engine;
  /** By provider. */
  let counting = new Map<string, Counting>();
  let bound: Bound[] = [];
  let batches = 0;
  let flushing: Promise<void> | undefined;
  let told = slotOf(time.now());
  let cleaned = 0;

  function at(type: string, scope: string, slot: number): Tally {
    const provider = providerOf(type);
    const slots = known(counting, provider, () => new Map() as Counting);
    const scopes = known(known(slots, slot, newMap<Map<string, Tally>>), type, newMap<Tally>);
    return known(scopes, scope, nothing);
  }

  function judge(before: Row, after: Row, note: Note, tick: Tick): void {
    const { type, scope } = note;
    const tally = (when: Tick) => at(type, scope, slotOf(when / 1_000));
    if (note.via === "webhook") count(tally(tick).counts, "heard");
    const verdict = verdictOf(before, note, tick);
    if (verdict?.kind === "late") {
      // To where it was counted as named: what is late is lost no more, however late it is.
      const { counts, lateness } = tally(verdict.named);
      count(counts, "late");
      if (verdict.judged) count(counts, "mended");
      count(lateness, String(bucketOf((tick - verdict.named) / 1_000)));
    } else if (verdict) count(tally(tick).counts, verdict.kind);
    if (verdict?.kind === "named") named(note, tick);
    const cause = forgotten(before, after);
    if (!cause || tick - cause.tick >= ticks(GRACE)) return;
    const { counts } = tally(cause.tick);
    count(counts, "named", -1);
    count(counts, "unsure");
  }

  function record(event: EngineEvent): void {
    if (event.kind !== "change") return;
    const { type, scope, via, lag } = event;
    const found = FOUND[via];
    if (found === undefined) return;
    const tally = at(type, scope, slotOf(time.now()));
    count(tally.counts, found);
    if (lag !== undefined) count(tally.lag, String(bucketOf(lag)));
  }

  /** What was counted becomes batches with numbers: given twice, each counts once. */
  function bind(): void {
    for (const [provider, slots] of counting) {
      for (const [hour, batch] of byHour(slots))
        bound.push({ name: hourName(provider, hour), number: ++batches, batch });
    }
    counting = new Map();
  }

  async function save(): Promise<void> {
    bind();
    for (let one = bound[0]; one; one = bound[0]) {
      const { name, number, batch } = one;
      await store.checkpoint({
        name,
        step(checkpoint, tick) {
          const hour = addBatch(hourOf(checkpoint), owner, number, batch);
          return hour && { ...checkpoint, value: JSON.stringify(hour), at: tick };
        },
      });
      bound = bound.slice(1);
    }
  }

  async function flush(): Promise<void> {
    flushing ??= save().finally(() => {
      flushing = undefined;
    });
    await flushing;
  }

  /** Once an hour. The names of a provider's hours sort by time: what is too old comes first. */
  async function clean(): Promise<void> {
    const now = Math.floor(time.now() / HOUR);
    const oldest = now - KEPT;
    if (oldest <= cleaned) return;
    for (const provider of Object.keys(engine.providers)) {
      await store.checkpoint({ name: hourName(provider, now - 2), step: closed });
      const prefix = hourName(provider, 0).slice(0, -7);
      for (let some = true; some; ) {
        const page = await store.checkpoints(prefix, "", PAGE);
        const old = page.filter(({ name }) => (hourOfName(name)?.hour ?? oldest) < oldest);
        for (const { name } of old) await store.checkpoint({ name, step: (one) => ({ ...one, value: null }) });
        some = old.length === PAGE;
      }
    }
    cleaned = oldest;
  }

  /** The slots of the hours that are looked at, with what this process has not saved yet. */
  async function slotsOf(look: () => Promise<Checkpoint[]>): Promise<[slot: number, Slot][]> {
    bind();
    // Before the look: what is saved meanwhile is in both, and counts once.
    const waiting = [...bound];
    const hours = new Map((await look()).map((one) => [one.name, hourOf(one)]));
    for (const { name, number, batch } of waiting) {
      const hour = hours.get(name) ?? hourOf({ value: null });
      hours.set(name, addBatch(hour, owner, number, batch) ?? hour);
    }
    return [...hours.values()].flatMap(({ slots }) =>
      Object.entries(slots).map(([slot, counted]): [number, Slot] => [Number(slot), counted]),
    );
  }

  async function report(): Promise<Loss[]> {
    const now = time.now();
    const slots = await slotsOf(() => allCheckpoints(engine, LEDGER));
    return [...byType(slots)].flatMap(([type, scopes]) =>
      [...scopes].map(([scope, counted]) => lossOf(type, scope, counted, now, isNamed(engine, type))),
    );
  }

  /** Names sort by time: an hour is found without a look at those before it. */
  async function series(hours: number): Promise<LossHour[]> {
    const now = time.now();
    const first = Math.floor(now / HOUR) - hours + 1;
    const slots = await slotsOf(async () => {
      const providers = Object.keys(engine.providers).map((provider) => hourName(provider, first - 1));
      return (
        await Promise.all(providers.map((name) => store.checkpoints(name.slice(0, -7), name, KEPT + PAGE)))
      ).flat();
    });
    return seriesOf(slots, first, now);
  }

  async function run(): Promise<number> {
    await flush();
    await clean();
    const slot = slotOf(time.now());
    if (slot === told) return EVERY;
    for (const loss of await report()) if (loss.scope === null) engine.emit({ kind: "loss", ...loss });
    told = slot;
    return EVERY;
  }

  const heard = (type: string, scope: string) => count(at(type, scope, slotOf(time.now())).counts, "heard");
  const missed = (type: string, scope: string) => count(at(type, scope, slotOf(time.now())).counts, "missed");
  return { judge, heard, missed, record, flush, run, report, series };
}

function closed(at: Checkpoint): Checkpoint | undefined {
  const hour = closeHour(hourOf(at));
  return hour && { ...at, value: JSON.stringify(hour) };
}

/** The counters of changes; what was there before, and what the application asked for, are not. */
const FOUND: { [via: string]: Counter | undefined } = { webhook: "webhook", poll: "poll", sweep: "sweep" };

const newMap = <T>(): Map<string, T> => new Map();

function known<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function byHour(slots: Counting): Map<number, Batch> {
  const hours = new Map<number, Counting>();
  for (const [slot, types] of slots) known(hours, hourOfSlot(slot), () => new Map() as Counting).set(slot, types);
  return hours;
}

/** Whether a feed of the type names what webhooks should bring. */
function isNamed({ providers }: Pick<Engine, "providers">, type: string): boolean {
  const provider = providerOf(type);
  const short = type.slice(provider.length + 1);
  const feeds = Object.values(providers[provider]?.feeds ?? {});
  return feeds.some((feed) => feed.webhooks && feed.types.includes(short));
}
