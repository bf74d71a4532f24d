/**
 * The shops that are read. Each is a scope, named by its permanent domain.
 * @module
 */
import type { Awaitable } from "tidemark";

/** Domains of shops, `"example.myshopify.com"`; or a function that knows the current ones, all at once or one after another. */
export type Shops = readonly string[] | (() => Awaitable<Iterable<string> | AsyncIterable<string>>);

const MESSAGE =
  'shopify({ shops }) must list domains as "example.myshopify.com", in small letters, or be a function that gives them';

/** Whether a name is the permanent domain of a shop: nothing else is ever asked with a token. */
export const isShop = (name: unknown): name is string =>
  typeof name === "string" && /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/.test(name);

/** @throws TypeError for a list that is none, or names something else */
export function checkShops(shops: Shops): void {
  if (typeof shops === "function") return;
  if (!Array.isArray(shops) || shops.length === 0 || !shops.every(isShop)) throw new TypeError(MESSAGE);
}

/**
 * The shops as the application gives them.
 * @throws TypeError for what is no domain of a shop
 */
export async function* scopesOf(shops: Shops): AsyncGenerator<string> {
  for await (const shop of typeof shops === "function" ? await shops() : shops) {
    if (!isShop(shop)) throw new TypeError(MESSAGE);
    yield shop;
  }
}
