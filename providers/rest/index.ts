/**
 * `tidemark/rest`: any JSON API with signed webhooks, described by its options alone.
 *
 *   webhook ── signature.ts, is it theirs? ── webhook.ts, where does it say to look? ──┐
 *   log.ts, updates.ts ── what did webhooks miss? ─────────────────────────────────────┴─► read.ts, what is?
 * @module
 */
import type { Feed, Provider, Resource, WebhookRequest } from "tidemark";
import { checkOptions } from "./check.ts";
import { logOf } from "./log.ts";
import type { ResourceOptions, RestOptions } from "./options.ts";
import { fetchOne, idIn, listPage, probePath, type Source } from "./read.ts";
import { type Service, serviceOf } from "./service.ts";
import { verifierOf } from "./signature.ts";
import { updatesOf } from "./updates.ts";
import { timeOf, valueAt, versionOf } from "./values.ts";
import { type Reader, receive } from "./webhook.ts";

export type { LogOptions } from "./log.ts";
export type {
  Auth,
  Credential,
  FetchOptions,
  ListOptions,
  Query,
  ResourceOptions,
  RestOptions,
  Statuses,
} from "./options.ts";
export type { Paging } from "./paging.ts";
export type { Signature, Timestamp, WebhookOptions } from "./signature.ts";
export { state } from "./state.ts";
export type { UpdatesOptions } from "./updates.ts";
export type { TimeFormat, Version } from "./values.ts";
export type { Envelope, Events, PlaceOrHeader, Target } from "./webhook.ts";

/** Calls per second. Nothing is known of the service's own limit. */
const RATE = 10;
/** Milliseconds. Many services read from replicas and from indexes that lag; a second read of what changed costs little. */
const READ_LAG = { fetch: 5_000, list: 10_000 };
const STATUSES = { absent: [404], gone: [410], hidden: [451] };

/**
 * A provider for the service that the options describe.
 * @throws TypeError for an option that is wrong: it names the option, and says what to write instead
 */
export function rest<Types extends Record<string, object>>(options: RestOptions<Types>): Provider<Types> {
  checkOptions(options);
  const { envelope = { name: "" }, events = {}, webhook, log, probe, scopes, limits = {}, bodyLimit } = options;
  const resources = options.resources as unknown as Readonly<Record<string, ResourceOptions>>;
  const service = serviceOf(options);
  const sources = Object.entries(resources).map(([type, resource]): Source => {
    return { service, type, resource, statuses: { ...STATUSES, ...options.statuses } };
  });
  const reader: Reader = { service: options.name, envelope, events, resources };
  const provider: Provider = {
    resources: Object.fromEntries(sources.map((source) => [source.type, resourceOf(source)])),
    feeds: feedsOf(service, sources, reader, log),
    limits: { rate: RATE, ...limits },
    ...(webhook && { webhook: receiver(reader, webhook) }),
    ...(probe !== undefined && { probe: (_, context) => probePath(service, probe, context) }),
    ...(scopes && { scopes }),
    ...(bodyLimit !== undefined && { bodyLimit }),
  };
  return provider as Provider<Types>;
}

function receiver(reader: Reader, webhook: NonNullable<RestOptions["webhook"]>) {
  const verify = verifierOf(webhook);
  return (request: WebhookRequest) => receive(reader, verify, request);
}

function feedsOf(service: Service, sources: readonly Source[], reader: Reader, log: RestOptions["log"]) {
  const feeds: Record<string, Feed> = {};
  for (const source of sources) {
    const { updates } = source.resource;
    if (updates) feeds[`${source.type} updates`] = updatesOf(source, updates);
  }
  return log === undefined ? feeds : { ...feeds, log: logOf(service, reader, log) };
}

function resourceOf(source: Source): Resource<object> {
  const { list, version, incarnation, readLag = READ_LAG, volatile = [], related } = source.resource;
  return {
    fetch: (id, context) => fetchOne(source, id, context),
    ...(list && { list: (page, context) => listPage(source, page, context) }),
    id: (state) => idIn(source.resource, state) ?? "",
    ...(version && { version: (state) => versionOf(version, state) }),
    ...(version && "revision" in version && { versionKind: "strict" }),
    ...(version && "grain" in version && version.grain !== undefined && { grain: version.grain }),
    ...(incarnation !== undefined && { incarnation: (state) => timeOf(valueAt(state, incarnation)) }),
    readLag,
    volatile,
    ...(related && { related }),
  };
}
