/**
 * A Shopify webhook: is it Shopify's, and where does it say to look?
 *
 * The signature covers the body alone. Topic, shop and ids of the delivery are headers, which whoever has one delivery
 * may exchange: then a shop is asked for what it does not have, which does no harm.
 * @module
 */
import { type Cause, type Hint, WebhookRejected, type WebhookRequest } from "tidemark";
import { parseJson } from "tidemark/client";
import { verifyHmac } from "tidemark/verify";
import { z } from "zod";
import { type Fields, timeOf } from "./definition.ts";
import { numberOf, parseGid } from "./gid.ts";
import { namedIn, textsIn } from "./look.ts";
import { isShop } from "./shops.ts";
import { isOfAccess, type Look, looksOf, wholeOf } from "./topics.ts";
import { definitions, type ShopifyType } from "./types.ts";

/** What a delivery says of itself. Events, a preview of another form, have the same headers without `x-`. */
export interface Delivery {
  shop: string;
  /** `"products/update"`; empty for an event, whose body names it. */
  topic: string;
  body: Fields;
  cause: Cause | undefined;
}

const headerOf = ({ headers }: WebhookRequest, name: string): string =>
  headers.get(`x-shopify-${name}`) ?? headers.get(`shopify-${name}`) ?? "";

/**
 * The shop that a request says to be of.
 * @throws WebhookRejected if it names none, or another one than the application named
 */
export function shopOf(request: WebhookRequest): string {
  const shop = headerOf(request, "shop-domain").toLowerCase();
  if (!isShop(shop)) throw new WebhookRejected("X-Shopify-Shop-Domain is missing, or no domain of a shop");
  if (request.scope !== undefined && request.scope !== shop) {
    throw new WebhookRejected("the delivery is of another shop than the one it was sent to");
  }
  return shop;
}

/**
 * Checks `X-Shopify-Hmac-Sha256`: base64 of the HMAC-SHA256 of the raw body, under the app's client secret
 * (shopify.dev/docs/apps/build/webhooks/verify-deliveries). There is no time in it.
 * @throws WebhookRejected if it holds under none of the secrets
 */
export function verifySignature(request: WebhookRequest, secrets: readonly string[]): void {
  if (verifyHmac(secrets, [request.body], headerOf(request, "hmac-sha256"), { encoding: "base64" })) return;
  throw new WebhookRejected(
    "X-Shopify-Hmac-Sha256 is missing, or holds under none of the secrets: is it the app's client secret, and the body unchanged?",
  );
}

const anObject = z.looseObject({});
const ofShop = z.looseObject({ shop_domain: z.string().optional(), myshopify_domain: z.string().optional() });

/**
 * Reads a delivery that was verified.
 * @throws WebhookRejected if its body is of another shop; ZodError or SyntaxError if it is none
 */
export function readDelivery(request: WebhookRequest, shop: string): Delivery {
  const body = anObject.parse(parseJson(request.body));
  const { data } = ofShop.safeParse(body);
  const said = data?.myshopify_domain ?? data?.shop_domain ?? shop;
  if (said.toLowerCase() !== shop) throw new WebhookRejected("the body is of another shop than the header says");
  const topic = request.headers.get("x-shopify-topic")?.toLowerCase() ?? "";
  return { shop, topic, body, cause: causeOf(request, topic || headerOf(request, "topic")) };
}

/** Where a delivery says to look. */
export function hintsOf<T extends ShopifyType>(
  { shop, topic, body, cause }: Delivery,
  types: ReadonlySet<T>,
): Hint<T>[] {
  const isWanted = (type: ShopifyType): type is T => (types as ReadonlySet<string>).has(type);
  const common = { scope: shop, ...(cause && { event: cause }) };
  if (isOfAccess(topic) && numberOf(body["id"]) !== undefined) return [...types].map((type) => ({ type, ...common }));
  const { looks, where } = topic === "" ? eventOf(body) : { looks: looksOf(topic), where: body };
  const named = namedIn(where, looks);
  const whole = named.length === 0 ? wholeOf(topic) : undefined;
  if (whole !== undefined) return isWanted(whole) ? [{ type: whole, ...common }] : [];
  const version = timeOf(body["updated_at"]);
  return named.flatMap(({ type, id, own }) => {
    if (!isWanted(type)) return [];
    const least = own && version !== undefined && definitions[type].unversioned === undefined ? { version } : {};
    return [{ type, id, ...least, ...common }];
  });
}

/** An event gives the variables of its query, with the id of what it is about among them. */
function eventOf(body: Fields): { looks: Look[]; where: Fields } {
  const where = { variables: body["query_variables"] };
  const objects = new Set(textsIn(where).map((text) => parseGid(text)?.object));
  const types = (Object.keys(definitions) as ShopifyType[]).filter((type) => objects.has(definitions[type].object));
  return { looks: types.map((type): Look => [type, "**"]), where };
}

/** A delivery's own id: each subscription has another for the same event. Whether a repeat has the same is not certain. */
function causeOf(request: WebhookRequest, name: string): Cause | undefined {
  const id = headerOf(request, "webhook-id");
  const at = timeOf(headerOf(request, "triggered-at"));
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return undefined;
  return { id, name: name.slice(0, 100), ...(at !== undefined && { at: new Date(at) }) };
}
