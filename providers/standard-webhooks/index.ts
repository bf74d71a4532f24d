/**
 * `tidemark/standard-webhooks`: any service that signs its webhooks as Standard Webhooks 1.0.0 says, with resources that
 * the application describes. For one without such an API, `tidemark/verify` has the verifier alone.
 * @module
 */
import type { Provider } from "tidemark";
import { standardSecrets, verifyStandardWebhook } from "tidemark/verify";
import { hintsOf, readEvent } from "./event.ts";
import { checkOptions, type StandardWebhooksOptions } from "./options.ts";

export type { Events, StandardEvent } from "./event.ts";
export type { StandardWebhooksOptions } from "./options.ts";

/**
 * A provider for a sender of Standard Webhooks.
 * @returns its types come from `resources` alone, also where it is an argument itself
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function standardWebhooks<Types extends Record<string, object>>(
  options: StandardWebhooksOptions<Types>,
): Provider<NoInfer<Types>> {
  checkOptions(options);
  const { secret, events, tolerance = 300_000, resources, ...provider } = options;
  const secretsOf = standardSecrets(secret, "standardWebhooks({ secret })");
  const types = Object.keys(resources);
  return {
    ...provider,
    // What they name as another type is looked at by the engine: a type that there is not leads nowhere.
    resources: resources as Provider<Types>["resources"],
    async webhook(request) {
      const { id } = verifyStandardWebhook(await secretsOf(request.scope), request, { tolerance });
      return hintsOf(readEvent(id, request.body), types, events);
    },
  };
}
