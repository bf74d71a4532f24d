import { type Mutant, mutantsOf } from "./mutant.ts";

const stripe = mutantsOf("stripe-endpoint-", "providers/stripe/endpoint.ts", [
  "test/providers/stripe.endpoint.test.ts",
]);
const paypal = mutantsOf("paypal-endpoint-", "providers/paypal/endpoint.ts", [
  "test/providers/paypal.endpoint.test.ts",
]);
const paypalEvent = mutantsOf("paypal-event-", "providers/paypal/event.ts", ["test/providers/paypal.endpoint.test.ts"]);
const github = mutantsOf("github-endpoint-", "providers/github/endpoint.ts", [
  "test/providers/github.endpoint.test.ts",
]);
const githubHook = mutantsOf("github-hook-", "providers/github/hook.ts", ["test/providers/github.endpoint.test.ts"]);
const githubChange = mutantsOf("github-change-", "providers/github/change.ts", [
  "test/providers/github.endpoint.test.ts",
]);
const strapi = mutantsOf("strapi-endpoint-", "providers/strapi/endpoint.ts", [
  "test/providers/strapi.endpoint.test.ts",
]);
const strapiOptions = mutantsOf("strapi-options-", "providers/strapi/options.ts", [
  "test/providers/strapi.endpoint.test.ts",
]);
const shopify = mutantsOf("shopify-endpoint-", "providers/shopify/endpoint.ts", [
  "test/providers/shopify.endpoint.test.ts",
]);
const topics = mutantsOf("shopify-subscriptions-", "providers/shopify/subscriptions.ts", [
  "test/providers/shopify.endpoint.test.ts",
]);
const gitlab = mutantsOf("gitlab-endpoint-", "providers/gitlab/endpoint.ts", [
  "test/providers/gitlab.endpoint.test.ts",
]);
const gitlabHook = mutantsOf("gitlab-hook-", "providers/gitlab/hook.ts", ["test/providers/gitlab.endpoint.test.ts"]);
const stripeClient = mutantsOf("stripe-client-", "providers/stripe/client.ts", [
  "test/providers/stripe.endpoint.test.ts",
]);

/** Guards of the hooks: what is looked at, made and mended at the provider. */
export const endpoint: readonly Mutant[] = [
  stripe("url", "only the hook of this URL", `webhook_endpoint?.url === url && `, ""),
  stripe(
    "from",
    "only the hook of this kind of account",
    `sourcesOf(scope).some((source) => from.includes(source))`,
    `from.length > 0`,
  ),
  stripe("own", "without a source it is the own account", `events_from ?? OWN`, `events_from ?? CONNECTED`),
  stripe("platform", "the platform has the endpoints", `{ ...context, scope: "" }`, `context`),
  stripe(
    "pages",
    "every page is read",
    `path = next_page_url?.startsWith(`,
    `path = next_page_url === "" && next_page_url.startsWith(`,
  ),
  stripe("away", "a page is Stripe's", "next_page_url?.startsWith(`$" + "{PATH}?`)", "next_page_url"),
  stripe(
    "off",
    "one that is off is no good one",
    `if (found.status !== "enabled") return`,
    `if (found.status === "") return`,
  ),
  stripe(
    "on",
    "one that is off is switched on",
    `if (found.status !== "enabled") await`,
    `if (found.status === "") await`,
  ),
  stripe("lacking", "every event that is needed", `needed.filter((name) => !sent.has(name))`, `[]`),
  stripe("all", "one for everything lacks nothing", `sent.has("*") ? [] : `, ""),
  stripe("besides", "what it sends besides stays", `...(found.enabled_events ?? []), `, ""),
  stripe("thin", "thin events have names of their own", `event_payload === "thin"`, `event_payload === ""`),
  stripe(
    "sources",
    "there are no thin events of sources",
    `.filter((name) => !name.startsWith("customer.source."))`,
    "",
  ),
  stripe(
    "second",
    "a second one is no fault",
    `Number(verdictOn(b, 0, events).ok) - Number(verdictOn(a, 0, events).ok)`,
    `0`,
  ),
  stripe(
    "named",
    "what the key needs is said",
    `failureOf(cause.cause).statusCode !== 403`,
    `failureOf(cause.cause).statusCode !== 401`,
  ),
  stripeClient("once", "what changes something is asked once", `if (body !== undefined) return await read();`, ""),

  paypal(
    "url",
    "only the hook of this URL",
    `const found = all.find((one) => one.url === url);`,
    `const [found] = all;`,
  ),
  paypal(
    "made",
    "only this one is mended",
    `const found = (await hooks(paypal, context)).find((one) => one.url === url);\n  const lacking`,
    `const [found] = await hooks(paypal, context);\n  const lacking`,
  ),
  paypal("events", "a hook sends what is needed", `if (lacking.length > 0) return`, `if (lacking.length < 0) return`),
  paypal(
    "named",
    "the option names the webhook",
    `if ((await asking.webhookIdsOf(context.scope)).includes(found.id)) return { ok: true };`,
    `return { ok: true };`,
  ),
  paypal("once", "what the option names is not answered", `.includes(id) ? {} : `, `.includes("") ? {} : `),
  paypal("besides", "what it sends besides stays", `...(found?.event_types ?? []).map(({ name }) => name), `, ""),
  paypal("again", "a hook that is right is left alone", `if (found && lacking.length > 0)`, `if (found)`),
  paypal("all", "one for everything lacks nothing", `if (has.has("*")) return [];`, ""),
  paypal("use", "only what is of use", `isOfUse(name, types) && `, ""),
  paypal("where", "what was sent elsewhere is another's", `webhook_url === url) ??`, `webhook_url !== "") ??`),
  paypal("taken", "what arrived at last is no loss", ` && tries.every(({ status }) => status === "FAILURE")`, ""),
  paypal("never", "what was not tried is no loss", `tries.some(({ status }) => status === "FAILURE") && `, ""),
  paypal(
    "kept",
    "no further back than PayPal remembers",
    `Math.max(since.getTime(), context.now() - KEPT)`,
    `since.getTime()`,
  ),
  paypal("pages", "every page of the log", `at = page.next;`, `at = null;`),
  paypal("unknown", "what PayPal knows no more is not counted", `if (status < 300) sent++;`, `sent++;`),
  paypal("limit", "a limit ends it", `!(error instanceof RetryLater) || sent === 0`, `error`),
  paypal(
    "wait",
    "a limit at once asks to wait",
    `!(error instanceof RetryLater) || sent === 0`,
    `!(error instanceof RetryLater)`,
  ),
  paypal("error", "another error is one", `!(error instanceof RetryLater) || sent === 0`, `sent < 0`),
  paypalEvent("charged", "a subscription is charged by sales", ` || (one === "subscription" && type === "sale")`, ""),

  github("url", "only the hook of this URL", `config.url === url`, `config.url !== ""`),
  github("pages", "a hook is looked for on every page", `if (!more) return found;`, `return found;`),
  github("lost", "who may not administer hooks has lost them", `throw new AccessLost(`, `throw new Error(`),
  github("besides", "what it sends besides stays", `...found.events, `, ""),
  github("config", "what is left out is taken away", `{ ...found.config, secret }`, `{ url, secret }`),
  github("secret", "another secret is written over", `{ ...found.config, secret }`, `{ ...found.config }`),
  github("ping", "a refusal is tried again", `if (isRefused(found)) await`, `if (found.id === "") await`),
  github("calm", "what was not refused is left alone", `if (isRefused(found)) await`, `await`),
  github(
    "since",
    "what is older is not sent again",
    `if (Date.parse(delivered_at) < since.getTime()) return sent;`,
    "",
  ),
  github("repeat", "a delivery is sent again once", `if (done.has(guid)) continue;`, ""),
  github("ok", "what arrived is not sent again", `if (status === "OK") continue;`, ""),
  github("log", "every page of the log", `next = page.next;`, `next = undefined;`),
  github("limit", "a limit ends it", `!(error instanceof RetryLater) || sent === 0`, `error`),
  github(
    "wait",
    "a limit at once asks to wait",
    `!(error instanceof RetryLater) || sent === 0`,
    `!(error instanceof RetryLater)`,
  ),
  github("error", "another error is one", `!(error instanceof RetryLater) || sent === 0`, `sent < 0`),
  github(
    "kept",
    "what GitHub keeps no more is passed over",
    `if (statusOf(error) === 404 || statusOf(error) === 422) return false;`,
    "",
  ),
  github("kept-422", "nor what it will not send", ` || statusOf(error) === 422`, ""),
  githubHook(
    "org",
    "events of an organisation are its hook's",
    `isOrganization(scope));`,
    `isOrganization(scope) || type !== "");`,
  ),
  githubHook(
    "off",
    "one that is off is no good one",
    `if (!found.active) return`,
    `if (found.active === undefined) return`,
  ),
  githubHook(
    "events",
    "a hook sends what is needed",
    `if (lacking.length > 0) return`,
    `if (lacking.length < 0) return`,
  ),
  githubHook("all", "one for everything lacks nothing", `events.includes("*") ? [] : `, ""),
  githubHook(
    "secret",
    "a hook has a secret",
    `if (!found.config.secret) return`,
    `if (found.config.secret === "") return`,
  ),
  githubHook("refused", "a refusal is another secret", `last_response?.code === 401`, `last_response?.code === 0`),
  githubChange(
    "once",
    "what broke off may have been done",
    `redirect: "manual", retries: 0`,
    `redirect: "manual", retries: 1`,
  ),
  githubChange(
    "moved",
    "nothing is changed under another name",
    `if (isRedirect(status)) throw`,
    `if (isRedirect(status + 100)) throw`,
  ),

  strapi(
    "url",
    "only the hook of this URL",
    `const found = all.find((one) => one.url === url);\n  if`,
    `const [found] = all;\n  if`,
  ),
  strapi(
    "look",
    "only the hook of this URL is looked at",
    `const found = all.find((one) => one.url === url);\n      return`,
    `const [found] = all;\n      return`,
  ),
  strapi(
    "off",
    "one that is off is no good one",
    `if (!found.isEnabled) return`,
    `if (found.isEnabled === null) return`,
  ),
  strapi(
    "on",
    "one that is off is switched on",
    `events, isEnabled: true };`,
    `events, isEnabled: found?.isEnabled };`,
  ),
  strapi("events", "a hook sends what is needed", `if (lacking.length > 0) return`, `if (lacking.length < 0) return`),
  strapi(
    "secret",
    "a hook has the secret",
    `if (hasSecret(found, wanted)) return { ok: true };`,
    `return { ok: true };`,
  ),
  strapi("once", "a header is there once", `held.length === 1 && held`, `held.length > 0 && held`),
  strapi("none", "with a signature no header is needed", `values.length === 0 || `, ""),
  strapi("before", "the secret before is good", `values.includes(value))`, `values[0] === value)`),
  strapi("alone", "another header holds the secret alone", `header === "authorization" ? "Bearer " : ""`, `"Bearer "`),
  strapi(
    "right",
    "a hook that is right is left alone",
    `if (found && verdictOn(found, all.length, wanted).ok) return {};`,
    "",
  ),
  strapi("besides", "what it sends besides stays", `...(found?.events ?? []), `, ""),
  strapi("others", "its other headers stay", `...Object.fromEntries(others), `, ""),
  strapi("headers", "headers that are right stay", `found && hasSecret(found, wanted) ? (found.headers ?? {}) : `, ""),
  strapi(
    "twice",
    "a header is there once, however it is written",
    `.filter(([name]) => name.toLowerCase() !== header);`,
    `;`,
  ),
  strapi("media", "files have events of their own", `kind === "media") ? MEDIA`, `kind !== "media") ? MEDIA`),
  strapi(
    "admin",
    "the admin is of the API's host",
    `new URL("admin", url.replace(/\\/+$/, "")).href`,
    `url.replace(/[^/]+\\/*$/, "admin")`,
  ),
  strapi(
    "token",
    "the admin's token is sent",
    "authorization: `Bearer $" + "{adminToken}`",
    "authorization: `Bearer $" + "{options.token}`",
  ),
  strapiOptions("admin", "an admin token is one", `|| !/^[!-~]+$/.test(adminToken))`, `)`),

  shopify(
    "url",
    "only what has this URL is mended",
    `(await subscriptions(ask, context)).filter(({ uri }) => uri === url);`,
    `await subscriptions(ask, context);`,
  ),
  shopify("look", "only what has this URL is looked at", `all.filter(({ uri }) => uri === url),`, `all,`),
  shopify(
    "pages",
    "every page is read",
    `if (!page.pageInfo.hasNextPage || after === null) return all;`,
    `return all;`,
  ),
  shopify("refused", "what Shopify refuses is an error", `if (userErrors.length === 0) return;`, `return;`),
  shopify(
    "create",
    "what is lacking is made",
    `for (const topic of lackingIn(ours, needed)) await`,
    `for (const topic of lackingIn(needed as never, [])) await`,
  ),
  shopify("whole", "filters are taken off", `{ ...input, filter: null, includeFields: [] }`, `input`),
  topics("none", "a type without topics needs none", `if (needed.length === 0) return { ok: true };`, ""),
  topics("lacking", "every topic that is needed", `if (lacking.length > 0) return`, `if (lacking.length < 0) return`),
  topics("needed", "what is not needed may be as it is", `needed.includes(topic) && (format`, `(format`),
  topics("format", "JSON is read", `format !== "JSON" || `, ""),
  topics("filter", "a filter leaves things out", `Boolean(filter) || `, ""),
  topics("fields", "fields may be left out", ` || (includeFields ?? []).length > 0`, ""),

  gitlab("pages", "a hook is looked for on every page", `search = page.next;`, `search = undefined;`),
  gitlab(
    "url",
    "only the hook of this URL",
    `const found = (await hooks(client, context)).find((one) => one.url === url);\n  const [method`,
    `const [found] = await hooks(client, context);\n  const [method`,
  ),
  gitlab("log", "a system hook has no log", `if (placeOf(context.scope) === "instance") return false;`, ""),
  gitlab("refused", "a refusal is another secret", `response_status === "401"`, `response_status === ""`),
  gitlab("signing", "a signing token is written", `...(signing !== undefined && { signing_token: signing }),`, ""),
  gitlab("token", "a secret token is written", `...(token !== undefined && { token }),`, ""),
  gitlab(
    "silent",
    "a signing token may be passed over in silence",
    `if (token === undefined && hook.parse`,
    `if (token === "" && hook.parse`,
  ),
  gitlab(
    "plain",
    "a server that knows no signing tokens may have a secret token",
    `if (token === undefined && hook.parse`,
    `if (hook.parse`,
  ),
  gitlab(
    "wake",
    "a hook that is on and was not refused is not tested",
    `if (isOn && !(await isRefused(client, found, context))) return;`,
    "",
  ),
  gitlab(
    "tried",
    "what was refused is tried again",
    `if (isOn && !(await isRefused(client, found, context))) return;`,
    `if (isOn) return;`,
  ),
  gitlab("lost", "what arrived is not sent again", `if (!isLost(one)) continue;`, ""),
  gitlab(
    "since",
    "what is older is not sent again",
    `if (one.created_at && Date.parse(one.created_at) < since.getTime()) return sent;`,
    "",
  ),
  gitlab("limit", "the limit ends it", `if (error instanceof RetryLater && sent > 0) return sent;`, ""),
  gitlab("wait", "a limit at once asks to wait", `instanceof RetryLater && sent > 0`, `instanceof RetryLater`),
  gitlab("again", "what cannot be sent again is not counted", `if (status !== 422) sent++;`, `sent++;`),
  gitlabHook(
    "off",
    "a hook is on",
    `if (alert_status && alert_status !== "executable") {`,
    `if (alert_status === "") {`,
  ),
  gitlabHook("events", "a hook sends what is needed", `if (off.length > 0) return`, `if (off.length < 0) return`),
  gitlabHook(
    "untold",
    "what an older server does not tell is no fault",
    `found[flag] === false`,
    `found[flag] !== true`,
  ),
  gitlabHook(
    "template",
    "a hook has no template",
    `if (found.custom_webhook_template) return`,
    `if (found.custom_webhook_template === "x") return`,
  ),
  gitlabHook(
    "filter",
    "a hook has no filter",
    `if (found.push_events_branch_filter) return`,
    `if (found.push_events_branch_filter === "x") return`,
  ),
  gitlabHook("secret", "a hook has a secret", `if (lacks) return`, `if (lacks === undefined) return`),
  gitlabHook("plain", "without a secret token it must sign", `plain ? token_present`, `true ? token_present`),
  gitlabHook("last", "its last webhook was not refused", `if (refused) return`, `if (refused === undefined) return`),

  github("none", "where no type is no hook is made", `if (needed.length === 0) return {};`, ""),
  githubHook("none", "where no type is no hook is needed", `if (needed.length === 0) return { ok: true };`, ""),

  gitlab("repeat", "what is sent again is the same one", `headerOf(one, "idempotency-key") ?? `, ""),
  gitlab("once", "what arrived at last is not sent again", `if (done.has(key)) continue;`, ""),
];
