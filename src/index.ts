/**
 * Tidemark: a webhook says where to look, the provider's API says what is, a reconciler looks on its own, and the
 * application sees one durable, ordered stream of typed changes.
 * @module
 */
export type { Sync } from "./api.ts";
export type { BudgetHealth } from "./budget/budgets.ts";
export type { CredentialHealth } from "./budget/credentials.ts";
export type { Change, ChangeOf, StateOf, TypeOf } from "./change.ts";
export { type Config, defineConfig } from "./config.ts";
export type { ParkedChange } from "./deliver/parked.ts";
export type { Handler, TransactionHandler } from "./deliver/push.ts";
export type { SubscribeOptions } from "./deliver.ts";
export { AccessLost, CursorLost, Hidden, RetryLater, TargetGone, WebhookRejected } from "./errors.ts";
export type { EngineEvent } from "./events.ts";
export type { GetOptions, Known } from "./get.ts";
export type { Progress } from "./health/progress.ts";
export type { TypeHealth } from "./health/types.ts";
export type { Health, SubscriptionHealth } from "./health.ts";
export type { HookHealth } from "./hook/health.ts";
export type { HookFault } from "./hook/known.ts";
export type { SetupOptions, SetupReport } from "./hook/setup.ts";
export type { Providers } from "./kind.ts";
export { type Logger, type LogLevel, logTo } from "./log.ts";
export type { Loss, Quantiles, Rates } from "./loss/rates.ts";
export type { LossHour } from "./loss/series.ts";
export type { SyncOptions } from "./options.ts";
export type { Paused } from "./pause.ts";
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
export type { Gap } from "./reconcile/gaps.ts";
export type { Every } from "./reconcile/tempo.ts";
export type { Listed, Owed, ResourcesOptions, ResourcesPage } from "./resources.ts";
export type { Store } from "./store.ts";
export type { Changes, ChangesOptions, NewestOptions } from "./stream.ts";
export type { AuditReport, Difference } from "./sweep/audit.ts";
export type { SweepReport } from "./sweep/repair.ts";
export { createSync } from "./sync.ts";
export type { Time } from "./time.ts";
