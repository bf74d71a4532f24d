/** A request to a service: it takes its time, and may fail, be told to wait, find no access, or never be answered. */
import { AccessLost, RetryLater } from "tidemark";
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Conditions } from "./conditions.ts";
import { createLimit } from "./limit.ts";

/** What is wrong just now. */
export interface Weather {
  /** Nothing goes wrong any more. */
  calm: boolean;
  /** The credential has no access. */
  denied: boolean;
  /** The services do not answer. */
  down: boolean;
  /** Scopes that are not connected. */
  away: Set<string>;
}

/** Runs what came back for a process: later if it is frozen, never if it is dead. */
export type Gate = (run: () => void) => void;

/** Answers what `read` finds at one instant between request and answer; `seenAt` is how that may be behind. */
export type Request = <T>(gate: Gate, scope: string, read: (seenAt: number) => T) => Promise<T>;

export function createRequest(
  conditions: Conditions,
  weather: Weather,
  time: VirtualTime,
  { int, chance }: Random,
  calls: { refused: number } = { refused: 0 },
): Request {
  const limit = createLimit(conditions.limit, time);
  const latency = () => int(1, conditions.latency) + (chance(conditions.slow) ? int(0, 3_000) : 0);
  const behind = () => (chance(0.6) ? int(0, conditions.lag + (weather.calm ? 0 : conditions.undeclaredLag)) : 0);
  const refuse = (scope: string) => {
    const wait = limit();
    if (wait > 0) {
      calls.refused++;
      throw new RetryLater(wait);
    }
    if (!weather.calm && chance(conditions.throttle)) throw new RetryLater(int(100, 5_000));
    if (weather.away.has(scope)) throw new AccessLost(`${scope} is not connected`);
    const failing = weather.down && conditions.outage === "failing";
    if (failing || (!weather.calm && chance(conditions.errors))) throw new Error("the service answers 502");
  };
  return (gate, scope, read) =>
    new Promise((resolve, reject) => {
      time.after(latency(), () => {
        if (weather.down && conditions.outage === "silent") return;
        if (!weather.calm && chance(conditions.hang)) return;
        const answer = attempt(() => {
          refuse(scope);
          return read(time.now() - behind());
        });
        time.after(latency(), () => gate(() => ("error" in answer ? reject(answer.error) : resolve(answer.value))));
      });
    });
}

function attempt<T>(run: () => T): { value: T } | { error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}
