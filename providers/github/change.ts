/**
 * Asks a repository or an organisation to change something.
 * @module
 */
import { AccessLost } from "tidemark";
import { meaningOf } from "./errors.ts";
import { API_VERSION, type Asked, type ClientOf, clientFor, isRedirect, plain } from "./send.ts";
import { isOrganization } from "./state.ts";

/**
 * Asks once: what broke off may have been done.
 * @param method with the path below the scope: `"POST /hooks"`
 * @returns what was answered
 * @throws AccessLost where the scope has another name now, or what {@link meaningOf} makes of an error
 */
export async function change(
  clientOf: ClientOf,
  { scope, signal, now }: Asked,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const client = await clientFor(clientOf, scope, now());
  const [owner = "", repo = ""] = scope.split("/");
  const [verb, path] = method.split(" ");
  const root = isOrganization(scope) ? "/orgs/{owner}" : "/repos/{owner}/{repo}";
  const headers = { "x-github-api-version": API_VERSION };
  const request = { signal, redirect: "manual", retries: 0 } as const;
  try {
    const all = { ...params, owner, ...(repo !== "" && { repo }), headers, request };
    const { data, status } = await client.request(`${verb} ${root}${path}`, all);
    if (isRedirect(status)) throw new AccessLost(`${scope} has another name now: name it so in github({ repos })`);
    return plain(data);
  } catch (error) {
    throw error instanceof AccessLost ? error : meaningOf(error, now());
  }
}
