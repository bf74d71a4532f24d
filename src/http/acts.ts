/**
 * What a person may do over HTTP: have something looked at again, mend a subscription, pause. Each is a member of the sync.
 * @module
 */
import { z } from "zod";
import { bodyOf, given } from "./asked.ts";
import { json } from "./reply.ts";
import type { Ground, Route, Routes } from "./route.ts";

const text = z.string();
const nothing = z.strictObject({});
const scoped = z.strictObject({ scope: text.optional() });
const some = z.strictObject({ type: text.optional(), scope: text.optional() });
const ref = z.strictObject({ type: text, scope: text.optional(), id: text });
const place = z.strictObject({ cursor: text.nullable() });
const spot = z.strictObject({ provider: text, scope: text.optional() });

const DONE = { ok: true };

export function actRoutes({ sync, time }: Ground): Routes {
  /** A body by its shape becomes what is done, and what came of it. */
  const act = <T extends z.ZodType>(
    shape: T,
    run: (said: z.infer<T>, params: Readonly<Record<string, string>>) => Promise<object>,
    status = 200,
  ): Route => ({
    who: "act",
    async answer({ request, params }) {
      const said = await bodyOf(request, shape, time);
      return said instanceof Response ? said : json(status, await run(said, params));
    },
  });
  return {
    "POST /resources/:type/:id/hint": act(
      scoped,
      async (where, { type, id = "" }) => {
        await sync.hint(type as never, id, given(where));
        return DONE;
      },
      202,
    ),
    "POST /sweep": act(some, async ({ type, ...where }) => ({
      reports: await sync.sweep(type as never, given(where)),
    })),
    "POST /audit": act(some, async ({ type, ...where }) => ({
      reports: await sync.audit(type as never, given(where)),
    })),
    "POST /subscriptions/:name/retry": act(nothing, async (_, { name = "" }) => ({
      resources: await sync.retry(name),
    })),
    "POST /subscriptions/:name/skip": act(ref, async (one, { name = "" }) => ({
      skipped: await sync.skip(name, given(one) as never),
    })),
    "POST /subscriptions/:name/rewind": act(place, async ({ cursor }, { name = "" }) => {
      // Rewound before it ever ran, a name that is typed wrongly would be a subscription from then on.
      if (!sync.subscriptions.includes(name)) await sync.parked(name);
      await sync.rewind(name, cursor);
      return DONE;
    }),
    "POST /pause": act(spot, async ({ provider, ...where }) => {
      await sync.pause(provider, given(where));
      return DONE;
    }),
    "POST /resume": act(spot, async ({ provider, ...where }) => {
      await sync.resume(provider, given(where));
      return DONE;
    }),
  };
}
