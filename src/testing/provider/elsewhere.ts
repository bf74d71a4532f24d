/**
 * Checks of ways that lead elsewhere: no redirect and no link has another origin asked.
 * @module
 */
import assert from "node:assert/strict";
import type { Api } from "../samples.ts";
import { nameOf } from "./check.ts";
import { operationsOf } from "./operations.ts";
import type { Service } from "./service.ts";

/** Where a false API would be: another host, one that looks like ours, the same without TLS, one named after the user. */
function elsewhere(origin: string): string[] {
  const { host, hostname, protocol } = new URL(origin);
  const other = protocol === "https:" ? "http:" : "https:";
  return [
    "https://evil.example",
    `https://${host}@evil.example`,
    `https://${hostname}.evil.example`,
    `${other}//${host}`,
    `${protocol}//${hostname}:6666`,
    "http://169.254.169.254",
    "http://[::ffff:127.0.0.1]",
  ];
}

/** The false API answers as the true one does, so that a provider that asks it does not notice. */
function assertStays(service: Service, { origins }: Api, begin: number, what: string): void {
  const left = service.asked.slice(begin).find(({ url }) => !origins.includes(new URL(url).origin));
  if (left) assert.fail(`${what}: ${new URL(left.url).origin} was asked, with the headers ${[...left.headers.keys()]}`);
}

const atHome = (api: Api, request: Request, origin: string): Request =>
  api.origins.includes(new URL(request.url).origin)
    ? request
    : new Request(new URL(new URL(request.url).pathname + new URL(request.url).search, origin), request);

export async function redirected(service: Service, api: Api): Promise<void> {
  const operations = await operationsOf(service);
  for (const operation of operations) {
    for (const status of [301, 302, 303, 307, 308]) {
      for (const place of elsewhere(api.origins[0] ?? "")) {
        const begin = service.asked.length;
        service.interpose(async (request, ask) => {
          const { origin, pathname, search } = new URL(request.url);
          if (!api.origins.includes(origin)) return ask(atHome(api, request, api.origins[0] ?? ""));
          return new Response(null, { status, headers: { location: `${place}${pathname}${search}` } });
        });
        const [outcome] = await Promise.allSettled([operation.run()]);
        service.interpose(undefined);
        const what = `${operation.name}, redirected by ${status}`;
        assertStays(service, api, begin, what);
        const asked = service.asked.length > begin;
        assert.ok(!asked || outcome.status === "rejected", `${what}, must throw: ${tell(outcome)}`);
      }
    }
  }
}

/** Names that links to a next page have in bodies. */
const NEXT = /"(next|next_?page|next_?url|next_?link|href|links?)":\s*(null|"[^"]*")/gi;

export async function linked(service: Service, api: Api): Promise<void> {
  const operations = (await operationsOf(service)).filter(({ kind }) => kind === "list" || kind === "poll");
  for (const operation of operations) {
    for (const place of [...elsewhere(api.origins[0] ?? ""), "//evil.example"]) {
      const begin = service.asked.length;
      let first = true;
      service.interpose(async (request, ask) => {
        const response = await ask(atHome(api, request, api.origins[0] ?? ""));
        const { pathname } = new URL(request.url);
        const next = `${place}${pathname}?page=2`;
        const text = api.origins.reduce((all, origin) => all.replaceAll(origin, place), await response.text());
        const headers = new Headers(response.headers);
        if (first) headers.set("link", `<${next}>; rel="next"`);
        const body = first ? text.replace(NEXT, (_, name) => `"${name}":${JSON.stringify(next)}`) : text;
        first = false;
        return new Response(body === "" ? null : body, { status: response.status, headers });
      });
      // Whether it refuses the link, or has no use for one, it may answer.
      await Promise.allSettled([operation.run()]);
      service.interpose(undefined);
      assertStays(service, api, begin, `${operation.name}, led to ${place}`);
    }
  }
}

export const tell = (outcome: PromiseSettledResult<unknown>): string =>
  outcome.status === "rejected"
    ? nameOf(outcome.reason)
    : `it gives ${String(JSON.stringify(outcome.value)).slice(0, 80)}`;
