import { type Mutant, mutantsOf } from "./mutant.ts";

const webhook = mutantsOf("gitlab-webhook-", "providers/gitlab/webhook.ts", ["test/providers/gitlab.webhook.test.ts"]);
const events = mutantsOf("gitlab-events-", "providers/gitlab/events.ts", ["test/providers/gitlab.webhook.test.ts"]);
const read = mutantsOf("gitlab-read-", "providers/gitlab/read.ts", ["test/providers/gitlab.read.test.ts"]);
const client = mutantsOf("gitlab-client-", "providers/gitlab/client.ts", ["test/providers/gitlab.read.test.ts"]);
const page = mutantsOf("gitlab-page-", "providers/gitlab/page.ts", ["test/providers/gitlab.read.test.ts"]);
const probe = mutantsOf("gitlab-probe-", "providers/gitlab/probe.ts", ["test/providers/gitlab.read.test.ts"]);
const state = mutantsOf("gitlab-state-", "providers/gitlab/state.ts", ["test/providers/gitlab.read.test.ts"]);
const types = mutantsOf("gitlab-types-", "providers/gitlab/types.ts", ["test/providers/gitlab.read.test.ts"]);
const feed = mutantsOf("gitlab-feed-", "providers/gitlab/feed.ts", ["test/providers/gitlab.feed.test.ts"]);
const jobs = mutantsOf("gitlab-jobs-", "providers/gitlab/jobs.ts", ["test/providers/gitlab.feed.test.ts"]);
const pushes = mutantsOf("gitlab-pushes-", "providers/gitlab/pushes.ts", ["test/providers/gitlab.feed.test.ts"]);
const deliveries = mutantsOf("gitlab-deliveries-", "providers/gitlab/deliveries.ts", [
  "test/providers/gitlab.deliveries.test.ts",
]);
const log = mutantsOf("gitlab-log-", "providers/gitlab/log.ts", ["test/providers/gitlab.deliveries.test.ts"]);
const index = mutantsOf("gitlab-index-", "providers/gitlab/index.ts", ["test/providers/gitlab.options.test.ts"]);
const whole = mutantsOf("gitlab-index-", "providers/gitlab/index.ts", ["test/providers/gitlab.deliveries.test.ts"]);
const options = mutantsOf("gitlab-options-", "providers/gitlab/options.ts", ["test/providers/gitlab.options.test.ts"]);
const scope = mutantsOf("gitlab-scope-", "providers/gitlab/scope.ts", ["test/providers/gitlab.options.test.ts"]);
const lonely = mutantsOf("gitlab-scope-", "providers/gitlab/scope.ts", ["test/providers/gitlab.webhook.test.ts"]);
const feedPlace = mutantsOf("gitlab-feed-", "providers/gitlab/feed.ts", ["test/providers/gitlab.read.test.ts"]);
const jobsPlace = mutantsOf("gitlab-jobs-", "providers/gitlab/jobs.ts", ["test/providers/gitlab.read.test.ts"]);
const pushesPlace = mutantsOf("gitlab-pushes-", "providers/gitlab/pushes.ts", ["test/providers/gitlab.read.test.ts"]);

/** Guards of the GitLab provider. */
export const gitlab: readonly Mutant[] = [
  webhook(
    "fallback",
    "a signature that is there must hold",
    `if (headers.get("webhook-signature") !== null) {`,
    `if (headers.get("webhook-signature") !== null && headers.get("x-gitlab-token") === null) {`,
  ),
  webhook(
    "empty",
    "an empty signature is there, too",
    `if (headers.get("webhook-signature") !== null) {`,
    `if (headers.get("webhook-signature")) {`,
  ),
  webhook(
    "kind",
    "a signing token is no secret token",
    `const plain = secrets.filter((secret) => !isSigning(secret));`,
    `const plain = secrets;`,
  ),
  webhook(
    "signing",
    "a secret token signs nothing",
    `verifyStandardWebhook(secrets.filter(isSigning), request);`,
    `verifyStandardWebhook(secrets, request);`,
  ),
  webhook(
    "form",
    "a signing token is looked at when it is given",
    `isSigning(secret) && standardSecrets(secret, option)`,
    `undefined`,
  ),
  webhook("key", "what is no key of a delivery names none", ` || !/^[\\w-]{8,128}$/.test(key)`, ""),
  webhook("signed", "the key that is signed is used", `headers.get("webhook-id") ?? `, ""),
  webhook(
    "elsewhere",
    "what is of another scope is refused",
    `if (asked !== undefined && isElsewhere(asked, home, located)) {`,
    `if (false as boolean) {`,
  ),
  webhook("scope", "what the scope was named for stays in it", ` || (asked !== undefined && scope !== asked)`, ""),
  webhook("types", "only what is synchronized is hinted at", `if (!isWanted(type, known) || scope`, `if (scope`),
  webhook("target", "a merge request is where it leads to", `about?.target_project_id ?? `, ""),
  webhook(
    "whole",
    "a refresh of what is not synchronized",
    `if (type === undefined || !isWanted(type, known)) return [];`,
    `if (type === undefined) return [];`,
  ),
  webhook(
    "template",
    "a template without a scope is told",
    `throw new TypeError("the payload names no event`,
    `return [] as never; throw new TypeError("the payload names no event`,
  ),
  webhook(
    "own",
    "names of every object are no events",
    `Object.hasOwn(events, name) ? (events[name]?.(given) ?? []) : []`,
    `(events[name]?.(given) ?? [])`,
  ),
  events("release", "a release goes with its tag", `isNone(after) ? ofRef(ref).map(`, `false ? ofRef(ref).map(`),
  events("slug", "a page that was renamed has another slug", `page?.action === "update" ? `, `false ? `),
  events("path", "what can be no part of a path", `!id || id === "." || id === ".."`, `!id`),
  events("epic", "an epic is no issue", `item?.type === "Epic" && !project ? "epic" : "issue"`, `"issue"`),
  read("place", "a type is in its own sort of scope alone", `if (!isIn(definition, context) || (single`, `if ((single`),
  read("single", "a project is in its own scope alone", `(single && id !== numberOf(context.scope))`, `false`),
  read("slash", "what is within another has its id", `if (within !== undefined && slash < 0) return null;`, ""),
  read(
    "dots",
    "what can be no part of a path is not asked for",
    `if (Object.values(values).some((value) => ["", ".", ".."].includes(value))) return null;`,
    "",
  ),
  read(
    "home",
    "what was moved is not here",
    `if (home && textOf(home(state)) !== numberOf(context.scope)) return null;`,
    "",
  ),
  read("same", "another one is not this one", `return idOf(definition, state) === id ? state : null;`, `return state;`),
  read("batch", "a batch is read to its last page", `next = page.next;`, `next = undefined;`),
  read("numbers", "what is no number is not asked for", `ids.filter((id) => /^\\d+$/.test(id))`, `ids`),
  read(
    "list",
    "a type is listed in its own sort of scope alone",
    `if (!isIn(definition, context)) return { items: [], next: null };\n  const { list`,
    `const { list`,
  ),
  read(
    "only",
    "a scope lists itself",
    `if (!isIn(definition, context)) return { items: [], next: null };\n  return { items: [await`,
    `return { items: [await`,
  ),
  client(
    "list",
    "a list that is not there is lost access",
    `if (status === 404) {\n    throw`,
    `if (status === 405) {\n    throw`,
  ),
  client("encode", "ids are encoded in paths", "(_, name: string) => path`", "(_, name: string) => String.raw`"),
  client(
    "rel",
    "a link to the first page is none to the next",
    `/^rel="?next"?$/.test(param.trim())`,
    `param.trim() !== ""`,
  ),
  page("keyset", "a key is followed", ` || !new URLSearchParams(next).has("page")`, ""),
  page(
    "advance",
    "rows that move are not passed over",
    `if (order === undefined || !new URLSearchParams(next).has("page")) return next;`,
    `if (next) return next;`,
  ),
  page("instant", "an instant that fills a page ends", ` || last === from.get(param)`, ""),
  page("count", "the count of rows begins anew", `from.delete("page");`, ""),
  probe("place", "where a type is not nothing is asked", `if (placeOf(context.scope) !== place) return;`, ""),
  probe("home", "the project is shown", `if (place !== "instance") await getHome(client, context);`, ""),
  probe("role", "what is hidden from a guest", `if (hides) await checkRole(client, context);`, ""),
  probe("everyone", "what nobody hides needs no role", `if (hides) await`, `await`),
  probe("level", "a guest is not enough", `level >= PLANNER`, `level >= 10`),
  probe("admin", "an administrator sees everything", `if (me?.["is_admin"] === true) return;`, ""),
  probe("instance", "users are an administrator's", `if (place === "instance") throw`, `if (false as boolean) throw`),
  probe(
    "list",
    "the list can be read",
    `if (list !== undefined && within === undefined) await getPage(`,
    `if (false as boolean) await getPage(`,
  ),
  probe(
    "same",
    "what answers is the project",
    `if (textOf(home["id"]) === numberOf(scope)) return home;`,
    `return home;`,
  ),
  state(
    "id",
    "an answer without an id is none",
    `throw new TypeError("GitLab's answer has no id`,
    `return "1"; throw new TypeError("GitLab's answer has no id`,
  ),
  types("note", "a comment is found within what it is on", "return id && parent ? `", "return id && parent ? `x"),
  types(
    "snippet",
    "a snippet has no number within the project",
    `within === "snippet" ? noteable_id : noteable_iid`,
    `noteable_iid`,
  ),
  types("hides", "issues are hidden from guests", `batch: true, hides: true }`, `batch: true }`),
  feedPlace(
    "place",
    "a feed asks where its type is",
    `if (!isIn(definition, context)) return { hints: [], cursor: null };`,
    "",
  ),
  feed("overlap", "a row is visible a little late", `new Date(since - OVERLAP)`, `new Date(since)`),
  feed("end", "a poll ends", `pages < MOST_PAGES && search`, `search`),
  feed("latest", "the cursor never goes back", `Math.max(since, at.pass?.latest ?? 0)`, `at.pass?.latest ?? 0`),
  feed("pass", "the next poll goes on", `at.pass?.next ?? first`, `first`),
  feed("pass-latest", "and knows the latest time before", `at.pass?.latest ?? 0`, `0`),
  feed(
    "ended",
    "a pass of several polls is followed by none at once",
    `at.pass !== undefined && rows.length > 0`,
    `false`,
  ),
  feed("ahead", "a time ahead of every clock", `.filter((time) => time <= context.now() + OVERLAP)`, ``),
  feed("forgotten", "a place that is known no more begins anew", `pages > 0 || !isForgotten`, `true || !isForgotten`),
  feed("known", "but not one that was given just now", ` && now() - pass.told >= KNOWN`, ``),
  jobsPlace(
    "place",
    "jobs are of projects",
    `if (!isIn(definitions.job, context)) return { hints: [], cursor: null };`,
    "",
  ),
  jobs("done", "a job that is not under way any more is done", `, ...done];`, `];`),
  jobs("first", "what was there before is for the sweep", `from === null ? [] : [`, `[`),
  jobs("seen", "what was seen is not read again", `BigInt(nameOf(row)) > BigInt(latest)`, `true`),
  jobs("number", "numbers are no texts", `BigInt(nameOf(row)) > BigInt(latest)`, `nameOf(row) > latest`),
  jobs("stop", "what was seen ends the search", `wanted.length < page.rows.length ? null : `, ""),
  jobs("keyset", "jobs under way are paged by a key, too", `{NEWEST}$`, `{PER_PAGE}$`),
  jobs("end", "a poll ends", `pages < most && search`, `search`),
  pushesPlace(
    "place",
    "pushes are of projects",
    `if (placeOf(context.scope) !== "project") return { hints: [], cursor: null };`,
    "",
  ),
  pushes("day", "the day itself is left out", `stamp(since - DAY)`, `stamp(since)`),
  pushes("overlap", "an event is visible a little late", `since - OVERLAP, context`, `since, context`),
  pushes(
    "back",
    "the search ends at the last time",
    `recent.length < events.length ? undefined : page.next`,
    `page.next`,
  ),
  pushes("old", "what is older was looked at", `Date.parse(created_at) >= since);`, `true || created_at);`),
  pushes("end", "a poll ends", `pages < MOST_PAGES && next`, `next`),
  pushes("once", "what names nothing is looked at once", `id !== undefined || at > since`, `true || since`),
  pushes("type", "only what is synchronized is hinted at", ` || type === undefined) return [];`, `) return [];`),
  pushes("feed", "what is looked at as a whole has no feed", `types: [], every`, `types, every`),
  deliveries("lost", "what arrived is no loss", `recent.filter(isLost)`, `recent`),
  deliveries("done", "only back to the last look", `BigInt(id) > BigInt(from.done)`, `true`),
  deliveries(
    "number",
    "numbers keep their last digits",
    `BigInt(id) > BigInt(from.done)`,
    `Number(id) > Number(from.done)`,
  ),
  deliveries("first", "the first look looks at nothing", `from === null ? [] : read`, `read`),
  deliveries("end", "a poll ends", `for (const end = page + MOST_PAGES; page < end; page++)`, `for (; ; page++)`),
  deliveries("next", "the next poll goes on", `from?.page ?? 1`, `1`),
  deliveries("top", "what came meanwhile is for the next look", `top ??= read`, `top = read`),
  deliveries("refused", "who may not read asks again later", `refused.set(scope, now() + REFUSED);`, ""),
  deliveries(
    "odd",
    "what cannot be read stops nothing",
    `  } catch {\n    return [];\n  }`,
    `  } catch (error) {\n    throw error;\n  }`,
  ),
  deliveries(
    "asked",
    "of what was too large the place is known",
    `body: one.request_data, asked }`,
    `body: one.request_data }`,
  ),
  log("path", "a hook is named by its path", `if (hook === undefined || PATH.test(hook)) return hook;`, `return hook;`),
  log("refusal", "who may not read the log is told 403 or 404", `allow: [403, 404] });`, `allow: [404] });`),
  log(
    "redirect",
    "a redirect is not followed",
    `!/^2\\d\\d$/.test(response_status)`,
    `/^[45]|error/.test(response_status)`,
  ),
  log("case", "headers are found however they are written", `key.toLowerCase() === name`, `key === name`),
  whole(
    "whole",
    "what is looked at as a whole is not swept for a gap",
    `types.filter((type) => !WHOLE.has(type))`,
    `types`,
  ),
  index("token", "a function must give a token", `if (!isToken(current)) throw`, `if (false as boolean) throw`),
  index("none", "with nothing to backfill nothing is listed", `if (backfill === "none") return {};`, ""),
  index("slash", "an address may end with a slash", `url.replace(/\\/+$/, "")`, `url`),
  options(
    "token",
    "a token is needed",
    `if (typeof token !== "function" && !isToken(token)) {`,
    `if (false as boolean) {`,
  ),
  options(
    "types",
    "a type that is none is told",
    `if (!Object.hasOwn(definitions, type)) {`,
    `if (false as boolean) {`,
  ),
  options(
    "within",
    "what is listed within another needs that",
    `if (within !== undefined && !types?.includes(within)) {`,
    `if (false as boolean) {`,
  ),
  options("empty", "no types are none", ` || types.length === 0)) {`, `)) {`),
  options("backfill", "a date is one", `&& !Number.isNaN(backfill.getTime())`, ""),
  scope(
    "number",
    "a scope is a number",
    `typeof name === "string" && /^[1-9]\\d*$/.test(name)`,
    `typeof name === "string"`,
  ),
  scope(
    "text",
    "a number is text",
    `typeof name === "string" && /^[1-9]\\d*$/.test(name)`,
    `/^[1-9]\\d*$/.test(String(name))`,
  ),
  scope("nothing", "there is something to look at", `if (!instance && kinds.every(`, `if (false && kinds.every(`),
  lonely(
    "only",
    "one of many is not the only one",
    `first !== undefined && others.length === 0`,
    `first !== undefined`,
  ),
];
