/**
 * What follows when webhooks come again: what they did not bring meanwhile is asked for at once.
 * @module
 */

import type { Engine } from "../engine.ts";
import { describe } from "../errors.ts";
import type { Endpoint } from "../provider.ts";
import { fullTypes, openGap } from "../reconcile/gaps.ts";
import { feedName, feedOf, wantNow } from "../reconcile/plan.ts";
import { dateOf, type Tick } from "../time.ts";
import { call } from "../work/call.ts";
import type { KnownHook } from "./known.ts";

/** Of scopes that share a hook so many are asked at once; the others when their turn comes. */
const MOST = 100;

/** Whether a hook is right again. When it is made for the first time, nothing was missed. */
export const isRegained = ({ before, after, repaired }: { before: KnownHook; after: KnownHook; repaired: boolean }) =>
  after.fault === null && before.checked !== null && (before.fault !== null || repaired);

/** Every feed of these scopes is asked now; a type that has none is swept. `since`: when webhooks last came for sure. */
export async function regain(engine: Engine, provider: string, scopes: readonly string[], since: Tick | null) {
  const feeds = Object.entries(engine.providers[provider]?.feeds ?? {});
  const fed = new Set(
    fullTypes(
      provider,
      feeds.flatMap(([, { types }]) => types),
    ),
  );
  const kinds = [...engine.kinds.values()].filter((kind) => kind.provider === provider);
  const types = kinds.map(({ name }) => name).filter((name) => !fed.has(name));
  const bounds = { from: since === null ? null : dateOf(since), to: new Date(engine.time.now()), types };
  for (const scope of scopes.slice(0, MOST)) {
    for (const [feed] of feeds) await wantNow(engine, feedName(provider, scope, feed), feedOf);
    if (types.length > 0) await openGap(engine, { provider, scope, what: "hook", ...bounds });
  }
}

/** Has sent again what the hook failed to deliver. That it cannot be is told, and no harm: changes are found without it. */
export async function sendAgain(
  engine: Engine,
  { provider, scope, endpoint }: { provider: string; scope: string; endpoint: Endpoint },
  since: Tick | null,
  url: string,
): Promise<void> {
  if (!endpoint.redeliver || since === null) return;
  try {
    const spot = { provider, scope, class: "poll" } as const;
    const count = await call(engine, spot, async (context) => endpoint.redeliver?.(url, dateOf(since), context));
    if (count) engine.emit({ kind: "hook", provider, scope, found: null, fault: null, done: "redelivered", count });
  } catch (error) {
    if (engine.stopping.aborted) return;
    const what = "having webhooks sent again";
    engine.emit({ kind: "failed", what, provider, scope, error: describe(error), ms: 0 });
  }
}
