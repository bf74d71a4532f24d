/**
 * The operations of a provider that ask its service: each of its reads, and each feed.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "../../provider.ts";
import type { Truth } from "../samples.ts";
import { resourceOf, type Service, someOf } from "./service.ts";

/** Pages of a list that never ends. */
const MOST_PAGES = 1_000;

/** All pages of a list. */
export async function pagesOf(list: (page: string | null) => Promise<Page<object>>): Promise<Page<object>[]> {
  const pages: Page<object>[] = [];
  let page: string | null = null;
  do {
    const one: Page<object> = await list(page);
    pages.push(one);
    assert.ok(pages.length <= MOST_PAGES, `the list has not ended after ${MOST_PAGES} pages`);
    page = one.next;
  } while (page !== null);
  return pages;
}

/** Something that a provider does with requests. */
export interface Operation {
  /** For messages: `"fetch of customer"`. */
  name: string;
  kind: "fetch" | "list" | "probe" | "poll";
  run(): Promise<unknown>;
}

/** Everything that a provider can ask in the scopes of what is there: each type of them once, and each feed. */
export async function operationsOf(service: Service): Promise<Operation[]> {
  const some = someOf(service);
  const polls: Operation[] = [];
  for (const [name, { poll }] of Object.entries(service.provider.feeds ?? {})) {
    const scope = some[0]?.scope ?? "";
    const { cursor } = await poll(null, service.context(scope));
    polls.push({ name: `poll of ${name}`, kind: "poll", run: () => poll(cursor, service.context(scope)) });
  }
  // So that there is something to ask for.
  service.clock.now += 900_000;
  return [...some.flatMap((one) => operationsOn(service, one)), ...polls];
}

function operationsOn(service: Service, { type, scope, id }: Truth): Operation[] {
  const { provider } = service;
  const context = () => service.context(scope, { fresh: true });
  const { fetch, fetchMany, list } = resourceOf(provider, type);
  const parent = parentOf(service, { type, scope, id });
  const operations: Operation[] = [{ name: `fetch of ${type}`, kind: "fetch", run: () => fetch(id, context()) }];
  const add = (name: string, kind: Operation["kind"], run: (() => Promise<unknown>) | undefined) => {
    if (run) operations.push({ name: `${name} of ${type}`, kind, run });
  };
  add("fetchMany", "fetch", fetchMany && (() => fetchMany([id], context())));
  add("list", "list", list && (() => pagesOf((page) => list(page, context()))));
  add("list", "list", parent && (() => pagesOf((page) => parent.list(parent.id, page, context()))));
  const { probe } = provider;
  add("probe", "probe", probe && (() => probe(type, context())));
  return operations;
}

/** What a resource is listed within. */
function parentOf(service: Service, { type, scope, id }: Truth) {
  const { within } = resourceOf(service.provider, type);
  const parents = service.truth().filter((one) => one.type === within?.type && one.scope === scope);
  const parent = parents.find((one) => id.startsWith(`${one.id}/`));
  return within && parent && { ...within, id: parent.id };
}
