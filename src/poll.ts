/**
 * Asks a feed what changed: its hints are saved, and with them its cursor.
 * @module
 */
import { call } from "./call.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "./engine.ts";
import { locate, saveHints } from "./hints.ts";
import { type Held, hold, type Turn } from "./hold.ts";
import { afterPoll, type FeedState, feedName, feedOf, pollDue, wantSweep } from "./plan.ts";
import type { Feed, Hint } from "./provider.ts";
import { type Tick, ticks } from "./time.ts";

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
  const poll = async (held: Held) => {
    await sweepGap(engine, provider, scope, name, feed, feedOf(held.at), held.tick);
    for (let turn = 1; ; turn++) {
      const { cursor, begun } = feedOf(held.at);
      const start = held.tick;
      const found: Hint[] = [];
      const answer = await call(engine, scope, (context) => feed.poll(cursor, context), { found });
      const hints = locate(engine, provider, scope, [...answer.hints, ...found]);
      const more = answer.cursor !== cursor && answer.hints.length > 0;
      const left = more && (turn >= TURNS || enough());
      const move = held.advance((at, tick) =>
        JSON.stringify(afterPoll(feedOf(at), { cursor: answer.cursor, left }, start, tick)),
      );
      // What happened before the first poll may be from before there was a hook.
      const since = feed.webhooks && engine.providers[provider]?.webhook ? { judgedSince: begun ?? start } : {};
      held.moved(await saveHints(engine, hints, { class: "poll", via: "poll", ...since }, move));
      engine.emit({ kind: "poll", provider, scope, feed: name, hints: hints.length });
      if (!more || left) return;
    }
  };
  const due = (at: Checkpoint, tick: Tick) => pollDue(feedOf(at), feed, 0) <= tick;
  return hold(engine, feedName(provider, scope, name), poll, due);
}

/** What happened between an older cursor and the feed's horizon is in no feed any more. */
async function sweepGap(
  engine: Engine,
  provider: string,
  scope: string,
  name: string,
  { horizon, types }: Feed,
  { polled }: FeedState,
  now: number,
): Promise<void> {
  if (horizon === undefined || polled === null || now - polled <= ticks(horizon)) return;
  engine.emit({ kind: "gap", provider, scope, feed: name });
  for (const type of types) await wantSweep(engine, `${provider}.${type}`, scope);
}
