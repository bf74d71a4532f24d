/**
 * The accounts that are read: the client's own, and those connected to it.
 * @module
 */
import type Stripe from "stripe";
import { AccessLost, type Awaitable } from "tidemark";
import { z } from "zod";
import { type Access, get } from "./client.ts";

/** Ids of connected accounts, `"acct_…"`; or a function that knows the current ones, all at once or one after another. */
export type Accounts = readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);

const MESSAGE = 'stripe({ accounts }) must list ids of accounts as "acct_…", or be a function that gives them';

const isAccount = (id: unknown): id is string => typeof id === "string" && /^acct_\w+$/.test(id);

/** @throws TypeError for a list that is none, or names something else */
export function checkAccounts(accounts: Accounts): void {
  if (typeof accounts === "function") return;
  if (!Array.isArray(accounts) || !accounts.every(isAccount)) throw new TypeError(MESSAGE);
}

/**
 * The scopes: `""` for the client's own account, if it is read, then the connected ones as the application gives them.
 * @throws TypeError for what is no id of an account
 */
export async function* scopesOf(accounts: Accounts, platform: boolean): AsyncGenerator<string> {
  if (platform) yield "";
  for await (const id of typeof accounts === "function" ? await accounts() : accounts) {
    if (!isAccount(id)) throw new TypeError(MESSAGE);
    yield id;
  }
}

/**
 * Resolves if the client's key is one of the account that the application named. Of a connected account a key of another
 * platform cannot read anything, so that only the own account needs to be asked for.
 * @throws AccessLost if it is a key of another account
 */
export async function checkOwn(client: Stripe, account: string | undefined, access: Access): Promise<void> {
  if (account === undefined || access.scope !== "") return;
  const { id } = z
    .looseObject({ object: z.literal("account"), id: z.string() })
    .parse(await get(client, "account", {}, access));
  if (id !== account) throw new AccessLost("the client's key is of another account than stripe({ account }) names");
}
