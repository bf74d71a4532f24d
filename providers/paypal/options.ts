/**
 * The options of `paypal`, and what is wrong with them.
 * @module
 */
import type { Fetch } from "tidemark/client";
import type { Secrets } from "tidemark/verify";
import { allTypes, definitions, isType, type PayPalType } from "./types.ts";

/** The options of `paypal`. */
export interface PayPalOptions<T extends PayPalType = PayPalType> {
  /** The client id of your REST app. */
  clientId: string;
  /** Its secret. */
  clientSecret: string;
  /**
   * The id of the webhook that you registered: PayPal signs for it. A list where there are several, or while one takes
   * the place of another; or a function that knows the current ones.
   */
  webhookId: Secrets;
  /** Default `"https://api-m.paypal.com"`. For the sandbox `"https://api-m.sandbox.paypal.com"`. */
  url?: string;
  /** What to synchronize. Default: every type. Fewer cost fewer reads. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default) that can be listed; a date, for what was created since; `"none"`, for what
   * webhooks and feeds name. Sweeps read again what is recorded and not listed.
   */
  backfill?: "all" | "none" | Date;
  /** Milliseconds between polls of a feed, at least 10,000. Default 900,000: PayPal asks not to poll much. */
  pollEvery?: number;
  /** By how many milliseconds the time of a webhook may differ from now. Default: any, because PayPal says nothing of it. */
  tolerance?: number;
  /** Asks the API, and for PayPal's signing certificates. Default: the global one. */
  fetch?: Fetch;
}

/** Milliseconds. */
const LEAST_POLL = 10_000;

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(options: PayPalOptions): void {
  const { clientId, clientSecret, types, backfill = "all", tolerance = 0, pollEvery = LEAST_POLL } = options;
  for (const [name, value] of Object.entries({ clientId, clientSecret })) {
    if (typeof value === "string" && value.trim() !== "") continue;
    throw new TypeError(`paypal({ ${name} }) must be what the developer dashboard shows for your REST app`);
  }
  if (clientId.includes(":")) throw new TypeError("paypal({ clientId }) has a colon in it: is it the client id alone?");
  if (types !== undefined) checkTypes(types);
  const isDate = backfill instanceof Date && !Number.isNaN(backfill.getTime());
  if (backfill !== "all" && backfill !== "none" && !isDate) {
    throw new TypeError('paypal({ backfill }) must be "all", "none" or a valid Date');
  }
  if (!(pollEvery >= LEAST_POLL && Number.isFinite(pollEvery))) {
    throw new TypeError(`paypal({ pollEvery }) must be milliseconds, ${LEAST_POLL} or more`);
  }
  if (!(tolerance >= 0)) throw new TypeError("paypal({ tolerance }) must be milliseconds, 0 or more");
}

/** @throws TypeError for a webhook's id that cannot be one: it stands between strokes in what is signed */
export function checkWebhookId(id: string, option: string): void {
  if (!/^[\w-]+$/.test(id)) throw new TypeError(`${option} must be the id of a webhook, of letters and digits`);
}

function checkTypes(types: readonly string[]): void {
  const known = allTypes.join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`paypal({ types }) must name at least one type, or be left out for all: ${known}`);
  }
  for (const type of types) {
    if (!isType(type)) throw new TypeError(`paypal({ types }): there is no "${type}"; there are: ${known}`);
    const { within } = definitions[type];
    if (within !== undefined && !types.includes(within.type)) {
      throw new TypeError(`paypal({ types }): "${type}" is listed within "${within.type}": add that`);
    }
  }
}
