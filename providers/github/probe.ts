/**
 * Whether a type can be read in a scope.
 * @module
 */
import type { Context } from "tidemark";
import { getHome, getPage } from "./client.ts";
import type { Definition } from "./definition.ts";
import { isOf } from "./read.ts";
import type { ClientOf } from "./send.ts";

/**
 * A repository that can be read has its name still. Everyone may read an organisation: only the list of what is in it
 * tells whether we may.
 * @throws AccessLost if it cannot be read
 */
export async function probeType(clientOf: ClientOf, definition: Definition, context: Context): Promise<void> {
  if (!isOf(definition, context)) return;
  const { ofOrganization, list = "" } = definition;
  await getHome(clientOf, context);
  if (ofOrganization) await getPage(clientOf, context, { path: list, params: {}, page: 1, homeless: true });
}
