/**
 * `tidemark/strapi`: the entries and files of a Strapi 5.
 *
 * A draft and what is published of it are two resources, as are its locales. Strapi sends each webhook once, from its
 * memory, unsigned; and its times go back. So times find changes and order none: reads are ordered by when they were
 * made, which holds because one database answers them all.
 * @module
 */
import type { Hint, Provider, Resource, WebhookRequest } from "tidemark";
import { createClient } from "tidemark/client";
import { currentSecrets, type Secrets } from "tidemark/verify";
import type { Source } from "./api.ts";
import { endpointOf } from "./endpoint.ts";
import { feedOf } from "./feed.ts";
import { type Fields, idOf } from "./id.ts";
import { listPage, probeType, readSingle } from "./list.ts";
import { checkOptions, type StrapiOptions } from "./options.ts";
import { fetchMany, fetchOne, TOGETHER } from "./read.ts";
import type { ContentType, StateOf } from "./types.ts";
import { hintsOf, verifySecret, verifySignature } from "./webhook.ts";

export type { StrapiOptions } from "./options.ts";
export {
  type ContentType,
  collection,
  type Entry,
  media,
  type StateOf,
  type Status,
  type StrapiFile,
  single,
  type TypeOptions,
} from "./types.ts";

/** A webhook holds the whole entry with its relations: more than the requests that Strapi itself takes, 1 MB. */
const BODY_LIMIT = 10 * 1_048_576;
const EVERY = 300_000;

/**
 * A provider for a Strapi.
 * @throws TypeError for an option that is wrong, with what to write instead
 */
export function strapi<const Types extends Readonly<Record<string, ContentType>>>(
  options: StrapiOptions<Types>,
): Provider<{ -readonly [T in keyof Types]: StateOf<Types[T]> }> {
  checkOptions(options);
  const { url, token, types, pollEvery = EVERY, fetch } = options;
  const headers = { authorization: `Bearer ${token}` };
  const client = createClient({ name: "Strapi", url, headers, ...(fetch && { fetch }) });
  const sources = Object.entries<ContentType>(types).map(([name, type]) => ({ name, client, type }));
  const resources = sources.map((source) => [source.name, resourceOf(source, options)]);
  const feeds = sources.map((source) => [source.name, feedOf(source, pollEvery)]);
  return {
    resources: Object.fromEntries(resources),
    feeds: Object.fromEntries(feeds),
    bodyLimit: BODY_LIMIT,
    webhook: receiver(options),
    ...(options.adminToken !== undefined && { endpoint: endpointOf(options, options.adminToken) }),
    async probe(type, context) {
      for (const source of sources) if (source.name === type) await probeType(source, context);
    },
  };
}

/** Each secret that was given must hold. */
function receiver<Name extends string>({
  webhookSecret,
  webhookHeader = "authorization",
  signingSecret,
  types,
}: StrapiOptions<Readonly<Record<Name, ContentType>>>): (request: WebhookRequest) => Promise<Hint<Name>[]> {
  const current = (secrets: Secrets | undefined, option: string) =>
    secrets === undefined ? undefined : currentSecrets(secrets, option);
  const secrets = current(webhookSecret, "strapi({ webhookSecret })");
  const keys = current(signingSecret, "strapi({ signingSecret })");
  return async (request) => {
    if (secrets) verifySecret(request, webhookHeader.toLowerCase(), await secrets(request.scope));
    if (keys) verifySignature(request, await keys(request.scope));
    return hintsOf(request.body, types);
  };
}

function resourceOf(
  source: Source,
  { backfill = "all", readLag = 0 }: StrapiOptions<Readonly<Record<string, ContentType>>>,
): Resource<object> {
  const { kind, volatile, related } = source.type;
  const since = backfill instanceof Date ? backfill : undefined;
  return {
    fetch: (id, context) => fetchOne(source, id, context),
    ...(kind === "collection" && { fetchMany: (ids, context) => fetchMany(source, ids, context), batch: TOGETHER }),
    ...(backfill !== "none" && {
      list: async (page, context) =>
        kind === "single"
          ? { items: await readSingle(source, context), next: null }
          : listPage(source, page, since, context),
    }),
    id: (state) => idOf(source.type, state as Fields),
    readLag: { fetch: readLag, list: readLag },
    volatile,
    ...(related && { related }),
  };
}
