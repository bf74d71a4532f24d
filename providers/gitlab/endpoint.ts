/**
 * The hook itself, through the API: is it there and right, make it or mend it, have sent again what failed
 * (docs.gitlab.com/api/project_webhooks, group_webhooks, system_hooks). The token needs the scope `api` and its user the role
 * Maintainer; for system hooks it must be an administrator's.
 * @module
 */
import { type Context, type Endpoint, RetryLater } from "tidemark";
import type { Client } from "tidemark/client";
import { z } from "zod";
import { getPage, inScope, PER_PAGE } from "./client.ts";
import { flagsOf, type Hook, hook, verdictOn } from "./hook.ts";
import { headerOf, isLost, readLog } from "./log.ts";
import { placeOf } from "./scope.ts";
import type { GitLabType } from "./types.ts";
import { isSigning } from "./webhook.ts";

const FOLDERS = { project: "projects/{scope}/hooks", group: "groups/{scope}/hooks", instance: "hooks" };
const folderOf = (context: Context): string => inScope(FOLDERS[placeOf(context.scope)], context);

/** What is asked, for which types, and the current secrets of a scope. */
export interface Asking {
  client: Client;
  types: readonly GitLabType[];
  secretsOf(scope: string): Promise<readonly string[]>;
}

/** The hook of a scope. */
export function endpointOf(asking: Asking): Endpoint {
  const { client, types } = asking;
  return {
    async check(url, context) {
      const all = await hooks(client, context);
      const found = all.find((one) => one.url === url);
      const refused = found !== undefined && (await isRefused(client, found, context));
      const plain = (await asking.secretsOf(context.scope)).some((secret) => !isSigning(secret));
      return verdictOn({ found, refused, others: all.length }, flagsOf(types, placeOf(context.scope)), plain);
    },
    ensure: (url, context) => ensure(asking, url, context),
    redeliver: (url, since, context) => redeliver(client, url, since, context),
  };
}

async function hooks(client: Client, context: Context): Promise<Hook[]> {
  const all: Hook[] = [];
  let search: string | undefined = `per_page=${PER_PAGE}`;
  while (search !== undefined) {
    const page = await getPage(client, folderOf(context), search, context);
    all.push(...z.array(hook).parse(page.rows));
    search = page.next;
  }
  return all;
}

/** Whether the newest webhook was answered as one with another secret is. A system hook has no log. */
async function isRefused(client: Client, { id }: Hook, context: Context): Promise<boolean> {
  if (placeOf(context.scope) === "instance") return false;
  const log = await readLog(client, `${folderOf(context)}/${id}`, 1, context);
  return log?.entries[0]?.response_status === "401";
}

/** Secrets are not shown: they are written each time. One that is the same changes nothing. */
async function ensure({ client, types, secretsOf }: Asking, url: string, context: Context) {
  const flags = flagsOf(types, placeOf(context.scope));
  const secrets = await secretsOf(context.scope);
  const signing = secrets.find(isSigning);
  const token = secrets.find((secret) => !isSigning(secret));
  const wanted = {
    ...{ url, push_events_branch_filter: "", custom_webhook_template: "" },
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(signing !== undefined && { signing_token: signing }),
    ...(token !== undefined && { token }),
  };
  const folder = folderOf(context);
  const found = (await hooks(client, context)).find((one) => one.url === url);
  const [method, place] = found ? (["PUT", `${folder}/${found.id}`] as const) : (["POST", folder] as const);
  const { body } = await client.request(method, place, context, { body: wanted });
  // A server that does not know signing tokens passes them over in silence.
  if (token === undefined && hook.parse(body).signing_token_present !== true) throw new TypeError(UNKNOWN);
  if (found) await wake(client, place, found, context);
  return {};
}

const UNKNOWN = "this GitLab knows no signing tokens: add a secret token, without whsec_, to gitlab({ webhookSecret })";

/** One that failed too often is switched off until a test of it is answered well; and what was refused is tried again. */
async function wake(client: Client, place: string, found: Hook, context: Context): Promise<void> {
  const isOn = found.alert_status === "executable" || !found.alert_status;
  if (isOn && !(await isRefused(client, found, context))) return;
  await client.post(`${place}/test/push_events`, context, { allow: [422] });
}

/** GitLab takes five a minute: what is beyond waits for the next call. */
async function redeliver(client: Client, url: string, since: Date, context: Context): Promise<number> {
  const found = (await hooks(client, context)).find((one) => one.url === url);
  if (found === undefined) return 0;
  const path = `${folderOf(context)}/${found.id}`;
  // By its key, which what is sent again keeps: the newest of each counts.
  const done = new Set<string>();
  let sent = 0;
  for (let page = 1; ; page++) {
    const read = await readLog(client, path, page, context);
    for (const one of read?.entries ?? []) {
      if (one.created_at && Date.parse(one.created_at) < since.getTime()) return sent;
      const key = headerOf(one, "idempotency-key") ?? one.id;
      if (done.has(key)) continue;
      done.add(key);
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
