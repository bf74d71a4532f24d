/** The plugin of a service, as a version of the project takes it. */
import type { Context, Gone, Provider, Time } from "tidemark";
import type { Random } from "tidemark/testing";
import type { Service, State } from "./service.ts";
import type { Version } from "./version.ts";

/** Items on a page. */
const PAGE = 4;
/** Milliseconds between two polls that the service bears, and for which its feed remembers. */
const EVERY = 3_600_000;
const HORIZON = 5 * 86_400_000;
/** The part of the calls that fails. */
const FAILING = 0.005;

/** The event that told of a state, by its place in the history. */
export const eventOf = (scope: string, id: string, place: number, at: number) => ({
  ...{ id: `${scope}/${id}:${place}`, name: "changed" },
  at: new Date(at),
});

/**
 * @param time of the process that asks: what it asked is answered to nobody once it is dead
 * @param secrets those that its webhooks may be signed with
 */
export function createPlugin(
  { AccessLost, gone, verifyStandardWebhook }: Version,
  service: Service,
  { time, random, secrets }: { time: Time; random: Random; secrets: readonly string[] },
): Provider<{ note: State }> {
  const { lag, versions, feed } = service;
  const absent: Gone | null = service.saysGone ? (gone as Gone) : null;
  const pause = () => new Promise<void>((resolve) => time.after(random.int(20, 400), resolve));
  /** Asks for what `read` finds at one instant; `at` is how far that is behind. */
  async function call<T>({ scope }: Context, read: (at: number) => T): Promise<T> {
    await pause();
    if (!service.scopes.has(scope)) throw new AccessLost(`${service.name} gives no access to ${scope}`);
    if (random.chance(FAILING)) throw new Error("the service answers 502");
    const answer = read(time.now() - (random.chance(0.6) ? random.next() * lag : 0));
    await pause();
    return answer;
  }
  const list = (page: string | null, context: Context) =>
    call(context, (at) => {
      const rest = service.ids.filter((id) => id > (page ?? ""));
      const items = rest.map((id) => service.seen(context.scope, id, at)).filter((one) => one !== null);
      const some = items.slice(0, PAGE);
      const next = items.length > PAGE ? (some.at(-1)?.id ?? null) : null;
      return service.refs ? { refs: some.map(refOf), next } : { items: some, next };
    });
  const poll = (cursor: string | null, context: Context) =>
    call(context, () => {
      const to = time.now() - lag - 1;
      const { all, next } = service.told(context.scope, Number(cursor ?? 0), to);
      const young = cursor === null ? [] : all.filter(({ at }) => at > to - HORIZON);
      const hints = young.map(({ id, place, at }) => ({
        ...{ type: "note" as const, id },
        event: eventOf(context.scope, id, place, at),
      }));
      return { hints, cursor: String(next) };
    });
  return {
    limits: { rate: 50 },
    scopes: () => [...service.scopes],
    probe: (_, context) => call(context, () => {}),
    webhook(request) {
      verifyStandardWebhook(secrets, request);
      const dated = (key: string, value: unknown) => (key === "at" ? new Date(String(value)) : value);
      return [JSON.parse(Buffer.from(request.body).toString(), dated)];
    },
    resources: {
      note: {
        list,
        fetch: (id, context) =>
          call<State | Gone | null>(context, (at) => service.seen(context.scope, id, at) ?? absent),
        id: ({ id }) => id,
        ...(versions !== "none" && { version: ({ version }: State) => version }),
        versionKind: versions === "strict" ? "strict" : "coarse",
        readLag: { fetch: lag, list: lag },
      },
    },
    ...(feed && { feeds: { events: { types: ["note"], every: EVERY, horizon: HORIZON, webhooks: true, poll } } }),
  };
}

const refOf = ({ id, version }: State) => ({ id, ...(version !== undefined && { version }) });
