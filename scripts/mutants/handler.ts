import { type Mutant, mutantsOf } from "./mutant.ts";

const http = mutantsOf("handler-", "src/http.ts", ["test/http.refusals.test.ts"]);
const gate = mutantsOf("handler-", "src/http/gate.ts", ["test/http.refusals.test.ts"]);
const access = mutantsOf("handler-", "src/http/access.ts", ["test/http.refusals.test.ts"]);
const told = mutantsOf("handler-", "src/http/failure.ts", ["test/http.operator.test.ts"]);
const foreign = mutantsOf("handler-", "src/http/foreign.ts", ["test/http.refusals.test.ts"]);
const router = mutantsOf("handler-", "src/http/router.ts", ["test/http.operator.test.ts"]);
const asked = mutantsOf("handler-", "src/http/asked.ts", ["test/http.refusals.test.ts"]);
const query = mutantsOf("handler-", "src/http/asked.ts", ["test/http.operator.test.ts"]);
const shown = mutantsOf("handler-", "src/http/shown.ts", ["test/http.operator.test.ts"]);
const acts = mutantsOf("handler-", "src/http/acts.ts", ["test/http.operator.test.ts"]);
const about = mutantsOf("handler-", "src/http/about.ts", ["test/http.operator.test.ts"]);
const door = mutantsOf("handler-", "src/inspector/door.ts", ["test/http.refusals.test.ts"]);
const page = mutantsOf("handler-", "src/inspector/page.ts", ["test/inspector.test.ts"]);
const hosts = mutantsOf("handler-", "src/inspector/page.ts", ["test/http.refusals.test.ts"]);
const peer = mutantsOf("handler-", "src/peer.ts", ["test/http.refusals.test.ts"]);
const listener = mutantsOf("handler-", "src/listener.ts", ["test/http.refusals.test.ts"]);
const resources = mutantsOf("handler-", "src/resources.ts", ["test/http.operator.test.ts"]);
const series = mutantsOf("handler-", "src/loss/series.ts", ["test/series.test.ts"]);
const losses = mutantsOf("handler-", "src/loss/losses.ts", ["test/http.operator.test.ts"]);
const options = mutantsOf("handler-", "src/options.ts", ["test/http.operator.test.ts"]);
const stream = mutantsOf("handler-", "src/stream.ts", ["test/http.operator.test.ts"]);
const log = mutantsOf("handler-", "src/store/log.ts", ["test/store/operator.test.ts"]);
const ask = mutantsOf("handler-", "cli/ask.ts", ["test/cli.words.test.ts"]);
const remote = mutantsOf("handler-", "cli/remote.ts", ["test/cli.words.test.ts"]);

const asks = mutantsOf("handler-", "src/http.ts", ["test/http.operator.test.ts"]);

/** Guards of what an operator sees and does over HTTP, and of who may not. */
export const handler: readonly Mutant[] = [
  asks(
    "zero-path",
    "a path names nothing that no store holds",
    `return parts.some(hasZero) ? [] : parts;`,
    `return parts;`,
  ),
  asks(
    "zero-query",
    "a query asks for nothing that no store holds",
    `if ([...query.values()].some(hasZero)) return`,
    `if (base === "?") return`,
  ),
  gate(
    "operate",
    "acts are switched off",
    `?? (operate ? undefined : refusal(403, "switched off: operate: true"))`,
    ``,
  ),
  gate("foreign", "an act is looked at before anybody is asked", `foreign(request) ??`, `(undefined as undefined) ??`),
  gate(
    "narrow",
    "who sees a part does not see all",
    `if (isNarrow(view) && who !== "view")`,
    `if (isNarrow(view) && who === "open")`,
  ),
  access("narrow-scope", 'the scope "" is a part, too', `scope !== undefined || types`, `Boolean(scope) || types`),
  access("narrow-types", "no type at all is a part, too", `|| types !== undefined;`, `|| (types?.length ?? 0) > 0;`),
  http("closed", "the inspector is for somebody", `if (token.length === 0 && !authorize)`, `if (false)`),
  http(
    "inspector",
    "the inspector is switched off",
    `if (inspector === false) return`,
    `if (inspector === undefined) return`,
  ),
  http("method", "an act is no GET", `if ("allow" in found)`, `if ("allow" in found && found.allow.length > 9)`),
  told("misuse", "what the path names and is not there is 404", `length > 0 ? 404 : 400`, `length > 9 ? 404 : 400`),
  told(
    "message",
    "an error of somebody else is told by its name",
    `if (error instanceof Misuse) return refusal(`,
    `if (error instanceof TypeError) return refusal(`,
  ),
  foreign(
    "site",
    "no page of another origin",
    `if (site !== null && site !== "same-origin" && site !== "none")`,
    `if (site === "cross-site")`,
  ),
  foreign("site-empty", "a word that is none is no leave", `if (site !== null && site`, `if (site && site`),
  foreign("origin", "an origin must be our own", `if (origin !== null && !isOwn(origin, request, site))`, `if (false)`),
  foreign(
    "origin-null",
    "a sandboxed page is of no origin",
    `if (origin !== null && !isOwn`,
    `if (origin !== null && origin !== "null" && !isOwn`,
  ),
  foreign(
    "origin-host",
    "another port is another origin",
    `if (origin === \`\${new URL(request.url).protocol}//\${host}\`) return true;`,
    `if (new URL(origin).hostname === new URL(request.url).hostname) return true;`,
  ),
  foreign(
    "origin-tls",
    "another scheme needs the browser's word",
    `return site === "same-origin" && origin === \`https://\${host}\`;`,
    `return origin === \`https://\${host}\`;`,
  ),
  foreign(
    "origin-proxy",
    "a proxy that ends TLS",
    `return site === "same-origin" && origin === \`https://\${host}\`;`,
    `return false;`,
  ),
  foreign(
    "form",
    "a form sends no JSON",
    `if (mediaTypeOf(headers.get("content-type")) !== "application/json")`,
    `if (mediaTypeOf(headers.get("content-type"))?.includes("form"))`,
  ),
  foreign(
    "form-type",
    "text/plain;application/json is text",
    `type?.split(";")[0]?.trim().toLowerCase()`,
    `type?.split(";").at(-1)?.trim().toLowerCase()`,
  ),
  foreign(
    "cookie",
    "a cookie alone proves nothing",
    `if (site === "same-origin" || hasToken(headers)) return undefined;`,
    `return undefined;`,
  ),
  foreign(
    "cookie-none",
    "the browser must say that it is our page",
    `if (site === "same-origin" || hasToken`,
    `if (site !== null || hasToken`,
  ),
  foreign("basic", "a browser sends Basic by itself", `/^Bearer +\\S/i.test(`, `/\\S/i.test(`),
  router("empty", "an empty part names nothing", `parts[i] !== "" : name`, `parts[i] !== undefined : name`),
  acts(
    "typo",
    "a name that is typed wrongly becomes no subscription",
    "if (!sync.subscriptions.includes(name)) await sync.parked(name);",
    "",
  ),
  asked("large", "a body of 64 kB at most", `const MOST = 65_536;`, `const MOST = 65_537;`),
  asked("small", "a body of 64 kB is taken", `const MOST = 65_536;`, `const MOST = 65_535;`),
  asked(
    "json",
    "what is no JSON is said to be none",
    `return refusal(400, "the body must be JSON");`,
    `throw new Error();`,
  ),
  query(
    "unknown",
    "a query that is typed wrongly",
    `if (!issue) return data`,
    `if (!issue || what === "the query") return data`,
  ),
  query("twice", "what came twice is not one of the two", `all.length > 1 ? all : all[0]`, `all.at(-1)`),
  query("bounds", "a limit has bounds", `&& Number(text) >= 1 && Number(text) <= most`, ``),
  shown(
    "about",
    "about tells whether there are acts",
    `version: versionOf(), ...about,`,
    `version: versionOf(), ...about, operate: false,`,
  ),
  about(
    "shape",
    "types have their full names",
    `types: full(Object.keys(resources)),`,
    `types: Object.keys(resources),`,
  ),
  door(
    "host",
    "a name that anybody can point here",
    `if (!LOOPBACK.test(host))`,
    `if (!LOOPBACK.test(host) && host.startsWith("evil"))`,
  ),
  door("port", "a name has a port", `:\\d{1,5}$/`, `(:\\d{1,5})?$/`),
  door("begin", "a name begins there", `/^(localhost`, `/(localhost`),
  door("end", "a name ends there", `\\d{1,5}$/`, `\\d{1,5}/`),
  door("case", "a name stands as a browser sends it", `\\d{1,5}$/`, `\\d{1,5}$/i`),
  door("dot", "a dot in a name is a dot", `127\\.0\\.0\\.1`, `127.*`),
  door(
    "peer",
    "who connects from elsewhere",
    `if (hosts === undefined && peer !== undefined && !isLoopback(peer))`,
    `if (false)`,
  ),
  door("hosts", "a host that is vouched for", `if (hosts?.includes(host)) return undefined;`, ``),
  door("hosts-exact", "a host as it stands there", `hosts?.includes(host)`, `hosts?.some((one) => host.includes(one))`),
  door("hosts-peer", "with hosts others may connect", `if (hosts === undefined && peer`, `if (peer`),
  peer("mapped", "IPv4 as IPv6 has it", "(::ffff:)?127", "127"),
  peer("range", "all of 127 is this machine", "127(\\.\\d{1,3}){3}", "127\\.0\\.0\\.1"),
  peer("peer-begin", "an address begins there", "/^(::1|", "/(::1|"),
  listener("unmade", "a request that cannot be made is no failure of ours", `{ status: 400 }`, `{ status: 500 }`),
  listener(
    "listener-peer",
    "the listener says who is connected",
    `if (remoteAddress !== undefined) setPeer(request, remoteAddress);`,
    ``,
  ),
  listener(
    "userinfo",
    "a host has no name and password",
    `URL.canParse(said) && !said.includes("@")`,
    `URL.canParse(said)`,
  ),
  hosts("list", "a text is no list", "!(Array.isArray(hosts) && hosts.every(isHost))", "![hosts].flat().every(isHost)"),
  hosts("list-each", "each host is one", "hosts.every(isHost)", "hosts.length > 0"),
  page(
    "csp",
    "nothing but its own files",
    `"default-src 'none'; script-src 'self';`,
    `"script-src 'self' 'unsafe-inline';`,
  ),
  page("frame", "it stands in no frame", `"frame-ancestors 'none'; base-uri`, `"base-uri`),
  page(
    "fresh",
    "the page is kept by nobody",
    `"text/html; charset=utf-8", "no-store"`,
    `"text/html; charset=utf-8", "no-cache"`,
  ),
  page("name", "a name is no path", `{1,200}$)[\\w-]+(\\.[\\w-]+)+$/`, `{1,200}$).*\\w+(\\.[\\w-]+)+$/`),
  page(
    "hidden",
    "no file whose name begins with a dot",
    `{1,200}$)[\\w-]+(\\.[\\w-]+)+$/`,
    `{1,200}$)[\\w-]*(\\.[\\w-]+)+$/`,
  ),
  page(
    "assets",
    "no folder but that of the assets",
    `first === "assets" && second !== undefined`,
    `second !== undefined`,
  ),
  page(
    "type",
    "no file of another kind",
    `? TYPES[extname(name)] : undefined`,
    `? (TYPES[extname(name)] ?? "text/plain") : undefined`,
  ),
  page(
    "page-method",
    "the page is only read",
    `if (request.method !== "GET" && request.method !== "HEAD") {`,
    `if (false) {`,
  ),
  page(
    "unbuilt",
    "a page that is not there says so",
    `if (!html) return refusal(`,
    `if (!html) return new Response() ?? refusal(`,
  ),
  page("broken", "what cannot be read is an error", `=== "ENOENT") return undefined;`, `) return undefined;`),
  page(
    "built",
    "from the sources it is elsewhere",
    `file.endsWith(".ts") ? "../../dist/inspector" : "../../inspector"`,
    `"../../inspector"`,
  ),
  resources("next", "the last page says that it is", `rows.length > limit && last`, `last`),
  resources("more", "the page after this one is found", `limit: limit + 1,`, `limit,`),
  resources("after", "a page begins after the one before", `...(after !== null && { after: refOf(after) }),`, ``),
  resources(
    "place",
    "what is no place is said to be none",
    `if (isRef({ type, scope, id })) return`,
    `if (type) return`,
  ),
  resources("told", "events that a change named are told no more", `causes.filter(({ used }) => !used)`, `causes`),
  resources("reading", "what is being read says so", `lease !== null && lease > now`, `lease !== null && lease < now`),
  series("first", "hours before are not told of", `if (hour >= first) series.push`, `if (hour >= 0) series.push`),
  losses("hours", "the hours that are asked for", `hourName(provider, first - 1)`, `hourName(provider, first)`),
  options("id", "an id is of one type", `if (options.id !== undefined && options.types?.length !== 1)`, `if (false)`),
  stream("scope", "an id is of one scope", `ref: { type, scope: scope ?? "", id }`, `types: [type]`),
  log("few", "few among the latest are not all", "latest.length === limit || from", "latest.length > 0 || from"),
  log(
    "whole",
    "a log that was looked at whole is not looked at again",
    "|| from <= after ? latest",
    "|| from > after ? latest",
  ),
  log("log-after", "nothing before a position", "after: Math.max(after, from)", "after: from"),
  log("index-after", "nor by the index", `    "position > :after",\n`, ""),
  log(
    "index-types",
    "the index has all types",
    "kind.type) from kind where kind.type is not null)",
    "kind.type) from kind where false)",
  ),
  log("index-scope", "the index looks for the scope", `...(scope === undefined ? [] : ["scope = :scope"]),`, ""),
];

/** Guards of the command line where it works with a running process. */
export const commands: readonly Mutant[] = [
  ask(
    "redirect",
    "a refusal that is none of its own is said",
    `if (status === 401) throw`,
    `if (status === 999) throw`,
  ),
  ask("status", "what is refused is a trouble", `status < 300 && answer`, `status < 500 && answer`),
  remote("due", "a time that came as text is a time", `due: new Date(one.due)`, `due: one.due`),
];
