/**
 * The webhook itself: the hook of a repository or of an organisation (docs.github.com/rest/repos/webhooks, …/orgs/webhooks).
 * The token must administer hooks: "Webhooks" of a fine-grained one or an App, `admin:repo_hook` or `admin:org_hook`.
 * @module
 */
import { AccessLost, type Context, type Endpoint, RetryLater } from "tidemark";
import { change } from "./change.ts";
import { getPage } from "./client.ts";
import { readPage } from "./deliveries.ts";
import { statusOf } from "./errors.ts";
import { eventsFor, type Hook, hook, isRefused, lackingIn, verdictOn } from "./hook.ts";
import { type ClientOf, clientFor } from "./send.ts";
import { isOrganization } from "./state.ts";
import type { GitHubType } from "./types.ts";

/** What is asked, for which types, and the current secrets of a scope. */
export interface Asking {
  clientOf: ClientOf;
  types: readonly GitHubType[];
  secretsOf(scope: string): Promise<readonly string[]>;
}

/** The hook of a scope. */
export const endpointOf = (asking: Asking): Endpoint => ({
  async check(url, context) {
    const all = await hooks(asking.clientOf, context);
    return verdictOn(withUrl(all, url), all.length, eventsFor(asking.types, context.scope));
  },
  ensure: (url, context) => ensure(asking, url, context),
  redeliver: (url, since, context) => redeliver(asking.clientOf, url, since, context),
});

const withUrl = (all: readonly Hook[], url: string): Hook | undefined => all.find(({ config }) => config.url === url);

async function hooks(clientOf: ClientOf, context: Context): Promise<Hook[]> {
  const found: Hook[] = [];
  for (let page = 1; ; page++) {
    const list = { path: "/hooks", params: {}, page, homeless: true };
    const { rows, more } = await getPage(clientOf, context, list).catch((cause) => lost(context.scope, cause));
    found.push(...rows.map((row) => hook.parse(row)));
    if (!more) return found;
  }
}

/** To whom it does not let administer hooks, GitHub says that there are none. */
function lost(scope: string, cause: unknown): never {
  if (statusOf(cause) !== 404 && !(cause instanceof AccessLost && statusOf(cause.cause) === 404)) throw cause;
  throw new AccessLost(`GitHub shows no hooks of ${scope}: it is gone, or the token may not administer its hooks`, {
    cause,
  });
}

/** The secret cannot be read, so it is written each time. One that is the same changes nothing. */
async function ensure({ clientOf, types, secretsOf }: Asking, url: string, context: Context) {
  const needed = eventsFor(types, context.scope);
  const found = withUrl(await hooks(clientOf, context), url);
  if (needed.length === 0) return {};
  const [secret] = await secretsOf(context.scope);
  const ask = (method: string, params: Readonly<Record<string, unknown>>) =>
    change(clientOf, context, method, params).catch((cause) => lost(context.scope, cause));
  if (!found) {
    const config = { url, content_type: "json", insecure_ssl: "0", secret };
    await ask("POST /hooks", { name: "web", active: true, events: needed, config });
    return {};
  }
  const events = [...found.events, ...lackingIn(found, needed)];
  // What is left out of `config` GitHub takes away.
  await ask("PATCH /hooks/{id}", { id: found.id, active: true, events, config: { ...found.config, secret } });
  // How this is answered takes the place of the refusal.
  if (isRefused(found)) await ask("POST /hooks/{id}/pings", { id: found.id });
  return {};
}

/** GitHub knows what it sent for three days. */
async function redeliver(clientOf: ClientOf, url: string, since: Date, context: Context): Promise<number> {
  const found = withUrl(await hooks(clientOf, context), url);
  if (!found) return 0;
  const root = isOrganization(context.scope) ? "/orgs" : "/repos";
  const client = await clientFor(clientOf, context.scope, context.now());
  const path = `${root}/${context.scope}/hooks/${found.id}`;
  // By GUID: a delivery has that of the one it repeats.
  const done = new Set<string>();
  let sent = 0;
  let next: string | undefined;
  try {
    do {
      const page = await readPage({ client, path }, next, context);
      for (const { id, guid, status, delivered_at } of page.rows) {
        if (Date.parse(delivered_at) < since.getTime()) return sent;
        if (done.has(guid)) continue;
        done.add(guid);
        if (status === "OK") continue;
        if (await attempt(clientOf, found.id, id, context)) sent++;
      }
      next = page.next;
    } while (next !== undefined);
  } catch (error) {
    if (!(error instanceof RetryLater) || sent === 0) throw error;
  }
  return sent;
}

/** False for one that GitHub keeps no more. */
async function attempt(clientOf: ClientOf, hook: string, delivery: string, context: Context): Promise<boolean> {
  try {
    await change(clientOf, context, "POST /hooks/{hook}/deliveries/{delivery}/attempts", { hook, delivery });
    return true;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 422) return false;
    throw error;
  }
}
