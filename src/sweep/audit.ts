/**
 * `audit()`: compares what is recorded with what the API says, and writes nothing.
 *
 * Everything is listed. What a list shows otherwise than it is recorded, and what it does not show, is fetched: only
 * then, and only if that read is certainly newer than the record and nothing is owed already, it is a difference.
 * @module
 */

import type { Spot } from "../budget.ts";
import type { Engine } from "../engine.ts";
import { BudgetSpent, Hidden, RetryLater } from "../errors.ts";
import type { Kind } from "../kind.ts";
import type { Page } from "../provider.ts";
import type { Relation, Row } from "../row.ts";
import type { Tick } from "../time.ts";
import { sleep } from "../time.ts";
import { call } from "../work/call.ts";
import { observe, type Reading, reading } from "../work/observe.ts";
import { createProbes, type Probe } from "../work/probe.ts";
import { read } from "../work/read.ts";

/** What an audit of one type in one scope came to. */
export interface AuditReport {
  type: string;
  scope: string;
  /** Resources compared. */
  checked: number;
  /** Those that are not as the API says. Empty: all is well. */
  differences: readonly Difference[];
  /** Those of which it cannot be said now: they are about to be read, may not be seen, or changed meanwhile. */
  unclear: number;
}

/** A resource that is not as the API says. */
export interface Difference {
  id: string;
  /** `missing`: it is there, and not recorded. `different`: its state is another one. `gone`: it is not there any more. */
  how: "missing" | "different" | "gone";
}

/** Ids compared at once. */
const BATCH = 100;
/** Live rows read at once. */
const PAGE = 1_000;

export async function audit(engine: Engine, kind: Kind, scope: string): Promise<AuditReport> {
  const seen = new Set<string>();
  const doubtful: string[] = [];
  for await (const { page, start } of pagesOf(engine, kind, scope)) {
    const doubts = await doubtsOf(engine, kind, scope, page, start);
    for (const [id, doubt] of doubts) {
      seen.add(id);
      if (doubt) doubtful.push(id);
    }
  }
  for await (const { id } of liveRows(engine, kind.name, scope)) if (!seen.has(id)) doubtful.push(id);
  const all = new Set([...seen, ...doubtful]);
  const probe = createProbes(engine);
  const differences: Difference[] = [];
  let unclear = 0;
  const { batch = BATCH } = kind.resource;
  for (let i = 0; i < doubtful.length; i += batch) {
    for (const [id, verdict] of await verify(engine, probe, kind, scope, doubtful.slice(i, i + batch))) {
      if (verdict === "unclear") unclear++;
      else if (verdict !== "same") differences.push({ id, how: verdict });
    }
  }
  return { type: kind.name, scope, checked: all.size, differences, unclear };
}

type Verdict = Difference["how"] | "same" | "unclear";

/** Pages of the list, with the tick at which each was asked for. Nothing for a type that cannot be listed. */
async function* pagesOf(
  engine: Engine,
  kind: Kind,
  scope: string,
): AsyncGenerator<{ page: Page<object>; start: Tick }> {
  const { list, within } = kind.resource;
  const spot: Spot = { provider: kind.provider, scope, class: "sweep" };
  if (list) yield* follow(engine, spot, (next, context) => list.call(kind.resource, next, context));
  if (!within) return;
  for await (const { id } of liveRows(engine, `${kind.provider}.${within.type}`, scope)) {
    try {
      yield* follow(engine, spot, (next, context) => within.list(id, next, context));
    } catch (error) {
      // What is within a parent that may not be seen is compared one by one.
      unseen(error);
    }
  }
}

async function* follow(
  engine: Engine,
  spot: Spot,
  list: (next: string | null, context: Parameters<Parameters<typeof call>[2]>[0]) => Promise<Page<object>>,
): AsyncGenerator<{ page: Page<object>; start: Tick }> {
  let next: string | null = null;
  do {
    const start = await now(engine);
    const place: string | null = next;
    const page: Page<object> = await patiently(engine, () =>
      call(engine, spot, (context) => list(place, context), { fresh: true }),
    );
    yield { page, start };
    next = page.next;
  } while (next !== null);
}

/** Which of a page's resources are not what is recorded, by what the page says. */
async function doubtsOf(engine: Engine, kind: Kind, scope: string, page: Page<object>, start: Tick) {
  const doubts = new Map<string, boolean>();
  if (page.items === undefined) {
    const rows = await rowsOf(
      engine,
      kind,
      scope,
      page.refs.map(({ id }) => id),
    );
    for (const { id, version } of page.refs) {
      const row = rows.get(id);
      doubts.set(id, !(row?.present && version !== undefined && row.version !== null && row.version >= version));
    }
    return doubts;
  }
  const how = { start, lag: kind.listLag, certain: false, via: "sweep" } as const;
  const readings = new Map(page.items.map((item) => [kind.resource.id(item), reading(kind, item, how)]));
  const rows = await rowsOf(engine, kind, scope, [...readings.keys()]);
  const to = await now(engine);
  for (const [id, read] of readings) doubts.set(id, relationOf(kind, rows.get(id), read, to) !== "same");
  return doubts;
}

/** Fetches what is in doubt. A read that the record overlaps is made once more, when the lag has passed. */
async function verify(engine: Engine, probe: Probe, kind: Kind, scope: string, ids: readonly string[]) {
  const verdicts = await compare(engine, probe, kind, scope, ids);
  const unclear = ids.filter((id) => verdicts.get(id) === "unclear");
  if (unclear.length === 0) return verdicts;
  if (kind.rules.lag < 60_000_000) await sleep(engine.time, kind.rules.lag / 1_000 + 1, engine.stopping);
  return new Map([...verdicts, ...(await compare(engine, probe, kind, scope, unclear))]);
}

async function compare(engine: Engine, probe: Probe, kind: Kind, scope: string, ids: readonly string[]) {
  const readings = new Map<string, Reading>();
  const rows = [...(await rowsOf(engine, kind, scope, ids)).values()];
  const start = await now(engine);
  // One by one where the API answers for one at a time: a hidden one must not hide the others.
  for (const some of kind.resource.fetchMany ? [rows] : rows.map((row) => [row])) {
    const answer = await patiently(engine, () => read(engine, probe, { kind, scope, rows: some, start })).catch(unseen);
    answer?.readings.forEach((read, i) => void readings.set(answer.rows[i]?.id ?? "", read));
  }
  const after = await rowsOf(engine, kind, scope, ids);
  const to = await now(engine);
  return new Map(ids.map((id) => [id, verdictOf(kind, after.get(id), readings.get(id), to)]));
}

const unseen = (error: unknown): undefined => {
  if (!(error instanceof Hidden)) throw error;
};

function verdictOf(kind: Kind, row: Row | undefined, read: Reading | undefined, to: Tick): Verdict {
  if (!read) return "unclear";
  const relation = relationOf(kind, row, read, to);
  if (relation === "same" || relation === "older") return "same";
  if (relation === "unordered" || !row || row.due !== null) return "unclear";
  if (read.state === null) return "gone";
  return row.present ? "different" : "missing";
}

const relationOf = (kind: Kind, row: Row | undefined, read: Reading, to: Tick): Relation | undefined =>
  row && observe(kind, row, read, to).relation;

async function rowsOf({ store }: Engine, { name: type }: Kind, scope: string, ids: readonly string[]) {
  const rows = new Map<string, Row>();
  await store.update({ refs: ids.map((id) => ({ type, scope, id })) }, (row) => void rows.set(row.id, row));
  return rows;
}

async function* liveRows({ store }: Engine, type: string, scope: string): AsyncGenerator<Row> {
  for (let after = { type, scope, id: "" }; ; ) {
    const page = await store.rows({ type, scope, state: "live", after, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    after = last;
  }
}

const now = async ({ store }: Engine): Promise<Tick> =>
  (await store.checkpoint({ name: "clock", step: () => undefined })).tick;

/** An audit is in no hurry: what is to wait, waits. */
async function patiently<T>({ time, stopping }: Engine, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RetryLater || error instanceof BudgetSpent)) throw error;
      await sleep(time, error.ms, stopping);
      stopping.throwIfAborted();
    }
  }
}
