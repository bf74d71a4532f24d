/**
 * What may be wrong between a configuration and the world, one after another.
 * @module
 */
import { Keyv } from "keyv";
import type { Config, Context, Provider, Sync } from "tidemark";

/** Something that was looked at. */
export interface Finding {
  ok: boolean;
  what: string;
  /** What is wrong with it. */
  why?: string;
  /** What mends it: a command, or where to look. */
  mend?: string;
}

/** Scopes of a provider whose credential is tried: of thousands a few tell enough. */
const SCOPES = 3;
/** Milliseconds for one answer of a service. */
const PATIENCE = 15_000;
/** Milliseconds that the clock of the store may be ahead of ours. */
const AHEAD = 60_000;

export async function* findings(
  sync: Sync<Config["providers"]>,
  config: Config,
  stopped: AbortSignal,
): AsyncGenerator<Finding> {
  const store = await tryOut("the store", () => storeOf(sync, config));
  yield store;
  for (const [name, provider] of Object.entries(config.providers)) {
    yield* providerFindings(name, provider as Provider, config.urls?.[name], stopped);
  }
  if (!store.ok) return;
  const { alarms } = await sync.health();
  yield alarms.length === 0
    ? { ok: true, what: "no alarms" }
    : { ok: false, what: `${alarms.length} alarms`, why: alarms.join("; "), mend: "npx tidemark health" };
}

async function storeOf(sync: Sync<Config["providers"]>, { store }: Config): Promise<Partial<Finding>> {
  for await (const _ of sync.changes({ from: "now", follow: false }));
  const tick = (await store?.head())?.tick;
  if (tick === undefined || tick / 1_000 < Date.now() + AHEAD) return {};
  const ahead = Math.round((tick / 1_000 - Date.now()) / 1_000);
  return {
    ok: false,
    why: `its clock is ${ahead} s ahead of this machine's`,
    mend: "set the clocks of all machines by NTP",
  };
}

async function* providerFindings(
  name: string,
  provider: Provider,
  url: string | undefined,
  stopped: AbortSignal,
): AsyncGenerator<Finding> {
  let scopes: string[] = [];
  yield await tryOut(`${name}: its scopes`, async () => {
    scopes = await someOf((await provider.scopes?.()) ?? [""]);
    return scopes.length > 0 ? {} : { ok: false, why: "there are none", mend: `look at what ${name} was given` };
  });
  for (const scope of scopes) {
    const where = scope === "" ? name : `${name} ${scope}`;
    for (const type of Object.keys(provider.resources)) {
      yield await tryOut(`${where}: may read ${type}`, () => readable(provider, type, contextOf(scope, stopped)));
    }
    if (url !== undefined && provider.endpoint) {
      const check = provider.endpoint.check.bind(provider.endpoint);
      yield await tryOut(`${where}: its webhooks`, async () => {
        const answer = await check(url, contextOf(scope, stopped));
        return answer.ok ? {} : { ok: false, why: answer.problem, mend: `npx tidemark setup ${name}` };
      });
    }
  }
}

/** What a type is proved by: the provider's own probe, else the first page of its list. */
async function readable({ probe, resources }: Provider, type: string, context: Context): Promise<Partial<Finding>> {
  if (probe) await probe(type, context);
  else await resources[type]?.list?.(null, context);
  return {};
}

async function someOf(scopes: Iterable<string> | AsyncIterable<string>): Promise<string[]> {
  const some: string[] = [];
  for await (const scope of scopes) if (some.push(scope) === SCOPES) break;
  return some;
}

const contextOf = (scope: string, stopped: AbortSignal): Context =>
  ({
    scope,
    signal: AbortSignal.any([stopped, AbortSignal.timeout(PATIENCE)]),
    cache: new Keyv(),
    fresh: true,
    now: () => Date.now(),
    hint() {},
    limit() {},
  }) as Context;

async function tryOut(what: string, look: () => Promise<Partial<Finding>>): Promise<Finding> {
  try {
    return { ok: true, what, ...(await look()) };
  } catch (error) {
    return { ok: false, what, ...reasonOf(error) };
  }
}

const MENDS: Record<string, string> = {
  AccessLost: "give its credential the permissions that its page in docs/providers names",
  RetryLater: "its limit is used up for now: try again later",
  TimeoutError: "it does not answer: look at the network, and at the service's status page",
  StoreError: "see docs/stores.md",
};

/** Of a foreign error no message: it may quote a token. */
function reasonOf(error: unknown): Pick<Finding, "why" | "mend"> {
  if (!(error instanceof Error)) return { why: "something that is no error was thrown" };
  const { status, code } = error as { status?: unknown; code?: unknown };
  const mend = MENDS[error.name];
  if (mend !== undefined) return { why: error.message, mend };
  const facts = [status, code].filter((fact) => typeof fact === "number" || typeof fact === "string");
  return { why: [error.name, ...facts].join(" "), mend: "look at the credential and the address that it was given" };
}
