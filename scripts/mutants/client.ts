import { type Mutant, mutantsOf } from "./mutant.ts";

const client = mutantsOf("client-client-", "src/client.ts", ["test/client.test.ts"]);
const answer = mutantsOf("client-answer-", "src/answer.ts", ["test/client.test.ts"]);
const json = mutantsOf("client-json-", "src/json.ts", ["test/client.test.ts"]);

/** Guards of the client for providers: where a credential may go, and what an answer means. */
export const clients: readonly Mutant[] = [
  client("origin", "nothing leaves the origin", "target?.origin === base.origin && ", "target !== null && "),
  client("user", "no user comes with a link", ` && target.username === "" && target.password === ""`, ""),
  client("manual", "redirects are not left to fetch", `redirect: "manual"`, `redirect: "follow"`),
  client(
    "redirect",
    "a redirect stays within the origin",
    "within(name, base, URL.parse(location, target.href))",
    "new URL(location, target)",
  ),
  client("get", "only a GET is sent again", `method !== "GET" || `, ""),
  client("round", "redirects have an end", "|| redirects === REDIRECTS", "|| redirects === 99"),
  client("signal", "the signal ends the request", "signal: access.signal", "signal: null"),
  client("reason", "an abort says why", "if (access.signal.aborted) throw access.signal.reason;", ""),
  client(
    "header",
    "a forbidden header is not shown",
    "headers.set(name, value);\n  } catch {",
    "headers.set(name, value);\n  } catch (error) {\n    throw error;",
  ),
  client(
    "base",
    "a URL with a credential is refused",
    `base === null || !/^https?:$/.test(base.protocol) || base.username !== "" || base.password !== ""`,
    "base === null",
  ),
  client("early", "a wrong URL is told at once", `if (typeof options.url === "string") baseOf(options, "");`, ""),
  client("below", "the URL's last part stays", `if (!base.pathname.endsWith("/"))`, "if (false)"),
  client("encode", "parts of a path are encoded", "return encodeURIComponent(text);", "return text;"),
  client("dots", "dots are no part of a path", `text === "" || text === "." || text === ".."`, `text === ""`),
  answer("limit", "a body has a limit", "if (size > limit)", "if (false)"),
  answer("date", "a limit may name a date", "return Date.parse(text) - now;", "return Number(text) * 1_000;"),
  answer(
    "epoch",
    "a reset may be a point in time",
    "seconds >= EPOCH ? seconds * 1_000 - now : seconds * 1_000",
    "seconds * 1_000",
  ),
  answer("least", "at least a second is waited", "Math.max(LEAST, wait)", "wait"),
  answer("rest", "503 with a time is a rest", `status === 503 && headers.has("retry-after")`, "false"),
  answer("bare", "503 without a time is an error", `status === 503 && headers.has("retry-after")`, "status === 503"),
  answer(
    "lost",
    "403 is lost access",
    "if (status === 403) throw new AccessLost",
    "if (status === 403) throw new Error",
  ),
  answer(
    "credential",
    "401 is lost access",
    "if (status === 401) throw new AccessLost",
    "if (status === 401) throw new Error",
  ),
  json("exact", "long integers keep their digits", "LONG.test(source)", "false"),
  json(
    "safe",
    "safe integers stay numbers",
    `if (typeof value !== "number" || Number.isSafeInteger(value)) return value;`,
    `if (typeof value !== "number") return value;`,
  ),
  json("integer", "only integers become strings", "/^-?\\d+$/.test(source)", "true"),
  json("silent", "the text is not shown", "} catch {", "} catch (error) {\n    throw error;"),
];
