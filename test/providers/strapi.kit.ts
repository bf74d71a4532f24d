/** What the tests of the Strapi provider share: the plugin over an emulator, and recorded webhooks. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Context, Hint, Page, Provider, WebhookRequest } from "tidemark";
import { collection, media, type StrapiOptions, single, strapi } from "tidemark/strapi";
import { fakeContext } from "./context.ts";
import { createStrapi, signed, TOKEN, URL_OF_API } from "./strapi.emulator.ts";

export const SECRET = "the secret of the webhook";
export const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const both = ["draft", "published"] as const;

export const types = {
  article: collection<{ title: string }>({ uid: "api::article.article", path: "articles", statuses: both }),
  note: collection<{ text: string }>({ uid: "api::note.note", path: "notes" }),
  page: collection<{ title: string }>({ uid: "api::page.page", path: "pages", statuses: both, localized: true }),
  homepage: single<{ headline: string }>({ uid: "api::homepage.homepage", path: "homepage", statuses: both }),
  file: media(),
};

/** The plugin with some options; each may be wrong. */
export function plugin(over: Partial<Record<keyof StrapiOptions<typeof types>, unknown>> = {}): Provider {
  const options = { url: URL_OF_API, token: TOKEN, webhookSecret: SECRET, types, ...over };
  return strapi(options as StrapiOptions<typeof types>) as Provider;
}

/** A Strapi whose clock a test turns, the plugin that asks it, and what was asked. */
export function open(over: Parameters<typeof plugin>[0] = {}) {
  const clock = { now: NOW };
  const service = createStrapi({ now: () => clock.now, secret: SECRET });
  const asked: URL[] = [];
  const between = { answer: undefined as ((url: URL) => Response | undefined) | undefined };
  const fetch = async (request: Request) => {
    const url = new URL(request.url);
    asked.push(url);
    return between.answer?.(url) ?? service.fetch(request);
  };
  const provider = plugin({ fetch, ...over });
  const context = (more: Partial<Context> = {}) => fakeContext({ now: () => clock.now, ...more });
  return {
    ...{ clock, rows: service.rows, service, asked, between, provider, context },
    fetch: (type: string, id: string) => provider.resources[type]?.fetch(id, context()),
    async list(type: string): Promise<string[]> {
      const resource = provider.resources[type];
      const ids: string[] = [];
      let page: string | null = null;
      do {
        const answer: Page<object> | undefined = await resource?.list?.(page, context());
        ids.push(...(answer?.items ?? []).map((item) => resource?.id(item) ?? ""));
        page = answer?.next ?? null;
      } while (page !== null);
      return ids;
    },
    /** Polls until nothing more comes, as the engine does. */
    async poll(type: string, cursor: string | null) {
      const hints: Hint[] = [];
      let at = cursor;
      for (;;) {
        const before = at;
        const answer = await provider.feeds?.[type]?.poll(at, context());
        hints.push(...(answer?.hints ?? []));
        at = answer?.cursor ?? null;
        if (at === before || answer?.hints.length === 0) return { hints, ids: hints.map(({ id }) => id), cursor: at };
      }
    },
  };
}
export { models } from "./strapi.rows.ts";

/** A webhook as it comes. */
export function request(body: string | Uint8Array, headers: Readonly<Record<string, string>>): WebhookRequest {
  const all = new Headers(headers);
  return { method: "POST", url: "http://localhost/", headers: all, body: Buffer.from(body), now: NOW };
}

/** Hands a body with the right secret to a plugin. */
export async function receive(body: object | string, provider = plugin()): Promise<readonly Hint[]> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await provider.webhook?.(request(text, signed(text, SECRET, "token")));
  return answer as Hint[];
}

const folder = fileURLToPath(new URL("../fixtures/strapi/webhooks/", import.meta.url));

/** Recorded webhooks, by their file's name without `.json`. */
export const recorded: ReadonlyMap<string, { event: string; entry?: { documentId: string } | null }> = new Map(
  readdirSync(folder).map((name) => [name.slice(0, -5), JSON.parse(readFileSync(folder + name, "utf8")).body]),
);
