/**
 * Checks of an API in trouble: each request of each operation is once answered with a limit or an outage.
 * @module
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { RetryLater } from "../../errors.ts";
import type { Api, Samples, Throttled } from "../samples.ts";
import type { Check } from "./check.ts";
import { linked, redirected, tell } from "./elsewhere.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { type Between, openService, type Service } from "./service.ts";

/** Requests of one operation that are answered so, one after another. */
const MOST_REQUESTS = 10;

/** Requests that may be under way beside the one that was limited. */
const PARALLEL = 3;

/** Milliseconds by which a provider may wait longer than it was asked to. */
const LONGER = 90_000;

/** The checks of a provider's requests in trouble. */
export function troubleChecks(samples: Samples, api: Api): Check[] {
  const open = () => openService(samples, api);
  const limits = [...USUAL, ...(api.throttled ?? [])];
  const spellings = `${limits.length} ways to say "too many requests"`;
  return [
    {
      promise: `${spellings} throw RetryLater, and nothing is asked again`,
      run: async () => limited(await open(), limits),
    },
    { promise: "an outage is no absence and no empty list", run: async () => broken(await open(), api) },
    { promise: "a redirect that leaves the origin is not followed", run: async () => redirected(await open(), api) },
    { promise: "a link that leaves the origin is not followed", run: async () => linked(await open(), api) },
  ];
}

const limit = (name: string, after: string | ((now: number) => string) | undefined, ms?: number): Throttled => ({
  name: `429, ${name}`,
  ...(ms !== undefined && { ms }),
  answer: (now) => {
    const value = typeof after === "function" ? after(now) : after;
    const headers = { "content-type": "application/json", ...(value !== undefined && { "retry-after": value }) };
    return new Response('{"error":{"message":"too many requests"}}', { status: 429, headers });
  },
});

/** RFC 9110, 10.2.3: seconds or a date. The rest is what services and gateways really send. */
const USUAL: readonly Throttled[] = [
  limit("no Retry-After", undefined),
  limit("Retry-After: 2", "2", 2_000),
  limit("Retry-After: 2.0", "2.0", 2_000),
  limit("Retry-After: 0", "0"),
  limit("Retry-After: -1", "-1"),
  limit("a date as Retry-After", (now) => new Date(now + 3_000).toUTCString(), 2_000),
  limit("a past date as Retry-After", () => "Thu, 01 Jan 1970 00:00:00 GMT"),
  limit("a Retry-After that is none", "soon"),
  limit("an empty Retry-After", ""),
  limit("a year as Retry-After", "31536000", 3_600_000),
];

/** What came of an operation one of whose requests was answered so. */
interface Outcome {
  /** For messages: `"list of customer, request 2"`. */
  what: string;
  result: PromiseSettledResult<unknown>;
  /** What it gives when nothing is wrong. */
  calm: unknown;
  /** Requests after that one. */
  after: number;
}

/** Which requests are answered so: one, or all from it on. */
type Hit = (request: number, n: number) => boolean;

const only: Hit = (request, n) => request === n;

const onward: Hit = (request, n) => request >= n;

/** Runs each operation anew for each of its requests. */
async function eachRequest(
  service: Service,
  kinds: readonly Operation["kind"][],
  isHit: Hit,
  answer: Between,
  judge: (outcome: Outcome) => void,
): Promise<void> {
  for (const { name, kind, run } of await operationsOf(service)) {
    if (!kinds.includes(kind)) continue;
    const calm = await run();
    for (let n = 1; n <= MOST_REQUESTS; n++) {
      let asked = 0;
      service.interpose((request, api) => (isHit(++asked, n) ? answer(request, api) : api(request)));
      const [result] = await Promise.allSettled([run()]);
      service.interpose(undefined);
      if (asked < n) break;
      judge({ what: `${name}, request ${n}`, result, calm, after: asked - n });
    }
  }
}

async function limited(service: Service, limits: readonly Throttled[]): Promise<void> {
  for (const { name, answer, ms } of limits) {
    const limit = async () => answer(service.clock.now);
    await eachRequest(service, ["fetch", "list", "probe", "poll"], onward, limit, ({ what, result, after }) => {
      const whole = `${what} answered with ${name}`;
      const error: unknown = result.status === "rejected" ? result.reason : undefined;
      assert.ok(error instanceof RetryLater, `${whole}, must throw RetryLater: ${tell(result)}`);
      assert.ok(error.ms > 0, `${whole}: a wait of 0 ms would ask again at once`);
      const fits = ms === undefined || (error.ms >= ms && error.ms <= ms + LONGER);
      assert.ok(fits, `${whole}: it waits ${error.ms} ms, and was asked to wait ${ms}`);
      assert.ok(after <= PARALLEL, `${whole}: it goes on asking, ${after} times`);
    });
  }
}

const page = { "content-type": "text/html" };

const OUTAGES: readonly [string, () => Response][] = [
  ["500 with HTML", () => new Response("<h1>Error</h1>", { status: 500, headers: page })],
  ["502 with nothing", () => new Response(null, { status: 502 })],
  ["503 with an empty object", () => Response.json({}, { status: 503 })],
  ["504 with an empty list", () => Response.json([], { status: 504 })],
  ["200 with HTML", () => new Response("<h1>Sign in</h1>", { headers: page })],
  ["200 with an empty object", () => Response.json({})],
  ["200 with null", () => Response.json(null)],
  ["200 with a text", () => Response.json("maintenance")],
  ["200 with half of it", () => new Response('{"data": [{"id": ', { headers: { "content-type": "application/json" } })],
];

async function broken(service: Service, { unbearable = [] }: Api): Promise<void> {
  const borne = OUTAGES.filter(([name]) => !unbearable.includes(name));
  for (const [name, answer] of borne) {
    await eachRequest(
      service,
      ["fetch", "list"],
      only,
      async () => answer(),
      ({ what, result, calm }) => {
        // What answered may not have mattered.
        const same = result.status === "fulfilled" && isDeepStrictEqual(result.value, calm);
        assert.ok(same || result.status === "rejected", `${what} answered with ${name}, must throw: ${tell(result)}`);
      },
    );
  }
}
