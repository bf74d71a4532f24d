/** A desk whose hooks can be seen: what its service keeps, what it is asked, and what a test does to it. */
import assert from "node:assert/strict";
import {
  createSync,
  type Endpoint,
  type EndpointFault,
  type EngineEvent,
  type Hint,
  type Store,
  type SyncOptions,
} from "tidemark";
import { createRandom } from "../../src/testing/random.ts";
import { createDesk, handClock, memory, webhookOf } from "../desk.ts";

export const URL_OF_HOOK = "https://app.example/desk";

export interface DeskHook {
  url: string;
  fault?: EndpointFault;
}

/** What the service keeps per scope, and what it is asked. */
export function createHooks() {
  const all = new Map<string, DeskHook[]>();
  const calls: string[] = [];
  const hooks = {
    of: (scope: string) => all.get(scope) ?? [],
    /** Somebody deletes what there is. */
    clear: (scope = "") => void all.set(scope, []),
    calls,
    count: (prefix: string) => calls.filter((call) => call.startsWith(prefix)).length,
    /** Is asked before each call; may throw, or wait. */
    before: (_call: string): unknown => undefined,
    /** The secret that the service makes with a hook; undefined: none. */
    secret: undefined as string | undefined,
    /** How many webhooks are sent again when that is asked for. */
    failed: 0,
    endpoint: undefined as unknown as Endpoint,
  };
  const ask = async (call: string) => {
    calls.push(call);
    await hooks.before(call);
  };
  hooks.endpoint = {
    async check(url, { scope }) {
      await ask(`check ${scope}`);
      const found = hooks.of(scope).find((one) => one.url === url);
      const fault = found ? found.fault : hooks.of(scope).length > 0 ? "elsewhere" : "missing";
      return fault === undefined ? { ok: true } : { ok: false, fault, problem: `it is ${fault}` };
    },
    async ensure(url, { scope }) {
      await ask(`ensure ${scope}`);
      const found = hooks.of(scope).find((one) => one.url === url);
      if (found) delete found.fault;
      else all.set(scope, [...hooks.of(scope), { url }]);
      return found || hooks.secret === undefined ? {} : { secret: hooks.secret };
    },
    async redeliver(_url, since, { scope }) {
      await ask(`redeliver ${scope} ${since.getTime()}`);
      return hooks.failed;
    },
  };
  return hooks;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

interface Given {
  scopes?: string[];
  feed?: boolean;
  /** There is a type, too, that no feed tells of. */
  tags?: boolean;
  /** Default: always the same numbers. */
  random?: () => number;
  /** What stands between the engines and their store. */
  around?: (store: Store) => Store;
}

/** Engines over one store and one service, whose clock is a hand's. */
export function setUp(
  t: { after(run: () => unknown): void },
  {
    scopes = [""],
    feed = true,
    tags = false,
    random = createRandom(1).next,
    around = (store) => store,
    ...options
  }: Given & Partial<SyncOptions> = {},
) {
  const desk = createDesk({ scopes, feed });
  const hooks = createHooks();
  desk.provider.endpoint = hooks.endpoint;
  if (tags) Object.assign(desk.provider.resources, { tag: desk.provider.resources.note });
  const time = { ...handClock(), random };
  const store = memory(time);
  t.after(() => store.close());
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent) => events.push(event);
  const shared = around({ ...store, close: async () => {} });
  const process = () => createSync({ providers: { desk: desk.provider }, store: shared, time, observe, ...options });
  const sync = process();
  /** So much later all is done that is due. */
  const pass = async (ms: number, by = sync) => {
    time.advance(ms);
    await by.drain();
  };
  const send = async (hint: Hint<"note">, by = sync) => {
    const { status } = await by.webhook("desk", webhookOf([hint]));
    assert.equal(status, 202);
    await by.drain();
  };
  /** What was told of hooks: `found missing`, `repaired`. */
  const told = () =>
    events.flatMap((event) =>
      event.kind === "hook" ? [[event.done, event.fault ?? "", event.scope].filter(Boolean).join(" ")] : [],
    );
  /** The scopes in which a gap was opened. */
  const gaps = () => events.flatMap((event) => (event.kind === "gap" && event.state === "open" ? [event.scope] : []));
  return { desk, hooks, time, store, events, process, sync, pass, send, told, gaps };
}
