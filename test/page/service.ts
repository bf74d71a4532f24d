/** A service at hand, of several types and scopes: maps are the truth, a list of events is its feed, a test says what fails. */
import { type Context, type Hint, type Provider, WebhookRejected } from "tidemark";

export interface State {
  id: string;
  updated: number;
  [field: string]: unknown;
}

export interface Service {
  provider: Provider<Record<string, State>>;
  /** Is asked before each call; may throw, or wait. */
  before: (call: string) => unknown;
  /** Says what is; answers the event of it, which the feed names, too. `at`: when, in ms. */
  put(type: string, id: string, fields: object, options?: { scope?: string; at?: number }): Hint;
  remove(type: string, id: string, options?: { scope?: string; at?: number }): Hint;
}

export interface ServiceOptions {
  types: readonly string[];
  scopes?: readonly string[];
  /** Milliseconds between polls of its feed. Default a minute. */
  every?: number;
  /** What the ids of its events begin with. Default `evt_`. */
  events?: string;
}

/** Events that a poll brings. */
const PAGE = 200;

export function createService({ types, scopes = [""], every = 60_000, events = "evt_" }: ServiceOptions): Service {
  const truth = new Map<string, Map<string, State>>();
  const told: Hint[] = [];
  let number = 0;
  const all = (type: string, scope: string) => {
    const key = `${type} ${scope}`;
    const known = truth.get(key) ?? new Map<string, State>();
    truth.set(key, known);
    return known;
  };
  const tell = (type: string, id: string, what: string, { scope = "", at = Date.now() } = {}): Hint => {
    const event = { id: `${events}${++number}`, name: `${type}.${what}`, at: new Date(at) };
    const hint = { type, id, scope, event };
    told.push(hint);
    return hint;
  };
  const resource = (type: string) => ({
    async fetch(id: string, { scope }: Context) {
      await service.before(`fetch ${type} ${scope}/${id}`);
      return all(type, scope).get(id) ?? null;
    },
    async list(page: string | null, { scope }: Context) {
      await service.before(`list ${type} ${scope}`);
      const from = Number(page ?? 0);
      const items = [...all(type, scope).values()].slice(from, from + PAGE);
      return { items, next: items.length === PAGE ? String(from + PAGE) : null };
    },
    id: ({ id }: State) => id,
    version: ({ updated }: State) => updated,
    versionKind: "strict" as const,
    volatile: ["updated"],
  });
  const service: Service = {
    before: () => {},
    put(type, id, fields, options = {}) {
      const known = all(type, options.scope ?? "");
      known.set(id, { ...known.get(id), id, ...fields, updated: ++number });
      return tell(type, id, "updated", options);
    },
    remove(type, id, options = {}) {
      all(type, options.scope ?? "").delete(id);
      return tell(type, id, "deleted", options);
    },
    provider: {
      limits: { rate: 1_000_000 },
      scopes: () => scopes,
      probe: (_, { scope }) => service.before(`probe ${scope}`) as never,
      webhook({ headers, body }) {
        if (headers.get("signature") !== "good") throw new WebhookRejected("bad signature");
        const dated = (key: string, value: unknown) => (key === "at" ? new Date(String(value)) : value);
        return JSON.parse(Buffer.from(body).toString(), dated);
      },
      resources: Object.fromEntries(types.map((type) => [type, resource(type)])),
      feeds: {
        events: {
          ...{ types, every, horizon: 30 * 86_400_000, webhooks: true },
          async poll(cursor: string | null, { scope }: Context) {
            await service.before(`poll ${scope}`);
            const from = cursor === null ? told.length : Number(cursor);
            const hints = told.slice(from, from + PAGE).filter((hint) => (hint.scope ?? "") === scope);
            return { hints, cursor: String(Math.min(from + PAGE, told.length)) };
          },
        },
      },
    },
  };
  return service;
}

/** A signed webhook that carries these hints. */
export const webhookOf = (hints: readonly Hint[]): Request =>
  new Request("http://x/", { method: "POST", body: JSON.stringify(hints), headers: { signature: "good" } });
