/**
 * What is shown to who may see everything: what changed, what waits and why, what webhooks lost.
 * @module
 */
import { z } from "zod";
import { KEPT } from "../loss/losses.ts";
import { type About, aboutProviders, versionOf } from "./about.ts";
import { given, list, queryOf, text, upTo } from "./asked.ts";
import { json } from "./reply.ts";
import type { Answer, Ground, Route, Routes } from "./route.ts";

const limit = upTo(1_000);
const newest = z.strictObject({ types: list, scope: text, limit });
const history = z.strictObject({ scope: text, limit });
const resources = z.strictObject({
  ...{ state: z.enum(["live", "dirty", "failing"]).optional(), type: text, scope: text },
  ...{ after: text, limit },
});
const losses = z.strictObject({ hours: upTo(KEPT) });

export function shownRoutes({ sync }: Ground, about: Pick<About, "base" | "operate">): Routes {
  /** A query by its shape becomes what is answered. */
  const shown = <T extends z.ZodType>(
    shape: T,
    show: (asked: z.infer<T>, params: Readonly<Record<string, string>>) => Promise<object>,
  ): Route =>
    all(async ({ query, params }) => {
      const asked = queryOf(query, shape);
      return asked instanceof Response ? asked : json(200, await show(asked, params));
    });
  return {
    "GET /health": all(async () => {
      const health = await sync.health();
      return json(health.ok ? 200 : 503, health);
    }),
    "GET /about": shown(z.strictObject({}), async (): Promise<About> => {
      const { subscriptions } = sync;
      return { version: versionOf(), ...about, providers: aboutProviders(sync.providers), subscriptions };
    }),
    "GET /newest": shown(newest, async (asked) => ({ changes: await sync.newest(given(asked) as never) })),
    "GET /history/:type/:id": shown(history, async (asked, { type, id }) => ({
      changes: await sync.newest({ ...given(asked), types: [type], id } as never),
    })),
    "GET /resources": shown(resources, (asked) => sync.resources(given(asked) as never)),
    "GET /losses": shown(losses, async (asked) => ({ hours: await sync.losses(given(asked)) })),
    "GET /subscriptions/:name/parked": shown(z.strictObject({}), async (_, { name = "" }) => ({
      parked: await sync.parked(name),
    })),
  };
}

const all = (answer: Answer): Route => ({ who: "all", answer });
