/**
 * Tidemark: a webhook says where to look, the provider's API says what is, a reconciler looks on its own, and the
 * application sees one durable, ordered stream of typed changes.
 * @module
 */
export type { Sync } from "./api.ts";
export type { AuditReport, Difference } from "./audit.ts";
export type { BudgetHealth } from "./budgets.ts";
export type { Change, ChangeOf, StateOf, TypeOf } from "./change.ts";
export { type Config, defineConfig } from "./config.ts";
export type { SubscribeOptions } from "./deliver.ts";
export { AccessLost, CursorLost, Hidden, RetryLater, TargetGone, WebhookRejected } from "./errors.ts";
export type { EngineEvent } from "./events.ts";
export type { Gap } from "./gaps.ts";
export type { GetOptions, Known } from "./get.ts";
export type { Health, SubscriptionHealth } from "./health.ts";
export type { HookHealth } from "./hook/health.ts";
export type { HookFault } from "./hook/known.ts";
export type { SetupOptions, SetupReport } from "./hook/setup.ts";
export type { Providers } from "./kind.ts";
export type { SyncOptions } from "./options.ts";
export type { ParkedChange } from "./parked.ts";
export type { Paused } from "./pause.ts";
export type { Progress } from "./progress.ts";
export {
  type Awaitable,
  type Cause,
  type Context,
  type Endpoint,
  type EndpointCheck,
  type EndpointFault,
  type Feed,
  type Gone,
  gone,
  type Hint,
  type Limit,
  type Limits,
  type Page,
  type Provider,
  type Resource,
  type WebhookRequest,
} from "./provider.ts";
export type { Handler, TransactionHandler } from "./push.ts";
export type { Loss, Quantiles, Rates } from "./rates.ts";
export type { SweepReport } from "./repair.ts";
export type { Store } from "./store.ts";
export type { Changes, ChangesOptions, NewestOptions } from "./stream.ts";
export { createSync } from "./sync.ts";
export type { Time } from "./time.ts";
export type { TypeHealth } from "./typehealth.ts";
