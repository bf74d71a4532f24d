/**
 * Asks whether a type can be read in a scope, once for all who want to know: a probe that has not begun yet serves
 * everyone who asks, one that has begun serves nobody else, because it may have been before their fetch.
 * @module
 */
import { call } from "./call.ts";
import type { Engine } from "./engine.ts";
import type { Kind } from "./kind.ts";

/** Resolves if the type can be read in the scope; else throws what the plugin throws, `AccessLost` above all. */
export type Probe = (kind: Kind, scope: string) => Promise<void>;

export function createProbes(engine: Engine): Probe {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  const ask = async ({ provider, type, resource }: Kind, scope: string): Promise<void> => {
    const plugin = engine.providers[provider];
    await call(
      engine,
      scope,
      async (context) => {
        if (plugin?.probe) await plugin.probe(type, context);
        else await resource.list?.(null, context);
      },
      { fresh: true },
    );
  };
  const start = (key: string, kind: Kind, scope: string): Promise<void> => {
    const mine = ask(kind, scope).finally(() => {
      if (running.get(key) === mine) running.delete(key);
    });
    running.set(key, mine);
    return mine;
  };

  return (kind, scope) => {
    const key = `${kind.name}|${scope}`;
    const next = waiting.get(key);
    if (next) return next;
    const current = running.get(key);
    if (!current) return start(key, kind, scope);
    const queued = current
      .catch(() => {})
      .then(() => {
        waiting.delete(key);
        return start(key, kind, scope);
      });
    waiting.set(key, queued);
    return queued;
  };
}
