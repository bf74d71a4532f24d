/**
 * What anybody may ask for: webhooks, which prove themselves, and whether the process lives and is ready.
 * @module
 */
import { json, refusal } from "./reply.ts";
import type { Ground, Route } from "./route.ts";

export const openRoutes = ({ sync }: Ground): Record<`GET /${string}`, Route> => ({
  "GET /livez": { who: "open", answer: async () => json(200, { ok: true }) },
  "GET /readyz": { who: "open", answer: () => isReady(sync) },
});

/** The store answers. Why it does not is nobody's business here: `/health` and the logs say it. */
async function isReady(sync: Ground["sync"]): Promise<Response> {
  try {
    for await (const _ of sync.changes({ from: "now", follow: false })) break;
    return json(200, { ok: true });
  } catch {
    return json(503, { ok: false });
  }
}

/** Whatever its method: the receiver answers that, too. `parts` of the path come after `/webhooks`. */
export async function webhook({ sync }: Ground, request: Request, parts: readonly string[]): Promise<Response> {
  const [provider = "", scope, ...rest] = parts;
  if (provider === "" || rest.length > 0) {
    return refusal(404, "webhooks go to /webhooks/:provider or /webhooks/:provider/:scope");
  }
  return sync.webhook(provider, request, scope === undefined ? {} : { scope });
}
