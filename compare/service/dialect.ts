/**
 * How a service speaks: what its requests ask for, its answers, its webhooks.
 * @module
 */
import type { Account, Happened, Json } from "./account.ts";

export interface Asked {
  /** `other`: whatever a subject asks besides. */
  what: "fetch" | "list" | "events" | "other";
  /** Of a fetch. */
  id?: number;
  /** Of a list: whether it is the first page. */
  first?: boolean;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

export interface Given {
  url: URL;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  asked: Asked;
  account: Account;
  /** Things on a page of a list. */
  pageSize: number;
}

/** A webhook that was not sent yet. A case may change what it carries. */
export interface Hook {
  event: Happened | undefined;
  name: string;
  payload: Json;
}

export interface Dialect {
  name: "stripe" | "github";
  read(url: URL): Asked;
  answer(given: Given): Answer;
  /** A page with nothing on it, and nothing behind it. */
  empty: Answer;
  /** Refuses a request: too many, or an error of the service's own. */
  refuse(status: 429 | 500): Answer;
  hookOf(event: Happened): Hook;
  /** One of a type that nobody knows. */
  strange(now: number): Hook;
  /** Signed at the moment at which it is sent, each time. */
  headersOf(hook: Hook, body: string, now: number): Record<string, string>;
}
