/** What the tests of `rest` have in common: a provider over a function that answers, and what it was asked. */
import type { Context, Page, Provider, WebhookRequest } from "tidemark";
import { type RestOptions, rest, state } from "tidemark/rest";
import { fakeContext } from "./context.ts";

export type Thing = { id: string; name?: string; updated_at?: string };
export const NOW = Date.parse("2026-11-21T12:00:00Z");
export const BASE = "https://api.example.com/v1/";

type Options = RestOptions<{ thing: Thing }>;
type ThingOptions = Partial<Options["resources"]["thing"]>;

/** A description that is right. */
export const described = (thing: ThingOptions = {}, over: Partial<Options> = {}): Options => ({
  name: "Things",
  url: BASE,
  resources: {
    thing: {
      state: state<Thing>(),
      fetch: "things/{id}",
      list: { path: "things", rows: "data" },
      readLag: { fetch: 0, list: 0 },
      ...thing,
    },
  },
  ...over,
});

/** A provider whose service answers as the function says, and the requests it got. */
export function over(
  answer: (url: URL, request: Request) => Response | object,
  thing: ThingOptions = {},
  options: Partial<Options> = {},
) {
  const asked: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    asked.push(request);
    const given = answer(new URL(request.url), request);
    return given instanceof Response ? given : Response.json(given);
  };
  const provider: Provider<{ thing: Thing }> = rest({ ...described(thing, options), fetch });
  return { provider, asked, thing: provider.resources.thing };
}

export const context = (more: Partial<Context> = {}): Context => fakeContext({ now: () => NOW, ...more });

/** All rows of a list, page by page, and how many pages. */
export async function pages(list: ReturnType<typeof over>["thing"]["list"]): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let page: string | null = null;
  let count = 0;
  do {
    const answer: Page<Thing> | undefined = await list?.(page, context());
    if (!answer) throw new Error("there is no list");
    ids.push(...(answer.refs ?? answer.items ?? []).map(({ id }) => id));
    page = answer.next;
    count++;
  } while (page !== null);
  return { ids, pages: count };
}

/** A webhook as it arrives. */
export const webhook = (
  body: unknown,
  headers: Record<string, string> = {},
  more: Partial<WebhookRequest> = {},
): WebhookRequest => ({
  ...{ method: "POST", url: "https://app.example/hooks", headers: new Headers(headers), now: NOW },
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  ...more,
});
