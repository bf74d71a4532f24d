/**
 * Asks a feed what changed: its hints are saved, and with them its cursor.
 * @module
 */

import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { PluginError } from "./errors.ts";
import { locate, saveHints } from "./hints.ts";
import { type Held, hold, type Turn } from "./hold.ts";
import type { Feed, Hint } from "./provider.ts";
import { fullTypes, openGap } from "./reconcile/gaps.ts";
import { afterPoll, type FeedState, feedName, feedOf, pollDue } from "./reconcile/plan.ts";
import { dateOf, type Tick, ticks } from "./time.ts";
import { call } from "./work/call.ts";

/** How often one feed is asked at once after another before other work of the scope has its turn. */
const TURNS = 100;

/**
 * Polls a feed until it has nothing more, if it is due: another process may be at it, or have been.
 *
 * @param enough asked before each turn but the first: true ends it there
 */
export function pollFeed(
  engine: Engine,
  provider: string,
  scope: string,
  name: string,
  feed: Feed,
  enough: () => boolean = () => false,
): Promise<Turn> {
  const spot = { provider, scope, class: "poll" } as const;
  const poll = async (held: Held) => {
    let busy = false;
    for (let turn = 1; ; turn++) {
      const state = feedOf(held.at);
      const { cursor, begun } = state;
      const start = held.tick;
      const found: Hint[] = [];
      const answer = await call(engine, spot, (context) => feed.poll(cursor, context), { found });
      // It would be no state that can be read again, and the feed be asked from its beginning for ever.
      if (answer.cursor !== null && typeof answer.cursor !== "string")
        throw new PluginError(`the cursor of the feed ${name} must be text, or null`);
      const hints = locate(engine, provider, scope, [...answer.hints, ...found]);
      // Before the cursor moves: after a crash in between it is found once more.
      const missed = missedBy(feed, state, answer, start);
      const what = `feed ${name}`;
      if (missed) await openGap(engine, { provider, scope, what, types: fullTypes(provider, feed.types), ...missed });
      const more = answer.cursor !== cursor && answer.hints.length > 0;
      const left = more && (turn >= TURNS || enough());
      busy ||= more;
      const move = held.advance((at, tick) => {
        const known = feedOf(at);
        const every = more ? known.every : engine.schedule.polled(provider, scope, feed, known, busy);
        return JSON.stringify(afterPoll(known, { cursor: answer.cursor, more, every }, start, tick));
      });
      // What happened before the first poll may be from before there was a hook.
      const since = feed.webhooks && engine.providers[provider]?.webhook ? { judgedSince: begun ?? start } : {};
      held.moved(await saveHints(engine, hints, { class: "poll", via: "poll", ...since }, move));
      engine.emit({ kind: "poll", provider, scope, feed: name, hints: hints.length });
      if (!more || left) return;
    }
  };
  const due = (at: Checkpoint, tick: Tick) => {
    const state = feedOf(at);
    return pollDue(state, engine.schedule.poll(provider, scope, feed, state), 0) <= tick;
  };
  return hold(engine, feedName(provider, scope, name), poll, due);
}

/**
 * From when to when the feed can tell nothing any more: from the last poll to where its horizon is now; to now, if it says
 * itself that its cursor was lost; and from when it lost its sight, if it has a cursor again. Undefined: it tells all. Before
 * the first poll it has nothing to miss.
 */
function missedBy(
  { horizon }: Feed,
  { polled, blind }: FeedState,
  answer: Awaited<ReturnType<Feed["poll"]>>,
  now: Tick,
) {
  if (polled === null) return undefined;
  const sees = blind !== null && answer.cursor !== null;
  const from = sees ? blind : polled;
  const to = answer.gap || sees ? now : now - ticks(horizon ?? Number.POSITIVE_INFINITY);
  return to > from ? { from: dateOf(from), to: dateOf(to) } : undefined;
}
