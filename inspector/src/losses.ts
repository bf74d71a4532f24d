/**
 * Asks what webhooks lost, hour by hour.
 * @module
 */
import { get } from "./api.ts";
import { type Asked, useAsked } from "./hooks.ts";
import { HOURS } from "./series.ts";
import type { LossHour } from "./wire.ts";

const EVERY = 30_000;

/** The last seven days. */
export function useLosses(): Asked<readonly LossHour[]> {
  return useAsked("losses", async (signal) => (await get<Answer>(["losses"], { hours: HOURS }, signal)).hours, EVERY);
}
interface Answer {
  hours: readonly LossHour[];
}
