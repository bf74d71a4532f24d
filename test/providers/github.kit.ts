/** What the tests of the GitHub provider share: fixtures, signed requests, and a server for the real client. */
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Octokit } from "@octokit/rest";
import type { Context, Hint, Provider, WebhookRequest } from "tidemark";
import { github } from "tidemark/github";
import { fakeContext } from "./context.ts";

export type Json = Record<string, unknown>;

const folder = new URL("../fixtures/github/", import.meta.url);
export const bytesOf = (path: string): Buffer => readFileSync(new URL(path, folder));
export const fixture = (path: string) => JSON.parse(bytesOf(path).toString());
/** An example of the published description of the API. */
export const example = (name: string) => fixture(`rest/${name}.json`);
/** The names of all recorded payloads: `issues.opened`. */
export const payloads = readdirSync(new URL("webhooks", folder)).map((file) => file.replace(/\.json$/, ""));

/** The types, written down once more: a test that asked the provider for them could not fail. */
export const TYPES = [
  ...(["repository", "issue", "pull_request", "issue_comment"] as const),
  ...(["label", "milestone", "release", "branch", "tag", "review", "review_comment", "commit_comment"] as const),
  ...(["workflow_run", "check_run", "deployment", "collaborator", "team", "organization_member"] as const),
];

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
/** A client that is never asked. */
export const idleClient = new Octokit();

export const SECRET = "It's a Secret to Everybody";
export const GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
/** The repository of most payloads. */
export const HOME = "Codertocat/Hello-World";
/** The repository of the examples. */
export const OCTOCAT = "octocat/Hello-World";
/** Its organisation, in the examples that have one. */
export const ORG = "github";
export const orgContext: Context = fakeContext({ scope: ORG });
/** The types that are in organisations. */
export const ORG_TYPES = ["team", "organization_member"];
export const octocat: Context = fakeContext({ scope: OCTOCAT });

/** The provider with every type, and with whatever a test gives it. */
export const plugin = (options = {}) =>
  github({ client: idleClient, webhookSecret: SECRET, repos: [HOME], ...options });

export const sign = (body: string | Uint8Array, key = SECRET) =>
  `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;

/** A signed delivery. `null` leaves a header out. */
export function request(
  body: Uint8Array | string,
  event: string,
  {
    signature = sign(body),
    delivery = GUID,
    scope,
  }: Partial<Record<"signature" | "delivery", string | null>> & {
    scope?: string;
  } = {},
): WebhookRequest {
  const headers = new Map([
    ["x-hub-signature-256", signature],
    ["x-github-event", event],
    ["x-github-delivery", delivery],
  ]);
  const get = (name: string) => headers.get(name.toLowerCase()) ?? null;
  const base = { method: "POST", url: "/", body: Buffer.from(body), now: 0, headers: { get } };
  return scope === undefined ? base : { ...base, scope };
}

/** Hands a delivery to the provider. */
export async function receive(provider: Pick<Provider, "webhook">, delivery: WebhookRequest): Promise<Hint[]> {
  const hints = await provider.webhook?.(delivery);
  if (!Array.isArray(hints)) throw new TypeError("a GitHub webhook is answered with hints");
  return hints;
}

/** Signs a payload and hands it to the provider. */
export const deliver = (body: Uint8Array | string | Json, event: string, provider = plugin()): Promise<Hint[]> =>
  receive(
    provider,
    request(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body), event),
  );

/** `type id`, ` v` if a version came with it, and the scope unless it is the usual one. */
export const refOf = ({ type, id, version, scope }: Hint): string =>
  `${type}${id === undefined ? "" : ` ${id}`}${version === undefined ? "" : " v"}${scope === HOME ? "" : ` @${scope}`}`;

export type Route = (url: URL, response: ServerResponse, request: IncomingMessage) => void;

/** A server on a free port of this machine until the test ends, and the real client pointed at it. */
export async function serve(t: { after(run: () => unknown): void }, route: Route): Promise<Octokit> {
  const server = createServer((req, res) => route(new URL(req.url ?? "/", "http://x"), res, req));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return new Octokit({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, auth: "token", log });
}

export const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  void response
    .writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));

/** The header that names the next page. */
export const nextPage = (page: number) => ({
  link: `<https://api.github.com/repositories/1/x?page=${page}>; rel="next"`,
});

/** An issue as the API gives it. */
export const issueOf = (more: Json = {}): Json => {
  const { pull_request, ...issue } = example("issues__list-for-repo.200")[0];
  return { ...issue, ...more };
};
