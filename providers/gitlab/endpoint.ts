/**
 * The hook itself, through the API: is it there and right, make it or mend it, have sent again what failed
 * (docs.gitlab.com/api/project_webhooks, group_webhooks, system_hooks). The token needs the scope `api` and its user the role
 * Maintainer; for system hooks it must be an administrator's.
 * @module
 */
import { randomBytes } from "node:crypto";
import { type Context, type Endpoint, RetryLater } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope, PER_PAGE } from "./client.ts";
import { faultIn, flagsOf, type Hook, hook } from "./hook.ts";
import { type HookOf, hookFor, isLost, readLog } from "./log.ts";
import { placeOf } from "./scope.ts";
import type { GitLabType } from "./types.ts";

const FOLDERS = { project: "projects/{scope}/hooks", group: "groups/{scope}/hooks", instance: "hooks" };
const folderOf = (context: Context): string => inScope(FOLDERS[placeOf(context.scope)], context);

/** The hook of a scope. `redeliver` is there where the hooks are named whose logs are read. */
export function endpointOf(client: Client, types: readonly GitLabType[], hookOf: HookOf | undefined): Endpoint {
  return {
    async check(url, context) {
      const flags = flagsOf(types, placeOf(context.scope));
      return faultIn(await find(client, url, context), flags) ?? { ok: true };
    },
    ensure: (url, context) => ensure(client, url, flagsOf(types, placeOf(context.scope)), context),
    ...(hookOf && { redeliver: (_, since, context) => redeliver(client, hookOf, since, context) }),
  };
}

/** The hook with this URL: adding it a second time would have everything sent twice. */
async function find(client: Client, url: string, context: Context): Promise<Hook | undefined> {
  let search: string | undefined = `per_page=${PER_PAGE}`;
  while (search !== undefined) {
    const page = await getPage(client, folderOf(context), search, context);
    const found = z
      .array(hook)
      .parse(page.rows)
      .find((one) => one.url === url);
    if (found) return found;
    search = page.next;
  }
  return undefined;
}

async function ensure(client: Client, url: string, flags: readonly string[], context: Context) {
  const wanted = { url, ...Object.fromEntries(flags.map((flag) => [flag, true])) };
  const found = await find(client, url, context);
  const folder = folderOf(context);
  // A secret that is there stays as it is: GitLab never shows it again.
  if (found && hasSecret(found)) {
    const body = { ...wanted, push_events_branch_filter: "", custom_webhook_template: "" };
    await client.request("PUT", `${folder}/${found.id}`, context, { body });
    await wake(client, `${folder}/${found.id}`, found, context);
    return {};
  }
  const signing = `whsec_${randomBytes(32).toString("base64")}`;
  const [method, place] = found ? (["PUT", `${folder}/${found.id}`] as const) : (["POST", folder] as const);
  const { body } = await client.request(method, place, context, { body: { ...wanted, signing_token: signing } });
  const made = hook.parse(body);
  if (made.signing_token_present === true) return { secret: signing };
  // A server that does not know signing tokens passes them over in silence.
  const token = randomBytes(32).toString("base64url");
  await client.request("PUT", `${folder}/${made.id}`, context, { body: { url, token } });
  return { secret: token };
}

/** Older servers do not tell of either. */
const hasSecret = ({ signing_token_present, token_present }: Hook): boolean =>
  signing_token_present === true || token_present !== false;

/** One that failed too often is switched off until a test of it is answered well. */
async function wake(client: Client, place: string, { alert_status }: Hook, context: Context): Promise<void> {
  if (alert_status === "executable" || !alert_status) return;
  await client.post(`${place}/test/push_events`, context, { allow: [422] });
}

/** GitLab takes five a minute: what is beyond waits for the next call. */
async function redeliver(client: Client, hookOf: HookOf, since: Date, context: Context): Promise<number> {
  const path = await hookFor(hookOf, context.scope);
  if (path === undefined) return 0;
  let sent = 0;
  for (let page = 1; ; page++) {
    const read = await readLog(client, path, page, context);
    for (const one of read?.entries ?? []) {
      if (one.created_at && Date.parse(one.created_at) < since.getTime()) return sent;
      if (!isLost(one)) continue;
      try {
        // One that was for another URL cannot be sent again.
        const { status } = await client.post(`${path}/events/${one.id}/resend`, context, { allow: [422] });
        if (status !== 422) sent++;
      } catch (error) {
        if (error instanceof RetryLater && sent > 0) return sent;
        throw error;
      }
    }
    if (!read?.more) return sent;
  }
}
