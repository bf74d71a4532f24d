/**
 * What the engine tells about itself: one union of events, from which metrics and logs are built.
 * Nothing in it carries a payload, a state or a secret.
 * @module
 */

import type { Progress } from "./health/progress.ts";
import type { HookFault } from "./hook/known.ts";
import type { Loss } from "./loss/rates.ts";
import type { Class, Ref, Relation, Via } from "./row.ts";

/** The ids of the provider's events that led to it, the latest last, at most 16; left out where none is known. */
interface Caused {
  causes?: readonly string[];
}

/** Something the engine did or met. `scope` is `""` where the provider has only one. */
export type EngineEvent =
  /** A webhook was answered. `ignored`: signed, but nothing that is synchronized. */
  | ({
      kind: "webhook";
      provider: string;
      scope: string;
      outcome: "accepted" | "ignored" | "answered" | "rejected" | "unreadable" | "unsaved";
      /** The resources hinted at, by full type. */
      types: readonly string[];
      /** The resources themselves, at most 16: what joins a webhook with the reads that follow it. */
      refs: readonly Ref[];
      /** Milliseconds from the request to its answer. */
      ms: number;
      /** HTTP status of the answer. */
      status: number;
      /** Why it was not accepted. */
      reason?: string;
    } & Caused)
  /** A resource was fetched. `hidden`: it cannot be seen. `failed`: it will be read again. */
  | ({
      kind: "read";
      type: string;
      scope: string;
      id: string;
      outcome: Relation | "failed" | "hidden";
      /** What it was for. */
      class: Class;
      /** Milliseconds from when it began to when it was recorded. */
      ms: number;
      error?: string;
    } & Caused)
  /** A credential was told to wait, for so many ms at least: nothing is asked with it until then. */
  | { kind: "rest"; provider: string; credential: string; ms: number }
  /** The log grew. `lag`: ms since the earliest event that it is the answer to, by the provider's clock, where that is known. */
  | ({ kind: "change"; type: string; scope: string; id: string; position: number; via: Via; lag?: number } & Caused)
  /** A page was recorded: how each of its items related to what was known, and how far the sweep is that it is part of. */
  | { kind: "page"; type: string; scope: string; items: number; changes: number; stale: number; progress?: Progress }
  /** A sweep is complete, and marked so many as suspects. */
  | { kind: "sweep"; type: string; scope: string; suspects: number; first: boolean }
  /** A feed was asked. */
  | { kind: "poll"; provider: string; scope: string; feed: string; hints: number }
  /**
   * A time of which changes may be missing: a feed's cursor was beyond its horizon, a hook was dead for too long, a cursor of
   * the log was lost. Open: its types are swept. Closed: all of them were. `to` null: it goes on; `from` null: since when is
   * not known.
   */
  | {
      kind: "gap";
      state: "open" | "closed";
      provider: string;
      scope: string;
      /** `"feed events"`, `"hook"`, `"log"`. */
      what: string;
      from: Date | null;
      to: Date | null;
      /** The full types that are still to be swept; of one that is closed, those that were the last. */
      types: readonly string[];
    }
  /**
   * Something came of a look at a hook. `scope`: of those that share it the first; null: all. `found` is what was wrong, `fault`
   * what is wrong now, null: nothing. `found`: it was not mended. `repaired`: it was made or mended; `good`: it is right again
   * without us. `redelivered`: `count` webhooks are sent again.
   */
  | {
      kind: "hook";
      provider: string;
      scope: string | null;
      found: HookFault | null;
      fault: HookFault | null;
      done: "found" | "repaired" | "good" | "redelivered";
      problem?: string;
      count?: number;
    }
  /** So many resources were found absent at once that they are not believed to be gone before a sweep finds the same. */
  | { kind: "held"; type: string; scope: string; absent: number }
  /** What the webhooks of a type lost, every ten minutes in which something was counted this week. */
  | ({ kind: "loss" } & Loss)
  /** History was compacted: below this position only the newest state of each live resource is kept. */
  | { kind: "compacted"; below: number }
  /** A handler has taken a change. `ms`: how long it took; `behind`: ms from the change's entry in the log to now. */
  | ({
      kind: "handled";
      subscription: string;
      type: string;
      scope: string;
      id: string;
      position: number;
      ms: number;
      behind: number;
    } & Caused)
  /** A handler threw: its resource waits, and is tried again. */
  | ({
      kind: "parked";
      subscription: string;
      type: string;
      scope: string;
      id: string;
      position: number;
      attempts: number;
      ms: number;
      error: string;
    } & Caused)
  /**
   * A handler threw what concerns all of its subscription, at this change: it stands still. `ms`: when it is tried again;
   * null: when a person says so.
   */
  | {
      kind: "halted";
      subscription: string;
      type: string;
      scope: string;
      id: string;
      attempts: number;
      error: string;
      ms: number | null;
    }
  /** Something in the background failed, and is tried again: a poll, a sweep, the store. `ms`: when. */
  | { kind: "failed"; what: string; provider?: string; scope?: string; error: string; ms: number };
