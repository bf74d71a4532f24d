/**
 * The options of `rest`: the words in which a service is described.
 *
 *   path        "streams/{id}": below `url`; `{id}` and `{scope}` are put in encoded
 *   place       "data.id": where something stands in JSON; "items.0.id" in a list, "items.*.id" in each of it, "" the whole
 * @module
 */
import type { Awaitable, Hint, Provider } from "tidemark";
import type { Fetch } from "tidemark/client";
import type { z } from "zod";
import type { LogOptions } from "./log.ts";
import type { Paging } from "./paging.ts";
import type { WebhookOptions } from "./signature.ts";
import type { UpdatesOptions } from "./updates.ts";
import type { Version } from "./values.ts";
import type { Envelope, Events } from "./webhook.ts";

/** A text, or a function that knows the current one of a scope and is asked before each request. */
export type Credential = string | ((scope: string) => Awaitable<string>);

/** How a request says who asks. */
export type Auth =
  /** `Authorization: Bearer <token>` */
  | { bearer: Credential }
  /** `Authorization: Basic <user:password in base64>` */
  | { basic: { user: string; password: Credential } }
  /** A header of its own: `{ header: "x-api-key", value: key }` */
  | { header: string; value: Credential };

/** Added to a path: a list repeats its name. `{scope}` in a value stands for the scope. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Where one resource is read. */
export interface FetchOptions {
  /** `"streams/{id}"` */
  path: string;
  query?: Query;
  /** The place of the state in the answer: `"data"`. Default: the answer is the state. */
  item?: string;
}

/** Where all of them are read, page by page. */
export interface ListOptions {
  /** `"streams"` */
  path: string;
  /** What every page is asked with: its size, a sort, a filter. */
  query?: Query;
  /** The place of the rows in the answer: `"data"`. Default: the answer is the list. */
  rows?: string;
  /** How the next page is found. Default: there is one page. */
  paging?: Paging;
  /** The most pages there may be: a list that goes on for longer is an error. Default 10,000. */
  pages?: number;
  /** The place of how many there are in all: `"meta.total"`. Left out: nobody can say how long a backfill takes. */
  total?: string;
  /** Whether a row is exactly what `fetch` gives, so that a sweep need not read each new one. Default `false`. */
  whole?: boolean;
}

/** A type of resource. */
export interface ResourceOptions<State extends object = object, Type extends string = string> {
  /** What a state is: `state<Stream>()`, or a zod schema, whose output is the state and must be JSON. */
  state: z.ZodType<State>;
  /** Where one is read; a path alone is enough: `"streams/{id}"`. */
  fetch: string | FetchOptions;
  /** Where all are read. Left out: nothing is listed, sweeps read again what is recorded, and `probe` is needed. */
  list?: ListOptions;
  /** The place of the id in a state and in a row. Default `"id"`. */
  id?: string;
  /** What orders two reads. Left out: only when they were made; `readLag` must be given then. */
  version?: Version;
  /** The place of a time that differs if the id is deleted and created again: `"created_at"`. */
  incarnation?: string;
  /** How far behind a read may be, in ms. Default, where there is a version: 5,000 for `fetch` and 10,000 for `list`. */
  readLag?: { fetch: number; list: number };
  /**
   * A place that is filled in what was deleted and is still answered: `"deleted_at"`. The texts `"0"`, `"false"` and
   * `"0000-00-00…"` are as good as nothing.
   */
  deleted?: string;
  /** Places left out of the comparison, because they differ on every read. */
  volatile?: readonly string[];
  /** Where else to look when one changed. */
  related?: (state: State) => Hint<Type>[];
  /** The list can be asked for what was updated since a time: a feed. */
  updates?: UpdatesOptions;
}

/** What the statuses of an answer to `fetch` mean. */
export interface Statuses {
  /** Not found, perhaps only for us: believed between two good probes. Default `[404]`. */
  absent?: readonly number[];
  /** Deleted: believed at once. Default `[410]`. */
  gone?: readonly number[];
  /** There, but not for us: what is recorded stays. Default `[451]`. */
  hidden?: readonly number[];
}

/** The options of `rest`. */
export interface RestOptions<Types extends Record<string, object> = Record<string, object>> {
  /** The service's name in messages: `"LiveAPI"`. */
  name: string;
  /** Where paths begin: `"https://api.example.com/v1/"`. A function where each scope has its own. */
  url: string | ((scope: string) => string);
  /** Default: none. */
  auth?: Auth;
  /** Further headers of every request. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** The types, by name. */
  resources: { [T in keyof Types]: ResourceOptions<Types[T], NoInfer<keyof Types & string>> };
  /** How webhooks are signed. Left out: none are taken. With it, `envelope` and `events` are needed. */
  webhook?: WebhookOptions;
  /** Where an event says what it is. */
  envelope?: Envelope;
  /** Where each event says to look: `{ "stream.*": { stream: "data.id" } }`. Other events are of no use. */
  events?: Events<NoInfer<keyof Types & string>>;
  /** A log of the same events, as a feed. Default: none. */
  log?: LogOptions;
  /** A path that can be read exactly while everything can: `"me"`. Default: the first page of a type's list. */
  probe?: string;
  statuses?: Statuses;
  /** The parts of the service, each with its own feeds and sweeps. Default: one, `""`. */
  scopes?: NonNullable<Provider["scopes"]>;
  /**
   * What the service bears, as in any provider: `{ credential, rate, atOnce, quota }`. Default: 10 calls a second for each
   * scope. What its answers say is left (`RateLimit` headers) is kept to besides.
   */
  limits?: NonNullable<Provider["limits"]>;
  /** The largest webhook accepted, in bytes. Default 1,048,576. */
  bodyLimit?: number;
  /** Default: the global one. */
  fetch?: Fetch;
}
