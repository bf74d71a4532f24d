/**
 * A type of a provider as the engine uses it: checked once, with what its plugin declared worked out.
 * @module
 */
import { compilePaths, type Paths } from "./canonical.ts";
import type { Provider, Resource } from "./provider.ts";
import type { Rules } from "./row.ts";
import { type Tick, ticks } from "./time.ts";

/** The providers of an application, by the key that names them in the stream. */
// biome-ignore lint/suspicious/noExplicitAny: each provider has its own types
export type Providers = Record<string, Provider<any>>;

export interface Kind {
  /** `stripe.invoice` */
  name: string;
  /** `stripe` */
  provider: string;
  /** `invoice` */
  type: string;
  resource: Resource<object>;
  rules: Rules;
  /** Read lag of a page. */
  listLag: Tick;
  volatile: Paths;
  /** The types that are listed within it. */
  children: Kind[];
}

const DEFAULT_GRAIN = 2_000;

/**
 * Every type of every provider, by its full name.
 * @throws TypeError for a type that could not be synchronized truthfully, with what its plugin should declare
 */
export function compileKinds(providers: Providers): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const [key, provider] of Object.entries(providers)) {
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(key)) {
      throw new TypeError(`providers: "${key}" must be a word of letters, digits, _ and -: it names the source`);
    }
    checkLimits(key, provider);
    for (const [type, resource] of Object.entries(provider.resources)) {
      kinds.set(`${key}.${type}`, compileKind(key, type, resource, provider));
    }
  }
  for (const kind of kinds.values()) parentOf(kinds, kind)?.children.push(kind);
  return kinds;
}

/** The type that this one is listed within. */
export function parentOf(kinds: ReadonlyMap<string, Kind>, { name, provider, resource }: Kind): Kind | undefined {
  if (resource.within === undefined) return undefined;
  const parent = kinds.get(`${provider}.${resource.within.type}`);
  if (parent === undefined) {
    throw new TypeError(`${name}: it is listed within "${resource.within.type}", which is not synchronized: add it`);
  }
  if (resource.list) throw new TypeError(`${name}: give it a list or a within, not both`);
  return parent;
}

/** @throws TypeError for limits with which nothing would ever be asked, or everything at once */
function checkLimits(provider: string, { limits }: Provider): void {
  const { rate = 1, atOnce = 1, quota = { calls: 1, per: 1 } } = limits ?? {};
  const wrong = Object.entries({ rate, atOnce, "quota.calls": quota.calls, "quota.per": quota.per }).find(
    ([, number]) => !(number > 0) || number === Number.POSITIVE_INFINITY,
  );
  if (wrong)
    throw new TypeError(`${provider}: limits.${wrong[0]} must be a number above 0; leave out what is not known`);
}

function compileKind(provider: string, type: string, resource: Resource<object>, { probe }: Provider): Kind {
  const name = `${provider}.${type}`;
  const { fetch: fetchLag, list: listLag } = resource.readLag ?? { fetch: 0, list: 0 };
  for (const lag of [fetchLag, listLag]) {
    if (!(lag >= 0)) throw new TypeError(`${name}: readLag must be milliseconds, 0 or more`);
  }
  if (resource.version === undefined && !(resource.readLag && Number.isFinite(fetchLag) && Number.isFinite(listLag))) {
    // Without either, "never an older state after a newer one" and "the last state always arrives" exclude each other.
    throw new TypeError(`${name}: declare a version, or a finite readLag: without one two reads cannot be ordered`);
  }
  if (probe === undefined && resource.list === undefined) {
    throw new TypeError(
      `${name}: give the provider a probe, or the type a list: "not found" is believed only with one`,
    );
  }
  const { batch = 1 } = resource;
  if (!(Number.isInteger(batch) && batch > 0)) throw new TypeError(`${name}: batch must be a whole number, 1 or more`);
  const versions = resource.version === undefined ? "none" : (resource.versionKind ?? "coarse");
  return {
    name,
    provider,
    type,
    resource,
    rules: { versions, grain: resource.grain ?? DEFAULT_GRAIN, lag: lagTicks(fetchLag) },
    listLag: lagTicks(listLag),
    volatile: compilePaths(resource.volatile ?? []),
    children: [],
  };
}

/** An unbounded lag makes every interval overlap: only versions order then. */
const lagTicks = (ms: number): Tick => (Number.isFinite(ms) ? ticks(ms) : Number.MAX_SAFE_INTEGER / 4);

/** Whether an id is that of a collection, of what is within one parent. No child has such a one: something follows its parent's. */
export const isCollection = ({ resource }: Pick<Kind, "resource">, id: string): boolean =>
  resource.within !== undefined && id.endsWith("/");
