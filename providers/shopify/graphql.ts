/**
 * Requests to the Admin API, and what its answers mean: most refusals come with HTTP 200.
 * @module
 */
import { AccessLost, type Awaitable, type Limit, RetryLater } from "tidemark";
import { type Access, type Answer, createClient, type Fetch } from "tidemark/client";
import { z } from "zod";
import type { Fields } from "./definition.ts";
import { isShop } from "./shops.ts";

/**
 * The access token of a shop; a function where there are several, or where they expire. It is asked before each request,
 * and once more with the token that Shopify refused: if it then has another one, the request is repeated.
 */
export type Token = string | ((shop: string, refused?: string) => Awaitable<string>);

/** Asks a shop. `context.scope` is its domain. */
export type Ask = (query: string, variables: Fields, context: Access) => Promise<Fields>;

/** The query would cost more than Shopify lets one cost: it must ask for less at once. */
export class TooCostly extends Error {
  override readonly name = "TooCostly";
}

/** Statuses that say something of the shop or the token (shopify.dev/docs/api/usage/response-codes). */
const REFUSED: Readonly<Record<number, string>> = {
  401: "the token is not valid: was the app uninstalled?",
  402: "the shop is frozen: its bill is not paid",
  403: "the token may not be used: look at the app's access",
  404: "there is no such shop, or no such version of the API",
  423: "the shop is locked",
  430: "Shopify takes the requests for an attack",
};
/** Milliseconds. A bucket that says nothing of itself is waited for this long, and no wait is shorter. */
const LEAST = 1_000;

const failure = z.looseObject({ extensions: z.looseObject({ code: z.string().optional() }).optional() });
const cost = z.looseObject({
  requestedQueryCost: z.number().nullish(),
  actualQueryCost: z.number().nullish(),
  throttleStatus: z
    .looseObject({ maximumAvailable: z.number(), currentlyAvailable: z.number(), restoreRate: z.number() })
    .nullish(),
});
const answered = z.looseObject({
  data: z.looseObject({}).nullish(),
  errors: z.array(failure).or(z.string()).nullish(),
  extensions: z.looseObject({ cost: cost.nullish() }).nullish(),
});
type Answered = z.infer<typeof answered>;

/** How the Admin API is reached. */
export interface Endpoint {
  token: Token;
  apiVersion: string;
  fetch?: Fetch | undefined;
}

/**
 * Makes what asks shops.
 *
 * It throws RetryLater where a bucket is empty, AccessLost where shop, token or scope are refused, {@link TooCostly}, or
 * an Error that names the codes of what went wrong.
 */
export function createAsk({ token, apiVersion, fetch }: Endpoint): Ask {
  const url = (shop: string) => `https://${checked(shop)}/admin/api/${apiVersion}/`;
  const client = createClient({ name: "Shopify", url, ...(fetch && { fetch }) });
  const allow = Object.keys(REFUSED).map(Number);
  const tokenOf = async (shop: string, refused?: string): Promise<string> => {
    const given =
      typeof token === "string" ? token : await (refused === undefined ? token(shop) : token(shop, refused));
    if (typeof given === "string" && given !== "") return given;
    throw new AccessLost(`there is no token for ${shop}: shopify({ token }) gave none`);
  };
  return async (query, variables, { limit, ...context }) => {
    const send = (given: string): Promise<Answer> => {
      const headers = { "x-shopify-access-token": given };
      return client.post("graphql.json", context, { body: { query, variables }, headers, allow });
    };
    const first = await tokenOf(context.scope);
    let answer = await send(first);
    if (answer.status === 401 && typeof token === "function") {
      const second = await tokenOf(context.scope, first);
      if (second !== first) answer = await send(second);
    }
    const why = REFUSED[answer.status];
    if (why !== undefined) throw new AccessLost(`Shopify answers ${answer.status}: ${why}`);
    const said = answered.parse(answer.body);
    limit?.(limitOf(said));
    return dataOf(said);
  };
}

function checked(shop: string): string {
  if (isShop(shop)) return shop;
  throw new TypeError('the scope must be the domain of a shop: "example.myshopify.com"');
}

/** What is left in the shop's bucket, in points, and what the query took of it: nothing, if it was refused. */
function limitOf({ data, extensions }: Answered): Limit {
  const { throttleStatus, actualQueryCost } = extensions?.cost ?? {};
  const cost = { cost: actualQueryCost ?? (data ? 1 : 0) };
  if (!throttleStatus) return cost;
  const { currentlyAvailable: left, maximumAvailable: of, restoreRate: restores } = throttleStatus;
  return { ...cost, left, of, restores };
}

/** What was asked for, whole: where a part is refused, the rest of it is no state. */
function dataOf({ data, errors, extensions }: Answered): Fields {
  const failures = typeof errors === "string" ? [{}] : (errors ?? []);
  if (failures.length === 0 && data) return data;
  const codes = failures.map(({ extensions: said }) => said?.code ?? "an error without a code");
  if (codes.includes("THROTTLED")) throw throttled(extensions?.cost);
  if (codes.includes("MAX_COST_EXCEEDED")) throw new TooCostly("the query costs more than Shopify lets one cost");
  if (codes.includes("ACCESS_DENIED")) {
    throw new AccessLost("Shopify answers ACCESS_DENIED: give the app the access scope that reads this type");
  }
  throw new Error(`Shopify answers a query with ${[...new Set(codes)].join(", ") || "nothing"}`);
}

/** The bucket holds less than the query costs: it is full enough when the rest has leaked in. */
function throttled(said: z.infer<typeof cost> | null | undefined): Error {
  const { maximumAvailable = Infinity, currentlyAvailable = 0, restoreRate = 0 } = said?.throttleStatus ?? {};
  const asked = said?.requestedQueryCost ?? 0;
  if (asked > maximumAvailable) return new TooCostly("the query costs more than the shop's bucket holds");
  const seconds = (asked - currentlyAvailable) / restoreRate;
  const wait = Number.isFinite(seconds) ? Math.ceil(seconds * 1_000) : LEAST;
  return new RetryLater(Math.max(LEAST, wait), "Shopify answers THROTTLED: the shop's bucket is empty");
}
