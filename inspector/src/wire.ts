/**
 * What the handler answers: the SDK's own types, as they are after JSON.
 * @module
 */
import type * as sdk from "tidemark";
import type * as http from "tidemark/http";

/** A value of the SDK as JSON has it: its dates are ISO text. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

export type Change = Wire<sdk.Change<string, unknown>>;
export type Cause = Change["causes"][number];
export type Health = Wire<sdk.Health>;
export type TypeHealth = Wire<sdk.TypeHealth>;
export type SubscriptionHealth = Wire<sdk.SubscriptionHealth>;
export type Loss = Wire<sdk.Loss>;
export type Rates = Wire<sdk.Rates>;
export type ParkedChange = Wire<sdk.ParkedChange>;
export type SweepReport = Wire<sdk.SweepReport>;
export type AuditReport = Wire<sdk.AuditReport>;

/** Names a resource. */
export interface Ref {
  readonly type: string;
  readonly scope: string;
  readonly id: string;
}

export type About = Wire<http.About>;
export type Listed = Wire<sdk.Listed>;
export type ListState = "live" | "dirty" | "failing";

export type LossHour = Wire<sdk.LossHour>;

/** What is recorded of a resource. */
export interface Known {
  readonly state: unknown;
  readonly at: string;
  readonly cursor: string;
}
