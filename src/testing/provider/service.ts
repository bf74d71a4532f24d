/**
 * A service to ask: an emulator with something in it, and a provider on its way to it.
 * @module
 */
import assert from "node:assert/strict";
import { compilePaths, fingerprint } from "../../canonical.ts";
import type { Context, Gone, Provider, Resource } from "../../provider.ts";
import { gone } from "../../provider.ts";
import { createRandom } from "../random.ts";
import type { Api, Emulator, Samples, Truth } from "../samples.ts";
import { contextOf, NOW, secretOf } from "./check.ts";
import { fetchOver } from "./web.ts";

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

/** How many writes a service has seen before a check begins. */
const WRITES = 60;

/** A service, furnished; the provider has its own. */
export async function openService(samples: Samples, api: Api, { seed = 1, writes = WRITES } = {}): Promise<Service> {
  const clock = { now: NOW };
  const secret = secretOf(samples);
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
    provider: samples.provider({ secrets: secret, fetch }),
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

/** A type of the provider's. */
export function resourceOf({ resources }: Provider, type: string): Resource<object> {
  const resource = Object.hasOwn(resources, type) ? resources[type] : undefined;
  assert.ok(resource, `the emulator has a "${type}", the provider has not: have it made with that type`);
  return resource;
}

/** A state as an engine compares it: without its volatile paths. */
export const printOf = ({ volatile = [] }: Resource<object>, state: object): string =>
  fingerprint(state, compilePaths(volatile)).print;

export const isState = (answer: object | null | Gone): answer is object => answer !== null && answer !== gone;

/** What `fetch` gives of something that is there. */
export async function stateOf(
  { provider, context }: Pick<Service, "provider" | "context">,
  one: Truth,
): Promise<object> {
  const state = await resourceOf(provider, one.type).fetch(one.id, context(one.scope));
  assert.ok(isState(state), `fetch of ${one.type} ${one.id} finds nothing, and the emulator has it`);
  return state;
}
