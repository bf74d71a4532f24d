/** The hooks of the simulated services: where they lead, what they send, and what a test does to them. */
import type { Endpoint, EndpointCheck } from "tidemark";
import type { Gate, Request } from "./request.ts";

/** What a webhook is signed with, as the sender and the plugin know. */
export const SIGNATURE = "good";

/** A hook at a simulated service. A test may change it, and take it out of its list. */
export interface WorldHook {
  url: string;
  enabled: boolean;
  /** The types it tells of, by their short names. */
  types: string[];
  /** What it signs with; the application believes `"good"`. */
  secret: string;
}

export interface Hooks {
  /** The hooks of a scope, as the service keeps them. */
  of(provider: string, scope: string): WorldHook[];
  /** What is sent to the application when something of a type changed: a signature for each webhook. */
  signatures(provider: string, type: string, scope: string): string[];
  /** For a provider with these types. */
  endpoint(of: { provider: string; types: readonly string[] }, gate: Gate): Endpoint;
}

export function createHooks(request: Request, calls: { hook: number }): Hooks {
  const all = new Map<string, WorldHook[]>();
  /** What the application has named: there it is. */
  const known = new Set<string>();
  const of = (provider: string, scope: string): WorldHook[] => {
    const key = JSON.stringify([provider, scope]);
    const hooks = all.get(key) ?? [];
    all.set(key, hooks);
    return hooks;
  };
  const ask = <T>(gate: Gate, scope: string, url: string, answer: () => T): Promise<T> => {
    calls.hook++;
    known.add(url);
    return request(gate, scope, answer);
  };

  return {
    of,
    signatures: (provider, type, scope) =>
      of(provider, scope)
        .filter(({ url, enabled, types }) => enabled && known.has(url) && types.includes(type))
        .map(({ secret }) => secret),
    endpoint: ({ provider, types }, gate) => ({
      check: (url, { scope }) => ask(gate, scope, url, () => verdictOn(of(provider, scope), url, types)),
      ensure: (url, { scope }) =>
        ask(gate, scope, url, () => {
          const hooks = of(provider, scope);
          const right = { url, enabled: true, types: [...types], secret: SIGNATURE };
          const found = hooks.find((one) => one.url === url);
          if (found) Object.assign(found, right);
          else hooks.push(right);
          return {};
        }),
    }),
  };
}

function verdictOn(hooks: readonly WorldHook[], url: string, types: readonly string[]): EndpointCheck {
  const found = hooks.find((one) => one.url === url);
  if (!found && hooks.length === 0) return { ok: false, fault: "missing", problem: "there is no hook" };
  if (!found) return { ok: false, fault: "elsewhere", problem: "no hook has this URL" };
  if (!found.enabled) return { ok: false, fault: "disabled", problem: "the hook is off" };
  if (!types.every((type) => found.types.includes(type)))
    return { ok: false, fault: "events", problem: "the hook does not send all types" };
  if (found.secret !== SIGNATURE) return { ok: false, fault: "secret", problem: "the hook signs with another secret" };
  return { ok: true };
}
