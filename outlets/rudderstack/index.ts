/**
 * `tidemark/outlets/rudderstack`: changes as events of a RudderStack, many in one request.
 *
 * `messageId` is the change's id, by which RudderStack knows what comes again, if its deduplication is on.
 *
 * Sources: rudderstack.com/docs/api/http-api (`/v1/batch`: 4 MB, 32 KB an event; Basic authentication with the write key;
 * 200, 400, 401, 404, 413, 429), rudderstack.com/docs (event deduplication by `messageId`).
 * @module
 */
import type { Change, ChangeOf, Providers, Sync, Time, TypeOf } from "tidemark";
import {
  changeId,
  checkTarget,
  createPost,
  nameOf,
  type OutletOptions,
  openOutlet,
  type ReachOptions,
  systemTime,
} from "tidemark/outlet";
import { createBatches } from "./batch.ts";

/** Whose event it is. RudderStack wants one of the two. */
export type User = { userId: string } | { anonymousId: string };

/** The options of {@link rudderstack}. */
export interface RudderstackOptions<T extends string = string, C = Change>
  extends OutletOptions<T, C>,
    Pick<ReachOptions, "timeout" | "allowHttp"> {
  /** Where the data plane is: `"https://acme.dataplane.rudderstack.com"`. */
  url: string;
  /** The source's write key. */
  writeKey: string;
  /** Whose event a change is. Null or undefined: nobody's, it is left out. */
  user(change: C): User | null | undefined;
  /** What the event is called. Default `"stripe.invoice.updated"`, by type and what happened. */
  event?(change: C): string;
  /** Clock and timers. Default the machine's. */
  time?: Time;
  /** Events in one request at most, for different resources. Default 100. */
  concurrency?: number;
}

/**
 * Sends each change as a `track` event; `data` gives its properties.
 *
 * ```ts
 * rudderstack(sync, { name: "rudder", url, writeKey, types: ["stripe.invoice"], user: ({ after }) => after && { userId: after.customer } });
 * ```
 * @throws TypeError for an option that is wrong
 */
export function rudderstack<P extends Providers, Handle, T extends TypeOf<P> = TypeOf<P>>(
  sync: Sync<P, Handle>,
  options: RudderstackOptions<T, ChangeOf<P, T>>,
): void {
  const { name, url, writeKey, user, event = nameOf, time = systemTime, concurrency = 100 } = options;
  const what = `rudderstack "${name}"`;
  const base = checkTarget(what, url, options.allowHttp);
  if (typeof writeKey !== "string" || writeKey === "") throw new TypeError(`${what}: give it the source's writeKey`);
  if (typeof user !== "function") throw new TypeError(`${what}: user(change) must say whose event it is`);
  const target = new URL("v1/batch", base.href.endsWith("/") ? base : `${base.href}/`);
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString("base64")}`;
  // The data plane is the application's own, often within its network.
  const post = createPost(what, { ...options, allowPrivate: true });
  const send = createBatches(what, time, (body) =>
    post(target, { headers: { "content-type": "application/json", authorization }, body }, time.now()),
  );
  openOutlet<P, Handle, T>(sync, { ...options, concurrency }, async (change, properties) => {
    const whose = user(change as never);
    if (!whose) return;
    const said = { type: "track", event: event(change as never), messageId: changeId(change), ...whose };
    await send(JSON.stringify({ ...said, timestamp: change.at.toISOString(), properties }));
  });
}
