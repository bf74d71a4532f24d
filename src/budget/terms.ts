/**
 * What Tidemark may spend of a credential: what its provider declares, less what is left to the application. Pure.
 * @module
 */
import type { Limits } from "../provider.ts";

/** What Tidemark may spend of a credential. */
export interface Terms {
  /** Calls a second, without the reserve. */
  rate: number;
  quota: { calls: number; per: number } | undefined;
  /** The part that is the application's, 0 to less than 1. It is off `rate` and `quota` already. */
  reserve: number;
}

/** Calls a second, where a provider does not say what it bears. */
const RATE = 20;

/** What a provider's limits leave for Tidemark. */
export const termsOf = ({ rate = RATE, quota }: Limits = {}, reserve: number): Terms => ({
  ...{ rate: rate * (1 - reserve), reserve },
  quota: quota && { calls: quota.calls * (1 - reserve), per: quota.per },
});

/** Calls a second that a quota lets one make all the time. */
export const longRunOf = ({ rate, quota }: Terms): number =>
  quota ? Math.min(rate, (quota.calls * 1_000) / quota.per) : rate;
