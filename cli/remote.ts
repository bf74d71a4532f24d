/**
 * A sync elsewhere, through its HTTP handler: what of it can be looked at from here.
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Change, Health, Known } from "tidemark";
import { Trouble } from "./io.ts";

/** What `tail`, `show` and `health` need, from a store at hand or over HTTP. */
export interface Source {
  changes(asked: Asked): AsyncIterable<Change> & { readonly cursor: string | null };
  get(type: string, id: string, options: { scope?: string; maxAge?: number }): Promise<Known<unknown> | undefined>;
  health(): Promise<Health>;
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
  const base = url.replace(/\/+$/, "");
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };

  /** The answer as JSON; undefined: there is none of it. */
  async function ask(path: string, also: readonly number[] = []): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, { headers, redirect: "error" });
    } catch (cause) {
      throw new Trouble(`${base} does not answer: is the process running, and is the address right?`, { cause });
    }
    if (response.ok || also.includes(response.status)) return response.json();
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    if (response.status === 404 && error === "never seen") return undefined;
    if (response.status === 401 || response.status === 403) {
      throw new Trouble(`${base} refuses: ${error ?? response.status}; give --token or set TIDEMARK_TOKEN`);
    }
    throw new Trouble(`${base}${path.split("?")[0]} answered ${response.status}: ${error ?? "no reason given"}`);
  }

  return {
    changes({ after = null, from = "start", follow = true, types, scope, signal }) {
      let cursor = after;
      async function* pull(): AsyncGenerator<Change> {
        for (let first = true; !signal?.aborted; first = false) {
          const query = new URLSearchParams({ limit: "1000" });
          if (cursor !== null) query.set("after", cursor);
          else if (first && from === "now") query.set("from", "now");
          if (types) query.set("types", types.join(","));
          if (scope !== undefined) query.set("scope", scope);
          const page = (await ask(`/changes?${query}`)) as { changes: Change[]; cursor: string | null; more: boolean };
          for (const change of page.changes) {
            cursor = change.cursor;
            yield { ...change, at: new Date(change.at) };
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
    },
    async get(type, id, { scope, maxAge }) {
      const query = new URLSearchParams();
      if (scope !== undefined) query.set("scope", scope);
      if (maxAge !== undefined) query.set("maxAge", `${maxAge}`);
      const known = await ask(`/resources/${encodeURIComponent(type)}/${encodeURIComponent(id)}?${query}`);
      return known as Known<unknown> | undefined;
    },
    health: async () => (await ask("/health", [503])) as Health,
  };
}
