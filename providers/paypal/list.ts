/**
 * Reads of all resources of a type, and whether they can be read at all: `list` and `probe`.
 * @module
 */
import { AccessLost, type Context, type Page } from "tidemark";
import { path } from "tidemark/client";
import { isNotFound, type PayPal } from "./client.ts";
import { timeOf } from "./fields.ts";
import { readPage } from "./pages.ts";
import type { Source } from "./read.ts";
import { type Definition, definitions, idIn, versionOf } from "./types.ts";

/**
 * A page of all of a type. A row has less than `fetch` gives, so it only says what is there.
 * @param at the page; null for the first
 * @param since ms since 1970: what is known to have been created before is left out
 */
export async function listAll(
  { paypal, definition }: Source,
  at: string | null,
  since: number | undefined,
  context: Context,
): Promise<Page<object>> {
  const { list } = definition;
  if (!list) return { refs: [], next: null };
  const { rows, next, total } = await readPage(paypal, list, at, context);
  const refs = rows.flatMap((row) => {
    const id = idIn(definition, row);
    const isOld = (timeOf(row["create_time"]) ?? Number.POSITIVE_INFINITY) < (since ?? 0);
    if (id === undefined || isOld) return [];
    const version = list.moves && timeOf(row["update_time"]) !== undefined ? versionOf(definition, row) : undefined;
    return [{ id, ...(version !== undefined && { version }) }];
  });
  return { refs, next, ...(total !== undefined && since === undefined && { total }) };
}

/**
 * Resolves if the credentials are of the app that the webhooks belong to, and a list of the type answers, if it has one.
 * @throws AccessLost if they are of another app, or of the other of sandbox and live: what that one does not have is not
 *   gone here; or if the type may not be read
 */
export async function probe(
  { paypal, definition }: Pick<Source, "paypal" | "definition">,
  webhookIds: readonly string[],
  context: Context,
): Promise<void> {
  await checkApp(paypal, webhookIds, context);
  const list = listOf(definition);
  if (list) await readPage(paypal, list, null, context);
}

/** The list of the type, or of what it is within. */
const listOf = ({ list, within }: Definition): Definition["list"] => list ?? (within && definitions[within.type].list);

async function checkApp(paypal: PayPal, webhookIds: readonly string[], context: Context): Promise<void> {
  for (const id of webhookIds) {
    const answer = await paypal.get(path`v1/notifications/webhooks/${id}`, context, { allow: [404] });
    if (answer.status !== 404) return;
    if (!isNotFound(answer))
      throw new Error("PayPal answers 404 to the question for a webhook, and not that there is none");
  }
  throw new AccessLost(
    "the app of paypal({ clientId }) has none of the webhooks in paypal({ webhookId }): is it another app's, or sandbox and live mixed?",
  );
}
