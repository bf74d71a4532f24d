/** The plugin of a simulated service: its API, put into the words of a provider. */
import { type Cause, type Context, type Provider, type Resource, WebhookRejected } from "tidemark";
import type { Ref } from "../../row.ts";
import { createApi, type Ground } from "./api.ts";
import { type Hooks, SIGNATURE } from "./hooks.ts";
import type { Gate } from "./request.ts";

/** What a provider of the world synchronizes. */
export interface Shape {
  /** Its key. */
  provider: string;
  /** Its types, by their short names. */
  types: readonly string[];
  /** For a type that is listed per parent, the parent's. */
  within: Readonly<Record<string, string>>;
  scopes: readonly string[];
}

/** The event that told of a state, by its place in the history. */
export const eventOf = ({ type, scope, id }: Ref, place: number): Cause => ({
  id: `${scope}/${type}/${id}:${place}`,
  name: "changed",
});

/** The plugin, as the process behind `gate` has it. */
export function createProvider(ground: Ground, shape: Shape, hooks: Hooks, gate: Gate): Provider {
  const { conditions, weather } = ground;
  const api = createApi(ground, gate);
  const full = (type: string, scope: string) => ({ type: `${shape.provider}.${type}`, scope });
  const alone = shape.types.filter((type) => shape.within[type] === undefined);

  const poll = async (cursor: string | null, { scope }: Context) => {
    const of = alone.map((type) => full(type, scope));
    const answer = await api.poll(of, cursor);
    const hints = answer.told.map(([ref, place]) => ({
      ...{ type: ref.type.slice(shape.provider.length + 1), id: ref.id },
      ...(conditions.hintEvents && { event: eventOf(ref, place) }),
    }));
    return { hints, cursor: answer.cursor };
  };

  const resource = (type: string): Resource<object> => {
    const parent = shape.within[type];
    const fetch = (id: string, { scope }: Context) => api.fetch({ ...full(type, scope), id });
    return {
      fetch,
      ...(conditions.many && {
        fetchMany: (ids: string[], context: Context) => Promise.all(ids.map((id) => fetch(id, context))),
      }),
      ...(parent === undefined &&
        conditions.listed && {
          list: (page: string | null, { scope }: Context) => api.list(full(type, scope), page),
        }),
      ...(parent !== undefined && {
        within: {
          type: parent,
          list: (id, page, { scope }) => api.listWithin({ ...full(parent, scope), id }, full(type, scope), page),
        },
      }),
      id: (state) => api.known(state)?.id ?? "",
      ...(conditions.versions !== "none" && { version: (state: object) => api.known(state)?.version ?? undefined }),
      versionKind: conditions.versions === "strict" && conditions.noBump === 0 ? "strict" : "coarse",
      grain: conditions.versions === "second" ? 1 + (2 * conditions.skew) / 1_000 : 1,
      ...(conditions.incarnations && { incarnation: (state: object) => api.known(state)?.incarnation }),
      readLag: { fetch: conditions.lag, list: conditions.lag },
      volatile: ground.volatile,
    };
  };

  return {
    limits: { rate: 1_000 },
    scopes: () => shape.scopes.filter((scope) => !weather.away.has(scope)),
    probe: (_, { scope }) => api.probe(scope),
    webhook({ body, headers }) {
      if (headers.get("signature") !== SIGNATURE) throw new WebhookRejected("the signature is wrong");
      return [JSON.parse(Buffer.from(body).toString())];
    },
    ...(conditions.hooks && { endpoint: hooks.endpoint(shape, gate) }),
    ...(conditions.poll > 0 && { feeds: { events: { types: alone, every: conditions.poll, poll } } }),
    resources: Object.fromEntries(shape.types.map((type) => [type, resource(type)])),
  };
}
