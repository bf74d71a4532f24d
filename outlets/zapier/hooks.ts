/**
 * The hooks of Zaps that are turned on, each a subscription of its own: one that fails holds up no other, and each begins where
 * it was turned on.
 *
 * Which hooks there are, the application keeps. Another process may add and remove some, so the list is looked at again
 * when changes come.
 * @module
 */
import { randomBytes } from "node:crypto";
import {
  type Awaitable,
  type Change,
  type Providers,
  RetryLater,
  type Sync,
  TargetGone,
  type Time,
  type TypeOf,
} from "tidemark";
import { createPost, type OutletOptions, openOutlet, type ReachOptions } from "tidemark/outlet";
import { eventOf, isOf, itemOf, plain } from "./item.ts";

/** A Zap that is turned on. Keep it as it is: the `url` is as good as a secret. */
export interface ZapierHook {
  /** Ours: 32 hexadecimal digits. */
  id: string;
  /** Zapier's, for this Zap. */
  url: string;
  /** `"stripe.invoice"` or `"stripe.invoice.updated"`. */
  event: string;
  /** Only changes of this scope; left out: of all. */
  scope?: string;
}

/** Where the application keeps hooks: a table with the hook's id as its key is enough. */
export interface ZapierHooks {
  /** All there are, also of other processes. */
  list(): Awaitable<Iterable<ZapierHook>>;
  /** Resolves when it is saved for good. */
  add(hook: ZapierHook): Awaitable<unknown>;
  /** Resolves when it is removed; one that is not there is no error. */
  remove(id: string): Awaitable<unknown>;
}

/** What hooks need of the options of `zapier`. */
export interface HookOptions<C = Change>
  extends Omit<OutletOptions<string, C>, "from" | "initial" | "types" | "partitions">,
    ReachOptions {
  hooks: ZapierHooks;
  time: Time;
}

/** Milliseconds after which the list of hooks is looked at again, when a change comes. */
const LOOK = 10_000;

/** Whether there is such a type. */
export const isType = <P extends Providers, Handle>(sync: Sync<P, Handle>, type: string): Promise<boolean> =>
  sync.newest({ types: [type as TypeOf<P>], limit: 1 }).then(
    () => true,
    (cause: unknown) => {
      if (cause instanceof TypeError) return false;
      throw cause;
    },
  );

export type OpenHooks = ReturnType<typeof openHooks>;

export function openHooks<P extends Providers, Handle>(sync: Sync<P, Handle>, options: HookOptions) {
  const { name, hooks, time, data = plain } = options;
  const open = new Map<string, ZapierHook>();
  /** Those that ended here: a list that was asked for before may still have them. */
  const ended = new Set<string>();
  let listed = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const subscriptionOf = (id: string) => `${name}/${id}`;
  const post = createPost(`zapier "${name}"`, options);

  /** Subscribes a hook, from where it came to be on. */
  const begin = (hook: ZapierHook) => {
    const event = eventOf(hook.event);
    if (event === undefined || open.has(hook.id)) return;
    open.set(hook.id, hook);
    const own = { name: subscriptionOf(hook.id), types: [event.type] as TypeOf<P>[], from: "now" as const };
    const { concurrency } = options;
    const wanted = (change: Change) =>
      open.has(hook.id) && isOf(change, event) && (hook.scope === undefined || change.scope === hook.scope);
    const said = (change: Change) => (wanted(change) ? data(change as never) : undefined);
    openOutlet(sync, { ...own, ...(concurrency && { concurrency }), data: said as never }, async (change, what) => {
      const message = { headers: HEADERS, body: JSON.stringify(itemOf(change, what)) };
      await post(new URL(hook.url), message, time.now()).catch(async (cause: unknown) => {
        // The Zap was turned off, or deleted, and nobody told us.
        if (cause instanceof TargetGone) await leave(hook.id);
        throw cause;
      });
    });
  };
  /** The subscription ends after its handler, which may be what is running. */
  const end = (id: string) => {
    open.delete(id);
    ended.add(id);
    sync.unsubscribe(subscriptionOf(id)).catch(() => {});
  };
  const leave = async (id: string) => {
    await hooks.remove(id);
    end(id);
  };
  const read = async () => {
    // One that is added meanwhile may not be in the list yet.
    const before = [...open.keys()];
    const all = new Map([...(await hooks.list())].map((hook) => [hook.id, hook]));
    for (const id of before) if (!all.has(id)) end(id);
    for (const hook of all.values()) {
      if (open.has(hook.id) || ended.has(hook.id)) continue;
      // Of a type that is not synchronized any more nothing comes.
      if (await isType(sync, eventOf(hook.event)?.type ?? "")) begin(hook);
    }
    listed = time.now();
  };
  const look = () => {
    looking ??= read().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    look,
    leave,
    find: async (id: string) => [...(await hooks.list())].find((hook) => hook.id === id),
    /** A new hook. What changes from now on comes to it, whatever becomes of this process. */
    async add(given: Omit<ZapierHook, "id">): Promise<ZapierHook> {
      const hook = { ...given, id: randomBytes(16).toString("hex") };
      const end = sync.changes({ from: "now", follow: false });
      for await (const _ of end);
      await hooks.add(hook);
      try {
        await sync.rewind(subscriptionOf(hook.id), end.cursor);
      } catch (cause) {
        // Zapier comes again, and would have two.
        await hooks.remove(hook.id);
        throw cause;
      }
      begin(hook);
      return hook;
    },
    /** Has the list looked at when changes come, in the process that holds this subscription: others add hooks, and die. */
    watch() {
      sync.subscribe(name, { from: "now" }, async () => {
        if (time.now() < listed + LOOK) return;
        await look().catch((cause: unknown) => {
          throw new RetryLater(0, `zapier "${name}": the list of hooks could not be had`, { cause });
        });
      });
    },
  };
}

const HEADERS = { "content-type": "application/json", "user-agent": "Tidemark" };
