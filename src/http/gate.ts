/**
 * Who may take which route.
 * @module
 */
import { type AccessOptions, createAccess, isNarrow } from "./access.ts";
import { misused } from "./failure.ts";
import { foreign } from "./foreign.ts";
import { refusal } from "./reply.ts";
import type { Asking, Route } from "./route.ts";

/** Answers a route, or says why not. */
export type Gate = (route: Route, asking: Asking) => Promise<Response>;

/**
 * @param operate whether there are acts
 * @throws TypeError for a token that is too short to be a secret
 */
export function createGate(access: AccessOptions, operate: boolean): Gate {
  const viewOf = createAccess(access);

  /** What is refused whoever asks. */
  function refused({ who }: Route, { request }: Asking): Response | undefined {
    if (who !== "act") return undefined;
    return foreign(request) ?? (operate ? undefined : refusal(403, "switched off: operate: true"));
  }

  async function admitted({ who, answer }: Route, asking: Asking): Promise<Response> {
    if (who === "open") return answer(asking, {});
    const view = await viewOf(asking.request);
    if (view instanceof Response) return view;
    if (isNarrow(view) && who !== "view") return refusal(403, "this is for who may see everything");
    return answer(asking, view).catch((error: unknown) => misused(error, asking));
  }

  return async (route, asking) => refused(route, asking) ?? (await admitted(route, asking));
}
