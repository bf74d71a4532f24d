/**
 * Reads and writes of one thing in every order: each order has a thing and a scope of its own, and all go on step by step
 * together. A read is asked for, sees what there is, and ends, with anything in between; whoever asked may have stood
 * still for minutes, so that another process reads beside it.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { memory } from "../desk.ts";
import { handClock } from "./clock.ts";
import { turns } from "./every.ts";
import { open } from "./process.ts";
import { type Call, Shelf, type Versions } from "./shelf.ts";

export type Step = "put" | "remove" | `${"fetch" | "list"}${1 | 2} ${"asks" | "sees" | "ends"}`;

/** The course of a read. */
export const fetched = (n: 1 | 2): Step[] => [`fetch${n} asks`, `fetch${n} sees`, `fetch${n} ends`];
export const listed = (n: 1 | 2): Step[] => [`list${n} asks`, `list${n} sees`, `list${n} ends`];

/** Ms between two steps: longer than a reader has a resource to itself. */
const LONG = 200_000;

/** Plays every order, and answers the process that ends at the truth if it is right. */
export async function race(t: TestContext, orders: readonly Step[][], versions: Versions) {
  const scopes = orders.map((_, i) => `c${i}`);
  const shelf = new Shelf({ versions, scopes });
  const clock = handClock();
  const store = memory(clock);
  const [one, other] = [open(shelf, store, clock), open(shelf, store, clock)];
  for (const { sync } of [other, one]) t.after(() => sync.stop());
  // Each thing is there, and recorded.
  for (const scope of scopes) shelf.put(`${scope}/x`);
  await one.drain();

  /** Who asked, and did not reach the API yet; and what each of the others waits for. */
  const asking = new Map<string, string[]>();
  const reader = new WeakMap<Call, string>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const known = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, known);
    return known;
  };
  shelf.before = async (call) => {
    const name = asking.get(`${call.what} ${scopeOf(call.about)}`)?.shift();
    if (name === undefined) return;
    reader.set(call, name);
    await gate(`${name} sees`).promise;
  };
  shelf.after = (call) => {
    const name = reader.get(call);
    return name && gate(`${name} ends`).promise;
  };

  const under: Promise<unknown>[] = [];
  const play = (scope: string, step: Step): void => {
    const id = `${scope}/x`;
    const sync = step.includes("1") ? one.sync : other.sync;
    if (step === "put") shelf.put(id);
    else if (step === "remove") shelf.remove(id);
    else if (!step.endsWith("asks")) gate(`${scope} ${step}`).resolve();
    else {
      const what = step.slice(0, step.indexOf(" ") - 1);
      const place = `${what} ${scope}`;
      asking.set(place, [...(asking.get(place) ?? []), `${scope} ${step.split(" ")[0]}`]);
      if (what === "list") under.push(sync.sweep("shelf.thing", { scope }));
      else under.push(sync.get("shelf.thing", id, { scope, maxAge: 0, timeout: 0 }).catch(() => {}));
    }
  };
  for (let i = 0; i < (orders[0]?.length ?? 0); i++) {
    orders.forEach((order, which) => {
      play(`c${which}`, order[i] as Step);
    });
    await turns();
    clock.advance(LONG);
  }
  for (const names of asking.values()) assert.deepEqual(names, [], "every read was made");
  await Promise.all(under);
  // What the last write was told by.
  await other.post(...scopes.map((scope) => ({ type: "thing", id: `${scope}/x`, scope })));
  clock.advance(LONG);
  await other.drain();
  return { shelf, process: other };
}

const scopeOf = (about: string): string => about.split("/")[0] ?? "";
