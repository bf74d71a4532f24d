import { type Mutant, mutantsOf } from "./mutant.ts";

const client = mutantsOf("github-client-", "providers/github/client.ts", ["test/providers/github.read.test.ts"]);
const send = mutantsOf("github-send-", "providers/github/send.ts", ["test/providers/github.read.test.ts"]);
const kept = mutantsOf("github-send-", "providers/github/send.ts", ["test/providers/github.cache.test.ts"]);
const redirect = mutantsOf("github-send-", "providers/github/send.ts", ["test/providers/github.contract.test.ts"]);
const exact = mutantsOf("github-state-", "providers/github/state.ts", ["test/providers/github.contract.test.ts"]);
const digits = mutantsOf("github-webhook-", "providers/github/webhook.ts", ["test/providers/github.contract.test.ts"]);
const read = mutantsOf("github-read-", "providers/github/read.ts", ["test/providers/github.read.test.ts"]);
const types = mutantsOf("github-types-", "providers/github/types.ts", ["test/providers/github.read.test.ts"]);
const errors = mutantsOf("github-errors-", "providers/github/errors.ts", ["test/providers/github.read.test.ts"]);
const state = mutantsOf("github-state-", "providers/github/state.ts", ["test/providers/github.read.test.ts"]);
const deliveries = mutantsOf("github-deliveries-", "providers/github/deliveries.ts", [
  "test/providers/github.deliveries.test.ts",
]);
const log = mutantsOf("github-index-", "providers/github/index.ts", ["test/providers/github.deliveries.test.ts"]);
const cache = mutantsOf("github-cache-", "providers/github/cache.ts", ["test/providers/github.cache.test.ts"]);
const probe = mutantsOf("github-probe-", "providers/github/probe.ts", ["test/providers/github.read.test.ts"]);
const options = mutantsOf("github-options-", "providers/github/options.ts", ["test/providers/github.test.ts"]);
const index = mutantsOf("github-index-", "providers/github/index.ts", ["test/providers/github.webhook.test.ts"]);
const feed = mutantsOf("github-feed-", "providers/github/feed.ts", ["test/providers/github.feed.test.ts"]);
const webhook = mutantsOf("github-webhook-", "providers/github/webhook.ts", ["test/providers/github.webhook.test.ts"]);
const events = mutantsOf("github-events-", "providers/github/events.ts", ["test/providers/github.webhook.test.ts"]);
const repos = mutantsOf("github-repos-", "providers/github/repos.ts", ["test/providers/github.test.ts"]);
const kinds = mutantsOf("github-types-", "providers/github/types.ts", ["test/providers/github.test.ts"]);
const spelling = mutantsOf("github-webhook-", "providers/github/webhook.ts", ["test/providers/github.test.ts"]);

/** Guards of the GitHub provider. */
export const github: readonly Mutant[] = [
  client("home", "a list is of the scope's repository", `if (found[0] && !homeless) checkHome(asked, found[0]);`, ""),
  client("probe", "the repository still has the scope's name", `  checkHome(asked, home);\n`, ""),
  client(
    "lost",
    "a list that is not found is lost access",
    `if (statusOf(cause) !== 404) throw cause;`,
    `throw cause;`,
  ),
  client("link", "the link names the next page", `/\\brel="?next\\b/.test(link)`, `found.length === 100`),
  send("plain", "no BigInt in a state", `typeof value === "bigint" ? String(value) : value`, `value`),
  send("version", "the version of the API is pinned", `"x-github-api-version": API_VERSION, `, ""),
  send("again", "only a broken connection is tried again", `!isAnswered(error)`, `true`),
  send("broken", "a broken connection is tried again", `!isAnswered(error)`, `false`),
  send("signal", "the signal ends a request", `const request = { signal, retries: 0,`, `const request = { retries: 0,`),
  redirect("origin", "a redirect stays with GitHub", `target.origin === new URL(baseUrl).origin`, `true`),
  redirect("manual", "and is not followed by fetch", `redirect: "manual"`, `redirect: "follow"`),
  exact(
    "number",
    "an id that a number cannot hold is none",
    `Number.isSafeInteger(id) ? String(id) : undefined`,
    `String(id)`,
  ),
  exact("empty", "an empty id is none", ` && id !== ""`, ``),
  exact("time", "a time that is none is no version", `Number.isFinite(time) ? time`, `true ? time`),
  digits("digits", "an id is read to its last digit", `parseJson(textOf(body))`, `JSON.parse(textOf(body))`),
  errors(
    "limit",
    "a limit is not lost access",
    `if (wait !== undefined) return new RetryLater`,
    `if (wait === Infinity) return new RetryLater`,
  ),
  errors(
    "least",
    "a limit that is over still waits",
    `Math.max(SECOND, Number(headers["x-ratelimit-reset"]) * SECOND - now)`,
    `Number(headers["x-ratelimit-reset"]) * SECOND - now`,
  ),
  errors(
    "zero",
    "waiting for no time at all is a loop",
    `Math.max(SECOND, Number(after) * SECOND)`,
    `Number(after) * SECOND`,
  ),
  errors("secondary", "a secondary limit may name no time", `status === 429 || /rate limit/i.test(text)`, `false`),
  errors("legal", "451 is one thing, not all", `if (status === 451)`, `if (status === 452)`),
  errors(
    "disabled",
    "issues that are switched off are not deleted",
    `status === 410 && /disabled/i.test(text)`,
    `false`,
  ),
  read("query", "an id that is not in the path is not sent", `if (!path.includes("{id}")) return {};`, ""),
  read(
    "moved",
    "what is in another repository is not here",
    `if (!definition.homeless && !isSameName(homeOf(state), context.scope)) return null;`,
    "",
  ),
  read("pull", "a pull request is no issue", `if (definition.isOne && !definition.isOne(state)) return gone;`, ""),
  read("id", "the answer is what was asked for", `idOf(definition, state) === id ? state : null`, `state`),
  read("gone", "410 is a deletion", `if (statusOf(error) === 410) return gone;`, ""),
  read("absent", "404 is not found", `statusOf(error) === 404 || `, ""),
  read(
    "refs",
    "a list that is not what fetch gives names refs",
    `return whole ? { items, next, ...total }`,
    `return true ? { items, next, ...total }`,
  ),
  read("filter", "pull requests are left out of the issues", `rows.filter(isOne)`, `rows`),
  read("since", "a date is for the lists that know it", `since && definition.since`, `since`),
  state("id", "what has no id is no answer", `if (id !== undefined) return id;`, `if (true) return id ?? "1347";`),
  state(
    "home",
    "what names no repository is no answer",
    `if (home !== undefined) return home;`,
    `if (true) return home ?? "octocat/Hello-World";`,
  ),
  state("case", "GitHub ignores the case of a name", `a.toLowerCase() === b.toLowerCase()`, `a === b`),
  types("tags", "a list of what begins like tags is not of tags", `!/^refs\\/(?!tags\\/)/.test(String(ref))`, `true`),
  types("check", "everyone has a permission for a public repository", `check: "/collaborators/{id}", `, ""),
  types("number", "a review belongs to its pull request", `/\\/pulls\\/(\\d+)$/`, `/(1)/`),
  types("runs", "a list says less of a run", `["referenced_workflows", "previous_attempt_url"]`, `[]`),
  client("moved", "an answer from elsewhere may be of another", `if (MOVED.test(url)) await`, `if (false) await`),
  send("called", "an owner may be called repositories", `(?<!\\/repos)`, ""),
  kept("kept", "an answer from elsewhere is not kept", ` && !MOVED.test(answer.url)`, ""),
  kept("fresh", "a fresh answer is not kept", `if (!asked.fresh && `, `if (`),
  kept(
    "slot",
    "a list that moves on keeps one body",
    `const { since, ...rest } = all as`,
    `const { none: since, ...rest } = all as`,
  ),
  cache("fresh", "a fresh read asks in full", `if (fresh) return undefined;`, ""),
  cache(
    "broken",
    "a cache that fails costs nothing",
    `await cache.get(slot).catch(() => undefined)`,
    `await cache.get(slot)`,
  ),
  cache("unkept", "a cache that fails costs nothing", `FULL).catch(() => {});`, `FULL);`),
  cache("asked", "a body answers one request", ` || found.data.asked !== asked`, ""),
  cache("hour", "a validator may stick", `age < 0 || age >= FULL`, `age < 0`),
  cache("back", "a clock may step back", `age < 0 || age >= FULL`, `age >= FULL`),
  cache("most", "a large body is not kept", ` || text.length > MOST`, ""),
  cache("client", "each client has bodies of its own", `numbers.get(client) ?? ++clients`, `clients`),
  client("empty", "a repository without a commit has no tags", `if (statusOf(cause) === 409)`, `if (false)`),
  send(
    "nobody",
    "no client for a scope is lost access",
    `if (statusOf(cause) !== 404) throw meaningOf(cause, now);`,
    `throw cause;`,
  ),
  errors("token", "an App that left is no deletion", `isOfToken(cause as Failure) && (`, `false && (`),
  read("empty", "a repository without a commit has no tag", ` || statusOf(error) === 409`, ""),
  read("sort", "repositories have no teams", `if (!isOf(definition, context)) return null;`, ""),
  read("lists", "repositories list no teams", `if (!isOf(definition, context)) return { items: [], next: null };`, ""),
  read(
    "only",
    "an organisation is no repository",
    `isOf(definition, context) ? [await getHome(clientOf, context)] : []`,
    `[await getHome(clientOf, context)]`,
  ),
  probe("sort", "what cannot be there needs no probe", `if (!isOf(definition, context)) return;`, ""),
  probe("list", "everyone may read an organisation", `if (ofOrganization) await`, `if (false) await`),
  options("within", "what is within another needs it", `within !== undefined && !types.includes(within)`, `false`),
  types("closed", "a list says less of an issue", `"closed_by", "pinned_comment", ...counted`, `...counted`),
  types(
    "counted",
    "what a milestone counts is no change of its issues",
    `"closed_by", "pinned_comment", ...counted`,
    `"closed_by", "pinned_comment"`,
  ),
  types("merge", "a trial merge is no change", `"rebaseable", "merge_commit_sha"`, `"rebaseable"`),
  types("pin", "a list says less of a comment", `volatile: ["pin"]`, `volatile: []`),
  types("token", "who asks is no change", `["permissions", "temp_clone_token"]`, `[]`),
  kinds("pushed", "a push moves one time without the other", `["updated_at", "pushed_at"]`, `["updated_at"]`),
  feed("overlap", "a row becomes visible late", `stamp(Date.parse(begin) - OVERLAP)`, `begin`),
  feed("first", "only first pages are read", `page = next === since ? page + 1 : 1;`, `page++;`),
  feed("second", "a second may fill a page", `page = next === since ? page + 1 : 1;`, `page = 1;`),
  feed("ahead", "every poll gets ahead", `read === AGAIN_PAGES ? latest : stamp(last)`, `stamp(last)`),
  feed("most", "a poll ends", `read <= MOST_PAGES`, `true`),
  feed(
    "back",
    "the cursor never goes back",
    `latest = stamp(Math.max(Date.parse(latest), last));`,
    `latest = stamp(last);`,
  ),
  feed(
    "wanted",
    "what is not wanted is left out",
    `return isWanted(type) ? [{ type, ...seen(name, type, row) }] : [];`,
    `return [{ type: type as T, ...seen(name, type, row) }];`,
  ),
  feed(
    "pulls",
    "pull requests are told apart",
    `definitions.issue.isOne?.(row) ? "issue" : "pull_request"`,
    `"issue" as GitHubType`,
  ),
  feed("named", "an event is named by its time", 'row["updated_at"]}`', 'row["node_id"]}`'),
  webhook("signature", "a signature must hold", `|| !verifyHmac(secrets, [body], header.slice("sha256=".length))`, ""),
  webhook("method", "it is of SHA-256", `!header.startsWith("sha256=") || `, ""),
  webhook(
    "foreign",
    "it is of the repository of the request",
    `!named.some((home) => isSameName(home ?? "", asked))`,
    `false`,
  ),
  webhook("stays", "and stays in it", ` || (asked !== undefined && !isSameName(scope, asked))`, ""),
  webhook(
    "event",
    "an event is one of the table",
    `Object.hasOwn(events, event) ? events[event] : undefined`,
    `events[event]`,
  ),
  webhook(
    "guid",
    "what is no GUID is no key",
    `delivery === null || !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(delivery)`,
    `delivery === null`,
  ),
  webhook("form", "a form is understood", `text.startsWith("payload=")`, `false`),
  webhook("types", "what is not wanted is left out", `(types as ReadonlySet<string>).has(one)`, `true`),
  spelling("spelled", "a name is spelled as the application spells it", `spelled(scope)`, `scope`),
  events(
    "left",
    "what has left has no version",
    `version === undefined || action === "deleted" || action === "transferred"`,
    `version === undefined`,
  ),
  events(
    "team",
    "a team that has another name has another slug",
    `...(changes?.name ? [{ type: "team" } as const] : []),`,
    "",
  ),
  events(
    "access",
    "a team gives access to a repository",
    `...(repository ? [{ type: "collaborator" } as const] : []),`,
    "",
  ),
  events("lost", "an App loses repositories, too", `, repositories_removed].flatMap`, `].flatMap`),
  webhook(
    "app",
    "an App's repositories matter to all types",
    `return any === undefined ? undefined : { type: any };`,
    `return undefined;`,
  ),
  webhook(
    "orgs",
    "in an organisation there are no issues",
    `[...types].find((type) => !definitions[type].ofOrganization)`,
    `[...types][0]`,
  ),
  index(
    "forget",
    "after an installation names are asked for anew",
    `if (isOfInstallation(request.headers.get("x-github-event") ?? "")) forget();`,
    "",
  ),
  events(
    "label",
    "a label has an old name",
    `...(given.changes?.name ? [{ type: "label", id: given.changes.name.from } as const] : []),`,
    "",
  ),
  events("former", "a repository has an old name", `, ...formerName(given)]`, `]`),
  events("new", "a transferred issue goes on elsewhere", `    ...issueAnywhere(given.changes?.new_issue),\n`, ""),
  events("tags", "a tag is no branch", `kind === "heads" ? "branch" : "tag"`, `"branch"`),
  events(
    "pull",
    "an issue may be a pull request",
    `issue?.["pull_request"] ? "pull_request" : "issue"`,
    `"issue" as GitHubType`,
  ),
  events("counting", "a milestone counts what comes and goes", `counting.includes(action ?? "") ?`, `true ?`),
  repos("names", "a name has an owner", `typeof name !== "string" || !pattern.test(name)`, `false`),
  repos("known", "the first webhook waits for the names", `if (spelling.size > 0) return;`, `return;`),
  deliveries("ok", "what arrived is no loss", `if (status === "OK") good.add(guid);`, ""),
  deliveries("again", "what was looked at is not read again", ` || seen.has(one.guid)`, ""),
  deliveries("end", "what is older than the last look was looked at", `(timeOf(delivered_at) ?? 0) >= end`, `true`),
  deliveries(
    "overlap",
    "a delivery is in the log a little late",
    `Date.parse(from.since) - OVERLAP`,
    `Date.parse(from.since)`,
  ),
  deliveries("back", "the cursor never goes back", `(timeOf(delivered_at) ?? 0) > Date.parse(latest)`, `true`),
  deliveries("pages", "a poll ends", `pages < MOST_PAGES && `, ""),
  deliveries("reads", "a poll ends", ` && read < MOST_READ`, ""),
  deliveries("next", "the next poll goes on", `latest, ...(next !== undefined && { next }) }`, `latest }`),
  deliveries("refused", "who may not read asks again later", `refused.set(scope, now() + REFUSED);`, ""),
  deliveries("refusal", "a server that is down is no refusal", `if (!isRefusal(error)) throw error;`, ""),
  deliveries("limit", "a limit is no refusal", `!(error instanceof RetryLater) &&`, ""),
  deliveries("digits", "an id keeps its digits", `z.union([z.string(), z.int()])`, `z.union([z.string(), z.number()])`),
  deliveries("path", "a hook is named by its path", `if (!PATH.test(hook.path)) throw`, `if (hook.path === "") throw`),
  deliveries("client", "an App's log is the App's", `hook.client ?? (await clientOf(scope))`, `await clientOf(scope)`),
  deliveries("old", "a delivery leaves the log", `if (statusOf(error) !== 404) throw error;`, `throw error;`),
  deliveries(
    "odd",
    "what is no payload stops nothing",
    `return whole.success ? lookAt(event, guid, whole.data.request.payload) : [];`,
    `return lookAt(event, guid, payloadOf.parse(answer.data).request.payload);`,
  ),
  log(
    "payload",
    "what is no payload stops nothing",
    `given.success ? hintsIn({ event, guid, given: given.data }, selected, spelled) : []`,
    `hintsIn({ event, guid, given: payload.parse(body) }, selected, spelled)`,
  ),
  log("forget-log", "the log tells of installations, too", `if (isOfInstallation(event)) forget();`, ""),
  log("whole", "what is named as a whole is swept", `types.filter((type) => !WHOLE.has(type))`, `types`),
  feed(
    "sort",
    "in an organisation there are no issues",
    `if (isOrganization(context.scope)) return { hints: [], cursor: null };`,
    "",
  ),
];
