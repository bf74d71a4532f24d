/** Rare states, counted: worlds that never come to them would prove nothing of them. */
import type { WorldEvent } from "tidemark/testing";
import type { Seen } from "./check.ts";
import type { Writes } from "./writes.ts";

/** What the worlds must come to. */
export const RARE = [
  "reads that could not be ordered",
  "reads of an older state",
  "reads that contradict the recorded version",
  "versions that went back and were believed",
  "webhooks during a read",
  "reads while their process stood still",
  "processes that died",
  "sweeps that broke off",
  "deletions held back",
  "resources that came back",
  "histories compacted",
  "handlers that threw",
] as const;
export type Rare = (typeof RARE)[number];

export interface Counter {
  readonly counts: Readonly<Record<Rare, number>>;
  observe(event: WorldEvent): void;
  /** A change that a reader of the log saw. */
  saw(change: Seen): void;
}

export function createCounter(writes: Writes): Counter {
  const counts = Object.fromEntries(RARE.map((name) => [name, 0])) as Record<Rare, number>;
  /** When a webhook of a resource was taken the last time. */
  const hinted = new Map<string, number>();
  /** When a process began to stand still. */
  const stood = new Map<number, number>();
  const gone = new Set<string>();
  const count = (name: Rare, is = true) => {
    if (is) counts[name]++;
  };

  return {
    counts,
    observe(event) {
      if (event.kind === "crash") count("processes that died");
      if (event.kind === "freeze") stood.set(event.process, event.at);
      if (event.kind === "webhook" && event.status === 202) hinted.set(event.hint.id ?? "", event.at);
      if (event.kind !== "engine") return;
      const { event: told, at } = event;
      if (told.kind === "held") count("deletions held back");
      if (told.kind === "compacted") count("histories compacted");
      if (told.kind === "parked") count("handlers that threw");
      if (told.kind === "failed") count("sweeps that broke off", told.what.startsWith("the sweep"));
      if (told.kind !== "read") return;
      count("reads that could not be ordered", told.outcome === "unordered");
      count("reads of an older state", told.outcome === "older");
      count("reads that contradict the recorded version", told.outcome === "regressed");
      count("webhooks during a read", (hinted.get(told.id) ?? 0) > at - told.ms);
      count("reads while their process stood still", (stood.get(event.process) ?? 0) > at - told.ms);
    },
    saw({ id, before, after }) {
      count("resources that came back", before === null && gone.has(id));
      if (after === null) gone.add(id);
      const place = writes.history(id).findLastIndex(({ state }) => state?.value === after?.value);
      count("versions that went back and were believed", after !== null && writes.mark(id, place).back);
    },
  };
}
