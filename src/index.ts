/**
 * Tidemark: a webhook says where to look, the provider's API says what is, a reconciler looks on its own, and the
 * application sees one durable, ordered stream of typed changes.
 * @module
 */
export { AccessLost, CursorLost, Hidden, RetryLater, WebhookRejected } from "./errors.ts";
export {
  type Awaitable,
  type Cause,
  type Context,
  type Endpoint,
  type Feed,
  type Gone,
  gone,
  type Hint,
  type Page,
  type Provider,
  type Resource,
  type WebhookRequest,
} from "./provider.ts";
export type { Store } from "./store.ts";
export type { Time } from "./time.ts";
