import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, RetryLater } from "tidemark";
import { type Access, type ClientOptions, createClient, parseJson, path, waitOf } from "tidemark/client";
import { describe } from "../src/errors.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const access: Access = { scope: "", signal: new AbortController().signal, now: () => NOW };
const TOKEN = "Bearer t0k3n";

/** A client whose service answers what the test says, and what was asked of it. */
function serviceOf(answer: (request: Request) => Response | Promise<Response>, options: Partial<ClientOptions> = {}) {
  const asked: Request[] = [];
  const client = createClient({
    name: "Acme",
    url: "https://api.acme.example/v1",
    headers: { authorization: TOKEN },
    fetch: async (request) => {
      asked.push(request);
      return answer(request);
    },
    ...options,
  });
  return { client, asked };
}
const answering = (body: string | null, init: ResponseInit = {}, options: Partial<ClientOptions> = {}) =>
  serviceOf(() => new Response(body, init), options);

/** What a call throws; fails if it throws nothing. */
const thrown = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => assert.fail("it threw nothing"),
    (error: unknown) => error as Error,
  );

test("a path is below the URL, with query, headers and the credential", async () => {
  const { client, asked } = answering('{"id":1}', { headers: { etag: '"x"' } });
  const { status, headers, body } = await client.get("things?a=1", access, {
    query: { page: 2, deep: true, ids: ["x", "y z"], none: undefined },
    headers: { "x-more": "1" },
  });
  assert.deepEqual([status, headers.get("etag"), body], [200, '"x"', { id: 1 }]);
  assert.equal(asked[0]?.url, "https://api.acme.example/v1/things?a=1&page=2&deep=true&ids=x&ids=y+z");
  assert.equal(asked[0]?.headers.get("authorization"), TOKEN);
  assert.equal(asked[0]?.headers.get("accept"), "application/json");
  assert.equal(asked[0]?.headers.get("x-more"), "1");
  assert.equal(asked[0]?.redirect, "manual", "a real fetch would follow them with the credential");
});

test("a body is sent as JSON, a URLSearchParams as a form", async () => {
  const { client, asked } = answering("{}");
  await client.post("things", access, { body: { a: 1 } });
  await client.post("token", access, { body: new URLSearchParams({ grant_type: "client_credentials" }) });
  assert.equal(await asked[0]?.text(), '{"a":1}');
  assert.equal(asked[0]?.headers.get("content-type"), "application/json");
  assert.equal(await asked[1]?.text(), "grant_type=client_credentials");
  assert.match(asked[1]?.headers.get("content-type") ?? "", /^application\/x-www-form-urlencoded/);
});

test("headers and URL may depend on the scope", async () => {
  const { client, asked } = answering(
    "{}",
    {},
    {
      url: (scope) => `https://${scope}/api/`,
      headers: async ({ scope }) => ({ "x-token": `of ${scope}` }),
    },
  );
  await client.get("a", { ...access, scope: "one.example" });
  assert.equal(asked[0]?.url, "https://one.example/api/a");
  assert.equal(asked[0]?.headers.get("x-token"), "of one.example");
});

test("a path or a next link that leaves the origin is refused before anything is sent", async () => {
  const { client, asked } = answering("{}");
  const leaving = [
    "https://evil.example/v1/things",
    "//evil.example/v1/things",
    "\\\\evil.example\\things",
    "http://api.acme.example/v1/things",
    "https://api.acme.example:8443/v1/things",
    "https://me:pass@api.acme.example/v1/things",
    "https://api.acme.example.evil.example/",
    "https://",
  ];
  for (const target of leaving) {
    const error = await thrown(client.get(target, access));
    assert.match(error.message, /^Acme leads from https:\/\/api\.acme\.example to .*: nothing was sent there$/, target);
  }
  assert.equal(asked.length, 0);
  await client.get("https://api.acme.example/v1/things?page=2", access);
  assert.equal(asked[0]?.url, "https://api.acme.example/v1/things?page=2");
});

test("redirects are followed within the origin, and nowhere else", async () => {
  const to = (location: string) => new Response(null, { status: 307, headers: { location } });
  const moved = serviceOf((request) => (request.url.endsWith("/old") ? to("/v2/new") : new Response('"here"')));
  assert.equal((await moved.client.get("old", access)).body, "here");
  assert.deepEqual(
    moved.asked.map(({ url }) => url),
    ["https://api.acme.example/v1/old", "https://api.acme.example/v2/new"],
  );

  const away = serviceOf(() => to("https://evil.example/steal"));
  assert.match((await thrown(away.client.get("old", access))).message, /to https:\/\/evil\.example: nothing was sent/);
  assert.equal(away.asked.length, 1);

  const round = serviceOf(() => to("/v1/round"));
  assert.match((await thrown(round.client.get("round", access))).message, /answers 307 to GET \/v1\/round$/);
  assert.equal(round.asked.length, 4, "three redirects are followed");

  const posted = serviceOf(() => to("/v1/elsewhere"));
  await thrown(posted.client.post("things", access, { body: {} }));
  assert.equal(posted.asked.length, 1, "what changes something is not sent twice");
});

test("a limit becomes RetryLater with the time that the service names", async () => {
  const date = new Date(NOW + 90_000).toUTCString();
  const cases: [number, Record<string, string>, number][] = [
    [429, { "retry-after": "7" }, 7_000],
    [429, { "retry-after": "2.5" }, 2_500],
    [429, { "retry-after": date }, 90_000],
    [429, { "retry-after": "0" }, 1_000],
    [429, { "retry-after": "soon" }, 10_000],
    [429, { "ratelimit-reset": String((NOW + 30_000) / 1_000) }, 30_000],
    [429, { "x-ratelimit-reset": "12" }, 12_000],
    [429, {}, 10_000],
    [503, { "retry-after": "5" }, 5_000],
  ];
  for (const [status, headers, ms] of cases) {
    const error = await thrown(answering("secret", { status, headers }).client.get("things", access));
    assert.ok(error instanceof RetryLater, `${status} ${JSON.stringify(headers)}`);
    assert.equal(error.ms, ms, `${status} ${JSON.stringify(headers)}`);
  }
  assert.equal(waitOf(new Headers(), NOW), undefined);
});

test("401 and 403 are lost access; any other status is an error without what was answered", async () => {
  for (const status of [401, 403]) {
    const error = await thrown(answering("{}", { status }).client.get("things", access));
    assert.ok(error instanceof AccessLost);
    assert.match(error.message, new RegExp(`^Acme answers ${status} to GET /v1/things: `));
  }
  for (const status of [404, 500, 503]) {
    const error = await thrown(answering("a secret", { status }).client.get("things?key=hidden", access));
    assert.equal(error.message, `Acme answers ${status} to GET /v1/things`);
    assert.equal(error instanceof RetryLater, false);
  }
});

test("an allowed status is an answer, with or without JSON in it", async () => {
  const allow = [404, 410];
  assert.equal((await answering('{"a":1}', { status: 404 }).client.get("x", access, { allow })).status, 404);
  assert.equal((await answering("<html>", { status: 410 }).client.get("x", access, { allow })).body, undefined);
  assert.equal((await answering(null, { status: 204 }).client.get("x", access)).body, undefined);
});

test("what is no JSON, too large, or not there is an error that shows nothing of it", async () => {
  const page = await thrown(answering("<html>s3cret</html>").client.get("things", access));
  assert.match(page.message, /Acme answers 200 to GET \/v1\/things with what is no JSON/);
  assert.doesNotMatch(`${page.message}${page.cause}`, /s3cret/);

  const large = await thrown(answering("1".repeat(11), {}, { limit: 10 }).client.get("things", access));
  assert.equal(large.message, "Acme answers GET /v1/things with more than 10 bytes");
  assert.equal((await answering("1".repeat(10), {}, { limit: 10 }).client.get("things", access)).body, 1_111_111_111);

  const cause = new TypeError("fetch failed");
  const away = await thrown(serviceOf(() => Promise.reject(cause)).client.get("things", access));
  assert.equal(away.message, "Acme cannot be reached: GET /v1/things");
  assert.equal(away.cause, cause);
});

test("a header that HTTP forbids is told by its name alone", async () => {
  const error = await thrown(
    answering("{}", {}, { headers: { authorization: "s3cret\n" + "x" } }).client.get("x", access),
  );
  assert.match(error.message, /^the header authorization holds/);
  assert.doesNotMatch(`${error.message}${error.cause}${error.stack}`, /s3cret/);
});

test("what went wrong is in the error's code and status, which health shows", async () => {
  const told = async (response: Response | Error, path = "things", limit = 100) => {
    const answer = () => (response instanceof Error ? Promise.reject(response) : response);
    return describe(await thrown(serviceOf(answer, { limit }).client.get(path, access)));
  };
  assert.equal(await told(new Response("", { status: 502 })), "ServiceError status 502");
  assert.equal(await told(new Response("<html>")), "ServiceError no-json");
  assert.equal(await told(new Response("12"), "things", 1), "ServiceError too-large");
  assert.equal(await told(new TypeError("fetch failed")), "ServiceError unreachable");
  assert.equal(await told(new Response("{}"), "//evil.example/"), "ServiceError other-origin");
});

test("an answer that somebody else reads, too, is not waited for", async () => {
  const read: Promise<string>[] = [];
  const { client } = serviceOf(() => {
    const response = new Response("an error", { status: 500 });
    read.push(
      Promise.resolve()
        .then(() => new Promise((resolve) => setImmediate(resolve)))
        .then(() => copy.text()),
    );
    const copy = response.clone();
    return response;
  });
  assert.equal((await thrown(client.get("x", access))).message, "Acme answers 500 to GET /v1/x");
  assert.equal(await read[0], "an error");
});

test("a request ends when its signal aborts, and says why", async () => {
  const control = new AbortController();
  const hanging = serviceOf(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  );
  const call = thrown(hanging.client.get("things", { ...access, signal: control.signal }));
  control.abort(new Error("too slow"));
  assert.equal((await call).message, "too slow");
});

test("a URL that is none, or carries a credential, is told at once", () => {
  for (const url of ["", "api.acme.example", "ftp://api.acme.example/", "https://me:pass@api.acme.example/"]) {
    assert.throws(() => createClient({ name: "Acme", url }), {
      name: "TypeError",
      message: /^Acme: the url must be like/,
    });
  }
});

test("parts of a path are encoded, and none leads to another", () => {
  assert.equal(path`projects/${"a/b"}/issues/${7}`, "projects/a%2Fb/issues/7");
  assert.equal(path`things/${"../admin?x#y"}`, "things/..%2Fadmin%3Fx%23y");
  for (const part of ["", ".", ".."]) assert.throws(() => path`things/${part}`, TypeError);
});

test("integers beyond 2^53 are kept digit by digit, and nothing else becomes a string", () => {
  const text =
    '{"big":9007199254740993,"less":-9007199254740993,"safe":9007199254740991,"half":0.1234567890123456,"e":1e300}';
  assert.deepEqual(parseJson(text), {
    ...{ big: "9007199254740993", less: "-9007199254740993", safe: 9_007_199_254_740_991 },
    ...{ half: 0.1234567890123456, e: 1e300 },
  });
  const bytes = Buffer.from('x{"id":12345678901234567890}').subarray(1);
  assert.deepEqual(parseJson(bytes), { id: "12345678901234567890" });
});

test("a text that is no JSON is told by its length alone", () => {
  assert.throws(
    () => parseJson('{"card":"4242"'),
    (error: Error) =>
      error.name === "SyntaxError" && error.message === "a text of 14 characters is no JSON" && !error.cause,
  );
});
