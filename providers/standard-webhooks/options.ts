/**
 * The options of `standardWebhooks`, and what is wrong with them.
 * @module
 */
import type { Provider, Resource } from "tidemark";
import type { Secrets } from "tidemark/verify";
import type { Events } from "./event.ts";

/** The options of `standardWebhooks`: how to read the resources, as for any provider, and what the webhooks mean. */
// biome-ignore lint/suspicious/noExplicitAny: the states are the application's
export interface StandardWebhooksOptions<Types extends Record<string, object> = Record<string, any>>
  extends Omit<Provider<Types>, "webhook" | "resources"> {
  /** What can be synchronized, by type: how each is read, and how two reads of it can be ordered. */
  resources: { [T in keyof Types]: Resource<Types[T]> };
  /**
   * The endpoint's secret, `"whsec_…"`, or the sender's public key, `"whpk_…"`; several while one is being replaced. A
   * function is given the scope that the application named, so that each scope may have its own.
   */
  secret: Secrets;
  /**
   * What an event changes: the type for each event's name, `{ "invoice.paid": "invoice" }`, with the id at `data.id`; or
   * a function, where the sender writes otherwise. An event that is not there is of no use.
   * Default: an event is of the type that its name begins with, `"invoice"` for `"invoice.paid"`.
   */
  events?: Events<keyof Types & string>;
  /** Milliseconds by which the time of a signature may be off, either way. Default 300,000. */
  tolerance?: number;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions({ resources, events, tolerance = 0 }: StandardWebhooksOptions): void {
  const types = typeof resources === "object" && resources !== null ? Object.keys(resources) : [];
  if (types.length === 0) {
    throw new TypeError(
      "standardWebhooks({ resources }) must say how to read each type: { invoice: { fetch, id, … } }",
    );
  }
  if (!(Number.isFinite(tolerance) && tolerance >= 0)) {
    throw new TypeError("standardWebhooks({ tolerance }) must be milliseconds, 0 or more");
  }
  if (events === undefined || typeof events === "function") return;
  if (typeof events !== "object" || events === null) {
    throw new TypeError(
      'standardWebhooks({ events }) must be types by names, { "invoice.paid": "invoice" }, or a function',
    );
  }
  for (const [name, type] of Object.entries(events)) {
    if (!types.includes(type)) {
      throw new TypeError(
        `standardWebhooks({ events }): "${name}" is of type "${type}", which is none of the resources: ${types.join(", ")}`,
      );
    }
  }
}
