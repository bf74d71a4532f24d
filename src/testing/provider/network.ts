/**
 * The way between a provider and its service in a simulated world: it takes time, and much goes wrong on it.
 * @module
 */
import type { Provider, Resource } from "../../provider.ts";
import type { Random } from "../random.ts";
import type { Samples } from "../samples.ts";
import type { VirtualTime } from "../time.ts";
import { secretOf } from "./check.ts";
import type { Replicated } from "./replica.ts";
import type { Weather } from "./weather.ts";
import { fetchOver } from "./web.ts";

/** What a request is for. */
export type Purpose = "fetch" | "list" | "feed";

/** The way to a service. */
export interface Network {
  provider: Provider;
  /** Requests so far. */
  requests: Record<Purpose, number>;
  /** Answers what hangs: a client that is still waiting would keep the process from its end. */
  end(): void;
}

/** By how many ms reads may be behind: what every type of the provider allows. */
export function lagsOf({ resources }: Provider): { fetch: number; list: number } {
  const lags = Object.values(resources).map(({ readLag }) => readLag ?? { fetch: 0, list: 0 });
  const least = (of: "fetch" | "list") => Math.min(...lags.map((lag) => lag[of]), LONGEST);
  return { fetch: least("fetch"), list: least("list") };
}

/** A lag without bound orders nothing: in a world reads are behind by a minute at most. */
const LONGEST = 60_000;

/**
 * A provider whose requests go through the weather of the moment. Requests of each purpose have a provider of their own,
 * so that each can be as far behind as it may.
 */
export function createNetwork(
  samples: Samples,
  service: Replicated,
  time: VirtualTime,
  random: Random,
  weather: () => Weather,
): Network {
  const { webhooks } = samples;
  const requests = { fetch: 0, list: 0, feed: 0 };
  const secrets = secretOf(samples);
  const over = Promise.withResolvers<void>();
  const wait = (ms: number) => Promise.race([new Promise<void>((resolve) => time.after(ms, resolve)), over.promise]);

  const ask = (purpose: Purpose) => async (request: Request) => {
    requests[purpose]++;
    const { slow, hung, failed, limited, behind } = weather();
    await wait(random.int(1, 150) + (random.chance(slow) ? random.int(0, 5_000) : 0));
    const answer = await answered();
    await wait(random.int(1, 150) + (random.chance(hung) ? HUNG : 0));
    request.signal.throwIfAborted();
    return answer;

    async function answered(): Promise<Response> {
      if (random.chance(failed)) return new Response("<h1>Bad gateway</h1>", { status: 502 });
      if (random.chance(limited)) return new Response("{}", { status: 429, headers: { "retry-after": "1" } });
      const lag = behind && purpose !== "feed" ? lags[purpose] : 0;
      return service.readable(lag).fetch(request);
    }
  };
  const made = (purpose: Purpose) => samples.provider({ secrets, fetch: fetchOver(ask(purpose)) });
  const [fetching, listing, feeding] = [made("fetch"), made("list"), made("feed")];
  const lags = lagsOf(fetching);
  const keys = samples.provider({ secrets, fetch: async (input, init) => certificate(new Request(input, init)) });
  const certificate = async (request: Request) => webhooks?.fetch?.(request) ?? new Response(null, { status: 404 });
  const provider: Provider = {
    ...fetching,
    resources: Object.fromEntries(
      Object.entries(fetching.resources).map(([type, one]) => [type, withLists(one, listing.resources[type] ?? one)]),
    ),
    ...(keys.webhook && { webhook: (request) => keys.webhook?.(request) ?? [] }),
    ...(feeding.feeds && { feeds: feeding.feeds }),
    ...(feeding.scopes && { scopes: () => feeding.scopes?.() ?? [] }),
  };
  return { provider, requests, end: over.resolve };
}

/** Virtual ms: longer than the engine waits for a call. */
const HUNG = 100_000;

const withLists = (one: Resource<object>, { list, within }: Resource<object>): Resource<object> => ({
  ...one,
  ...(list && { list }),
  ...(within && { within }),
});
