/**
 * The options of `stripe`, and what is wrong with them.
 * @module
 */
import type Stripe from "stripe";
import type { Secrets } from "tidemark/verify";
import { type Accounts, checkAccounts } from "./accounts.ts";
import { isType } from "./points.ts";
import { definitions, type StripeType } from "./types.ts";

/** The options of `stripe`. */
export interface StripeOptions<T extends StripeType = StripeType> {
  /** The application's own client. A restricted key needs read access to events and to each of the types. */
  client: Stripe;
  /** The signing secret of the endpoint for the own account, `whsec_…`; two while it is being rolled. */
  webhookSecret: Secrets;
  /** What to synchronize. Default: every type. Fewer cost fewer reads. */
  types?: readonly T[];
  /**
   * What there was before: `"all"` (default); a date, for what was created since; `"none"`, for what webhooks and
   * events name. Sweeps read again what is recorded and not listed.
   */
  backfill?: "all" | "none" | Date;
  /**
   * The own account's id, `"acct_…"`. With it, nothing is believed gone while the client's key is of another account;
   * each question costs one read more. A restricted key must be allowed to read the account.
   */
  account?: string;
  /** Connected accounts, each a scope of its own with its id; the platform's own account is the scope `""`. Default: none. */
  accounts?: Accounts;
  /**
   * The signing secret of the Connect endpoint: it alone is believed for connected accounts, and for nothing else.
   * Without it webhooks of connected accounts are rejected, and their feeds find what they said.
   */
  connectSecret?: Secrets;
  /** Whether the own account is read, too, where there are `accounts`. Default `true`. */
  platform?: boolean;
  /**
   * Calls per second that Stripe bears, of which the `reserve` is the application's. Default 25: on one endpoint, and in a
   * sandbox. A live account bears 100 in all.
   */
  rate?: number;
  /**
   * How many reads a month the account is allowed: 500 for each of its transactions, at least 10,000. Of connected accounts
   * that of all together. Default: not counted.
   */
  readsPerMonth?: number;
  /** Milliseconds between polls of an account's events. Default 360,000; 3,600,000 where there are `accounts`. */
  pollEvery?: number;
}

/** @throws TypeError for an option that is wrong, with what to write instead */
export function checkOptions(options: StripeOptions): void {
  checkTypes(options);
  checkConnect(options);
  const { client, backfill = "all", pollEvery = 1 } = options;
  if (typeof client?.rawRequest !== "function") {
    throw new TypeError('stripe({ client }) must be a Stripe client: new Stripe(key) of the package "stripe" 23');
  }
  const isDate = backfill instanceof Date && !Number.isNaN(backfill.getTime());
  if (backfill !== "all" && backfill !== "none" && !isDate) {
    throw new TypeError('stripe({ backfill }) must be "all", "none" or a valid Date');
  }
  if (!(Number.isFinite(pollEvery) && pollEvery > 0)) {
    throw new TypeError("stripe({ pollEvery }) must be milliseconds, more than 0");
  }
  checkLimits(options);
}

function checkLimits({ rate = 1, readsPerMonth = 1 }: StripeOptions): void {
  if (!(Number.isFinite(rate) && rate > 0)) {
    throw new TypeError("stripe({ rate }) must be calls per second, more than 0");
  }
  if (!(Number.isFinite(readsPerMonth) && readsPerMonth >= 1)) {
    throw new TypeError("stripe({ readsPerMonth }) must be a number of reads, 1 at least");
  }
}

function checkTypes({ types = ["customer"] }: StripeOptions): void {
  const known = Object.keys(definitions).join(", ");
  if (!Array.isArray(types) || types.length === 0) {
    throw new TypeError(`stripe({ types }) must name at least one type, or be left out for all: ${known}`);
  }
  for (const type of types) {
    if (!isType(type)) throw new TypeError(`stripe({ types }): there is no "${type}"; there are: ${known}`);
    const { within } = definitions[type];
    if (within !== undefined && !types.includes(within)) {
      throw new TypeError(`stripe({ types }): "${type}" is listed within "${within}": add that`);
    }
  }
}

function checkConnect({ account, accounts, connectSecret, platform }: StripeOptions): void {
  if (account !== undefined && !/^acct_\w+$/.test(account)) {
    throw new TypeError('stripe({ account }) must be the id of the own account: "acct_…"');
  }
  if (accounts !== undefined) checkAccounts(accounts);
  else if (connectSecret !== undefined || platform !== undefined) {
    throw new TypeError("stripe({ connectSecret, platform }) are for connected accounts: give their ids as accounts");
  }
}
