/**
 * The webhook itself: what is under Settings, Webhooks in the admin, through the admin's API. Measured with Strapi 5.54.0; its
 * documentation has nothing of it. It wants an admin token, with `admin::webhooks.read`, `.create` and `.update`.
 * @module
 */
import type { Context, Endpoint, EndpointCheck, EndpointFault } from "tidemark";
import { type Client, createClient, path } from "tidemark/client";
import { currentSecrets } from "tidemark/verify";
import { z } from "zod";
import type { StrapiOptions } from "./options.ts";
import type { ContentType } from "./types.ts";

const ENTRY = ["create", "update", "delete", "publish", "unpublish", "draft-discard"].map((what) => `entry.${what}`);
const MEDIA = ["create", "update", "delete"].map((what) => `media.${what}`);

const hook = z.looseObject({
  id: z.union([z.int(), z.string()]).transform(String),
  name: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  events: z.array(z.string()),
  isEnabled: z.boolean(),
});
type Hook = z.infer<typeof hook>;
const hookList = z.looseObject({ data: z.array(hook) });

type Options = StrapiOptions<Readonly<Record<string, ContentType>>>;

/** What a hook must be: which events it sends, and what its header holds; empty where nothing is expected of it. */
interface Wanted {
  events: readonly string[];
  header: string;
  values: readonly string[];
}

/** The webhook of this Strapi. */
export function endpointOf(options: Options, adminToken: string): Endpoint {
  const { url, adminUrl = besideOf(url), webhookSecret, types, fetch } = options;
  const headers = { authorization: `Bearer ${adminToken}` };
  const client = createClient({ name: "Strapi", url: adminUrl, headers, ...(fetch && { fetch }) });
  const secretsOf =
    webhookSecret === undefined ? undefined : currentSecrets(webhookSecret, "strapi({ webhookSecret })");
  const all = Object.values(types);
  const events = [
    ...(all.some(({ kind }) => kind !== "media") ? ENTRY : []),
    ...(all.some(({ kind }) => kind === "media") ? MEDIA : []),
  ];
  const header = (options.webhookHeader ?? "authorization").toLowerCase();
  const before = header === "authorization" ? "Bearer " : "";
  const wantedIn = async ({ scope }: Context): Promise<Wanted> => {
    const secrets = (await secretsOf?.(scope)) ?? [];
    return { events, header, values: secrets.map((secret) => before + secret) };
  };
  return {
    async check(url, context) {
      const all = await hooks(client, context);
      const found = all.find((one) => one.url === url);
      return verdictOn(found, all.length, await wantedIn(context));
    },
    ensure: async (url, context) => ensure(client, url, await wantedIn(context), context),
  };
}

/** The admin of the same host, in the place of the API. */
const besideOf = (url: string): string => new URL("admin", url.replace(/\/+$/, "")).href;

const hooks = async (client: Client, context: Context): Promise<Hook[]> =>
  hookList.parse((await client.get("webhooks", context)).body).data;

function verdictOn(found: Hook | undefined, others: number, wanted: Wanted): EndpointCheck {
  if (!found && others === 0) return wrong("missing", "there is no webhook");
  if (!found) return wrong("elsewhere", `none of the webhooks has this URL; others: ${others}`);
  if (!found.isEnabled) return wrong("disabled", "the webhook is not enabled");
  const lacking = lackingIn(found.events, wanted);
  if (lacking.length > 0) return wrong("events", `the webhook does not send ${lacking.join(", ")}`);
  if (hasSecret(found, wanted)) return { ok: true };
  return wrong("secret", `the webhook's header ${wanted.header} is missing, or holds none of the secrets`);
}

const wrong = (fault: EndpointFault, problem: string): EndpointCheck => ({ ok: false, fault, problem });

const lackingIn = (sent: readonly string[], { events }: Wanted): string[] =>
  events.filter((event) => !sent.includes(event));

/** Strapi shows what the headers hold. */
function hasSecret({ headers }: Hook, { header, values }: Wanted): boolean {
  const held = Object.entries(headers ?? {}).filter(([name]) => name.toLowerCase() === header);
  return values.length === 0 || (held.length === 1 && held.every(([, value]) => values.includes(value)));
}

async function ensure(client: Client, url: string, wanted: Wanted, context: Context): Promise<{ secret?: string }> {
  const all = await hooks(client, context);
  const found = all.find((one) => one.url === url);
  if (found && verdictOn(found, all.length, wanted).ok) return {};
  const events = [...(found?.events ?? []), ...lackingIn(found?.events ?? [], wanted)];
  const headers = found && hasSecret(found, wanted) ? (found.headers ?? {}) : headersOf(found, wanted);
  const body = { name: found?.name ?? "Tidemark", url, headers, events, isEnabled: true };
  if (found) await client.request("PUT", path`webhooks/${found.id}`, context, { body });
  else await client.post("webhooks", context, { body });
  return {};
}

/** The first secret, in its header, beside the other headers. */
function headersOf(found: Hook | undefined, { header, values: [value] }: Wanted): Readonly<Record<string, string>> {
  const others = Object.entries(found?.headers ?? {}).filter(([name]) => name.toLowerCase() !== header);
  return { ...Object.fromEntries(others), ...(value !== undefined && { [header]: value }) };
}
