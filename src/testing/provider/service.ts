/**
 * A service to ask: an emulator with something in it, the way to it, and the operations of a provider that use it.
 * @module
 */
import assert from "node:assert/strict";
import type { Context, Page, Provider, Resource } from "../../provider.ts";
import { createRandom } from "../random.ts";
import type { Api, Emulator, Samples, Truth } from "../samples.ts";
import { contextOf, NOW } from "./check.ts";

/** Answers a request on its way to the API, or has the API answer. */
export type Between = (request: Request, api: (request: Request) => Promise<Response>) => Promise<Response>;

/** A service with something in it, and a provider that asks it. */
export interface Service {
  emulator: Emulator;
  /** What there was last. */
  truth(): Truth[];
  /** The emulator's random numbers. */
  random(): number;
  clock: { now: number };
  provider: Provider;
  /** What the provider asked for so far. */
  asked: Request[];
  /** Stands between the provider and the API from now on. */
  interpose(between: Between | undefined): void;
  context(scope: string, over?: Partial<Context>): Context;
}

/** Redirects that `fetch` follows (fetch.spec.whatwg.org/#http-redirect-fetch). */
const MOST_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];

/** `fetch` as a client of the API meets it: it follows redirects, if it may, and gives the URL that answered. */
export function fetchOver(answer: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return async (input, init) => {
    let request = new Request(input, init);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await answer(request);
      Object.defineProperty(response, "url", { value: request.url, configurable: true });
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null || request.redirect === "manual") return response;
      const target = URL.parse(location, request.url);
      if (request.redirect === "error" || target === null) break;
      request = redirected(request, target);
    }
    throw new TypeError("fetch failed");
  };
}

/** To another origin the well-known credentials stay behind; a service's own header goes along. */
function redirected(request: Request, target: URL): Request {
  const headers = new Headers(request.headers);
  if (new URL(request.url).origin !== target.origin) {
    for (const name of ["authorization", "cookie", "proxy-authorization"]) headers.delete(name);
  }
  return new Request(target, { headers, redirect: request.redirect, signal: request.signal });
}

/** How many writes a service has seen before a check begins. */
const WRITES = 60;

/** A service, furnished; the provider has its own. */
export async function openService(samples: Samples, api: Api, { seed = 1, writes = WRITES } = {}): Promise<Service> {
  const clock = { now: NOW };
  const secret = samples.webhooks?.secrets[0] ?? "";
  const emulator = await api.emulator({ now: () => clock.now, secret });
  const random = createRandom(seed).next;
  const asked: Request[] = [];
  let between: Between | undefined;
  const answer = async (request: Request) => emulator.fetch(request);
  const fetch = fetchOver(async (request) => {
    asked.push(request.clone());
    return between ? between(request, answer) : answer(request);
  });
  for (let n = 0; n < writes; n++) {
    emulator.write(random);
    clock.now += 10_000;
  }
  emulator.sent();
  return {
    ...{ emulator, clock, random, asked },
    truth: () => [...emulator.truth()],
    provider: samples.provider({ secrets: samples.webhooks?.secrets[0] ?? "a secret", fetch }),
    interpose: (next) => {
      between = next;
    },
    context: (scope, over) => contextOf(scope, { now: () => clock.now, ...over }),
  };
}

/** One of each type that is there now, and of each two if `each` says so. */
export function someOf(service: Service, each = 1): Truth[] {
  const byType = Map.groupBy(service.truth(), ({ type }) => type);
  const some = [...byType.values()].flatMap((all) => all.slice(0, each));
  assert.ok(some.length > 0, "the emulator has nothing after some writes: let write() create something");
  return some;
}

/** The scopes that a provider reconciles. */
export async function scopesOf({ scopes }: Provider): Promise<string[]> {
  if (!scopes) return [""];
  const all: string[] = [];
  for await (const scope of await scopes()) all.push(scope);
  return all;
}

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

/** A type of the provider's. */
export function resourceOf({ resources }: Provider, type: string): Resource<object> {
  const resource = Object.hasOwn(resources, type) ? resources[type] : undefined;
  assert.ok(resource, `the emulator has a "${type}", the provider has not: have it made with that type`);
  return resource;
}

/** What a resource is listed within. */
function parentOf(service: Service, { type, scope, id }: Truth) {
  const { within } = resourceOf(service.provider, type);
  const parents = service.truth().filter((one) => one.type === within?.type && one.scope === scope);
  const parent = parents.find((one) => id.startsWith(`${one.id}/`));
  return within && parent && { ...within, id: parent.id };
}
