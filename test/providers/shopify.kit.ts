/** What the tests of the Shopify provider share: shops, a provider of theirs, and what was asked. */
import type { Hint, Page, Provider } from "tidemark";
import { type ShopifyOptions, type ShopifyType, shopify } from "tidemark/shopify";
import { fakeContext } from "./context.ts";
import { createShopify, delivery, SHOPS, TOKEN } from "./shopify.emulator.ts";

export const SECRET = "hush";
export const SHOP = SHOPS[0];

/** One question to the API. */
export interface Asked {
  url: string;
  token: string | null;
  query: string;
  variables: Record<string, unknown>;
}

/** Shops, and a provider that asks them. `answer` may answer instead. */
export function open(options: Partial<ShopifyOptions<ShopifyType>> = {}) {
  const clock = { now: Date.parse("2026-11-21T12:00:00Z") };
  const emulator = createShopify({ now: () => clock.now, secret: SECRET });
  const asked: Asked[] = [];
  const answers: ((asked: Asked) => Response | undefined)[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { query, variables } = (await request.clone().json()) as Asked;
    const one = { url: request.url, token: request.headers.get("x-shopify-access-token"), query, variables };
    asked.push(one);
    return answers[0]?.(one) ?? emulator.fetch(request);
  };
  const provider: Provider = shopify({
    shops: [...SHOPS],
    token: () => TOKEN,
    webhookSecret: SECRET,
    fetch,
    ...options,
  });
  const context = fakeContext({ scope: SHOP, now: () => clock.now });
  const shop = emulator.shop(SHOP);
  const resource = (type: ShopifyType) => provider.resources[type] ?? raise(type);
  return {
    ...{ clock, emulator, provider, context, shop, asked, resource },
    /** Answers whatever is asked from now on, where it answers at all. */
    answerWith: (answer?: (asked: Asked) => Response | undefined) =>
      void answers.splice(0, 1, ...(answer ? [answer] : [])),
    /** All pages of a list. */
    async list(type: ShopifyType) {
      const refs: { id: string; version?: number }[] = [];
      let page: string | null = null;
      do {
        const answer: Page<object> | undefined = await resource(type).list?.(page, context);
        refs.push(...(answer?.refs ?? []));
        page = answer?.next ?? null;
      } while (page !== null);
      return refs;
    },
    /** All polls of a feed that follow one another at once; what two of them told is here once. */
    async poll(name: string, cursor: string | null) {
      const hints = new Map<string, Hint>();
      let at = cursor;
      for (;;) {
        const answer = await provider.feeds?.[name]?.poll(at, context);
        for (const hint of answer?.hints ?? []) hints.set(JSON.stringify(hint), hint);
        const moved = answer?.cursor !== at;
        at = answer?.cursor ?? null;
        if (!moved || answer?.hints.length === 0) return { hints: [...hints.values()], cursor: at };
      }
    },
  };
}

function raise(type: string): never {
  throw new TypeError(`there is no ${type}`);
}

/** Signs a webhook and hands it to a provider. */
export async function deliver(
  provider: Provider,
  topic: string,
  body: unknown,
  {
    shop = SHOP,
    scope,
    headers = {},
    secret = SECRET,
  }: { shop?: string; scope?: string; headers?: Record<string, string>; secret?: string } = {},
): Promise<Hint[]> {
  const sent = delivery(topic, shop, body, secret, headers);
  const request = {
    method: "POST",
    url: "/",
    headers: new Headers(sent.headers),
    body: Buffer.from(sent.body),
    now: 0,
  };
  const hints = await provider.webhook?.({ ...request, ...(scope !== undefined && { scope }) });
  if (!Array.isArray(hints)) throw new TypeError("a Shopify webhook is answered with hints");
  return hints;
}

/** An answer with one error. */
export const refusal = (code: string, more: object = {}) =>
  Response.json({ errors: [{ message: "no", extensions: { code } }], ...more });
