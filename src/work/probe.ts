/**
 * Asks whether a type can be read in a scope, once for all who want to know: a probe that has not begun yet serves
 * everyone who asks, one that has begun serves nobody else, because it may have been before their fetch.
 * @module
 */

import type { Engine } from "../engine.ts";
import type { Kind } from "../kind.ts";
import type { Class } from "../row.ts";
import { call } from "./call.ts";

/** Milliseconds for which a good probe stands for one right before a fetch: where much is gone, one serves many. */
const LATELY = 1_000;
/** Beyond so many, good probes that are past are forgotten. */
const FEW = 1_024;

export interface Probe {
  /**
   * Resolves if the type can be read in the scope; else throws what the plugin throws, `AccessLost` above all. The class is
   * that of the read that wants to know.
   */
  ask(kind: Kind, scope: string, cls: Class): Promise<void>;
  /** Whether it could be read a moment ago, and no probe has failed since. */
  wasGood(kind: Kind, scope: string): boolean;
}

export function createProbes(engine: Engine): Probe {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();
  /** When the last one ended well, in ms. */
  const good = new Map<string, number>();

  const ask = async ({ provider, type, resource }: Kind, scope: string, cls: Class): Promise<void> => {
    const plugin = engine.providers[provider];
    await call(
      engine,
      { provider, scope, class: cls },
      async (context) => {
        if (plugin?.probe) await plugin.probe(type, context);
        else await resource.list?.(null, context);
      },
      { fresh: true },
    );
  };
  const start = (key: string, kind: Kind, scope: string, cls: Class): Promise<void> => {
    good.delete(key);
    const mine = ask(kind, scope, cls)
      .then(() => remember(key))
      .finally(() => {
        if (running.get(key) === mine) running.delete(key);
      });
    running.set(key, mine);
    return mine;
  };
  const remember = (key: string): void => {
    good.set(key, engine.time.now());
    if (good.size > FEW) for (const other of good.keys()) if (!isLately(other)) good.delete(other);
  };
  const isLately = (key: string): boolean => {
    const age = engine.time.now() - (good.get(key) ?? Number.NEGATIVE_INFINITY);
    return age >= 0 && age <= LATELY;
  };

  return {
    wasGood: (kind, scope) => isLately(keyOf(kind, scope)),
    ask(kind, scope, cls) {
      const key = keyOf(kind, scope);
      const next = waiting.get(key);
      if (next) return next;
      const current = running.get(key);
      if (!current) return start(key, kind, scope, cls);
      const queued = current
        .catch(() => {})
        .then(() => {
          waiting.delete(key);
          return start(key, kind, scope, cls);
        });
      waiting.set(key, queued);
      return queued;
    },
  };
}

const keyOf = ({ name }: Kind, scope: string): string => `${name}|${scope}`;
