/**
 * A sync elsewhere, through its HTTP handler: what of it can be looked at and done from here.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { AuditReport, Change, Health, Known, ParkedChange, SweepReport } from "tidemark";
import { type Ask, createAsk } from "./ask.ts";

interface Ref {
  type: string;
  scope?: string;
  id: string;
}

/** What the commands need of a sync, from a store at hand or over HTTP. */
export interface Source {
  changes(asked: Asked): AsyncIterable<Change> & { readonly cursor: string | null };
  get(type: string, id: string, options: { scope?: string; maxAge?: number }): Promise<Known<unknown> | undefined>;
  history(type: string, id: string, options: { scope?: string }): AsyncIterable<Change>;
  health(): Promise<Health>;
  sweep(type: string | undefined, options: { scope?: string }): Promise<SweepReport[]>;
  audit(type: string | undefined, options: { scope?: string }): Promise<AuditReport[]>;
  parked(name: string): Promise<ParkedChange[]>;
  retry(name: string): Promise<number>;
  skip(name: string, ref: Ref): Promise<boolean>;
  rewind(name: string, cursor: string | null): Promise<void>;
}

export interface Asked {
  after?: string | null;
  from?: "start" | "now";
  follow?: boolean;
  types?: readonly string[];
  scope?: string;
  signal?: AbortSignal;
}

/** Milliseconds from one look at the end of the log to the next. */
const LOOK = 1_000;

export function remoteSource(url: string, token: string | undefined): Source {
  const ask = createAsk(url, token);
  const act = async (path: string, body: object) => (await ask("POST", path, { body })).body;
  const of = (name: string, what: string) => `/subscriptions/${encodeURIComponent(name)}/${what}`;
  return {
    changes: (asked) => changesOf(ask, asked),
    async get(type, id, { scope, maxAge }) {
      const query = new URLSearchParams();
      if (scope !== undefined) query.set("scope", scope);
      if (maxAge !== undefined) query.set("maxAge", `${maxAge}`);
      const path = `/resources/${encodeURIComponent(type)}/${encodeURIComponent(id)}?${query}`;
      const { status, body } = await ask("GET", path, { also: ({ body }) => body?.error === "never seen" });
      return status === 404 ? undefined : body;
    },
    async *history(type, id, { scope }) {
      const query = new URLSearchParams({ limit: "1000", ...(scope !== undefined && { scope }) });
      const path = `/history/${encodeURIComponent(type)}/${encodeURIComponent(id)}?${query}`;
      const { changes } = (await ask("GET", path)).body as { changes: Change[] };
      yield* changes.reverse().map(dated);
    },
    health: async () => (await ask("GET", "/health", { also: ({ body }) => body?.alarms !== undefined })).body,
    sweep: async (type, where) => (await act("/sweep", { type, ...where })).reports,
    audit: async (type, where) => (await act("/audit", { type, ...where })).reports,
    async parked(name) {
      const { parked } = (await ask("GET", of(name, "parked"))).body as { parked: ParkedChange[] };
      return parked.map((one) => ({ ...one, due: new Date(one.due) }));
    },
    retry: async (name) => (await act(of(name, "retry"), {})).resources,
    skip: async (name, ref) => (await act(of(name, "skip"), ref)).skipped,
    rewind: async (name, cursor) => void (await act(of(name, "rewind"), { cursor })),
  };
}

/** Over HTTP a date is text. */
const dated = (change: Change): Change => ({ ...change, at: new Date(change.at) });

/** Page after page. At the end of the log it looks again now and then. */
function changesOf(ask: Ask, { after = null, from = "start", follow = true, types, scope, signal }: Asked) {
  let cursor = after;
  async function* pull(): AsyncGenerator<Change> {
    for (let first = true; !signal?.aborted; first = false) {
      const query = new URLSearchParams({ limit: "1000" });
      if (cursor !== null) query.set("after", cursor);
      else if (first && from === "now") query.set("from", "now");
      if (types) query.set("types", types.join(","));
      if (scope !== undefined) query.set("scope", scope);
      const page: { changes: Change[]; cursor: string | null; more: boolean } = (await ask("GET", `/changes?${query}`))
        .body;
      for (const change of page.changes) {
        cursor = change.cursor;
        yield dated(change);
      }
      cursor = page.cursor;
      if (page.more) continue;
      if (!follow) return;
      await pause(LOOK, undefined, { signal }).catch(() => {});
    }
  }
  return {
    get cursor() {
      return cursor;
    },
    [Symbol.asyncIterator]: pull,
  };
}
