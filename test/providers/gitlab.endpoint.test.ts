/** The hook itself: whether it is right, making and mending it, having sent again what failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deleted, moved, OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { gitlabOf, ORIGIN } from "./gitlab.emulator.ts";
import { GitLabHooks } from "./gitlab.hooks.ts";
import { api, contextOf, fixture, type Json, NOW, PLAIN, page, plugin, SIGNING, TOKEN } from "./gitlab.kit.ts";

const project = contextOf("7");
const right: Json = { ...fixture("gitlab4j/hook.json"), id: 12, url: URL_OF_HOOK, alert_status: "executable" };
const types = ["issue", "branch"];

const endpointOf = (fetch: (request: Request) => Promise<Response>, options: object = {}) =>
  plugin({ fetch, types, webhookSecret: [SIGNING[0], PLAIN[0]], ...options }).endpoint ??
  assert.fail("there is no endpoint");
/** These hooks, on a server that keeps no log of them. */
const check = async (hooks: readonly Json[], context = project) =>
  endpointOf(api(({ path }) => (path.endsWith("/events") ? undefined : hooks)).fetch).check(URL_OF_HOOK, context);

test("a hook that is right is told to be; an older server does not tell everything", async () => {
  for (const more of [
    {},
    { issues_events: undefined },
    { signing_token_present: true },
    { token_present: true, signing_token_present: false },
  ]) {
    assert.deepEqual(
      await check([
        { url: "https://other.example", id: 1 },
        { ...right, ...more },
      ]),
      { ok: true },
    );
  }
});

test("a project that has none is told so; what no type needs may be off", async () => {
  const answer = await check([]);
  assert.equal(!answer.ok && answer.fault, "missing");
  assert.deepEqual(await check([{ ...right, job_events: false }]), { ok: true });
});

test("a hook is looked for on every page, of the project, the group or the whole GitLab", async () => {
  const { fetch, told } = api(({ path, query }) => {
    if (path.endsWith("/events")) return undefined;
    return query.get("page") === "2" ? [right] : page([], "page=2");
  });
  const endpoint = endpointOf(fetch);
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, project), { ok: true });
  assert.equal(told()[1], "GET projects/7/hooks?page=2");
  await endpoint.check(URL_OF_HOOK, contextOf("group/3"));
  await endpoint.check(URL_OF_HOOK, contextOf("instance"));
  assert.ok(told().includes("GET groups/3/hooks?page=2") && told().includes("GET hooks?page=2"));
  assert.ok(!told().some((one) => one.startsWith("GET hooks/")), "there is no log of a system hook");
});

/** A project with the hook of somebody else, and the provider for it. */
function make({ webhookSecret = [SIGNING[0], PLAIN[0]] as readonly string[], signs = true } = {}) {
  const emulator = gitlabOf(["issue"])({ now: () => NOW, secret: webhookSecret[0] ?? "" });
  const hooks = signs ? emulator.hooks : new GitLabHooks(webhookSecret[0] ?? "", false);
  hooks.add({ url: OTHER_URL, token: "theirs" });
  const fetch = async (request: Request) => {
    const [, below] = new URL(request.url).pathname.split("/hooks");
    return signs || below === undefined ? emulator.fetch(request) : hooks.answer(request, below);
  };
  const { endpoint } = plugin({ fetch, types, webhookSecret, url: ORIGIN });
  assert.ok(endpoint);
  const ours = () => hooks.all.find(({ url }) => url === URL_OF_HOOK) ?? assert.fail("there is none");
  return {
    ...{ endpoint, ours, context: project, hooks: () => hooks.all, changes: hooks.changes, log: hooks.log },
    ...{ access: emulator.access, secrets: [...SIGNING, ...PLAIN, TOKEN, "theirs"], add: hooks.add.bind(hooks) },
  };
}

testEndpoint("GitLab", () => make(), {
  deleted,
  disabled: {
    fault: "disabled",
    problem: /temporarily_disabled: it failed too often/,
    cause: ({ ours }) => Object.assign(ours(), { alert_status: "temporarily_disabled" }),
  },
  "at another URL": moved,
  "short of events": {
    fault: "events",
    problem: /does not send push_events, issues_events$/,
    cause: ({ ours }) => Object.assign(ours(), { issues_events: false, push_events: false }),
  },
  "given a template": {
    fault: "form",
    problem: /template/,
    cause: ({ ours }) => Object.assign(ours(), { custom_webhook_template: "{}" }),
  },
  filtered: {
    fault: "form",
    problem: /some branches/,
    cause: ({ ours }) => Object.assign(ours(), { push_events_branch_filter: "main" }),
  },
  "without a secret": {
    fault: "secret",
    problem: /no signing token and no secret token/,
    cause: ({ ours }) => {
      delete ours().token;
      delete ours().signing_token;
    },
  },
  "of another secret": {
    fault: "secret",
    problem: /refused \(401\)/,
    cause: ({ ours, log }) => {
      ours().signing_token = SIGNING[1];
      log.set(ours().id, ["401", "200"]);
    },
  },
});

test("a hook is made with the secrets of the option, and none is answered", async () => {
  const { endpoint, ours, changes } = make();
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, project), {});
  const { token, signing_token, push_events, issues_events, confidential_issues_events, job_events } = ours();
  assert.deepEqual([token, signing_token], [PLAIN[0], SIGNING[0]]);
  assert.deepEqual([push_events, issues_events, confidential_issues_events, job_events], [true, true, true, false]);
  await endpoint.ensure(URL_OF_HOOK, project);
  assert.deepEqual(changes, ["POST ", "PUT /2"], "one that is on and was not refused is not tested");
});

test("a server that passes signing tokens over in silence needs a secret token", async () => {
  const old = make({ webhookSecret: [PLAIN[0]], signs: false });
  await old.endpoint.ensure(URL_OF_HOOK, project);
  assert.deepEqual(await old.endpoint.check(URL_OF_HOOK, project), { ok: true });
  const both = make({ signs: false });
  await both.endpoint.ensure(URL_OF_HOOK, project);
  assert.equal(both.ours().token, PLAIN[0]);
  const signing = make({ webhookSecret: [SIGNING[0]], signs: false });
  await assert.rejects(signing.endpoint.ensure(URL_OF_HOOK, project), /add a secret token, without whsec_/);
});

test("where the option has signing tokens alone, a hook must sign", async () => {
  const { endpoint, ours } = make({ webhookSecret: [SIGNING[0]] });
  await endpoint.ensure(URL_OF_HOOK, project);
  delete ours().signing_token;
  ours().token = PLAIN[0];
  const answer = await endpoint.check(URL_OF_HOOK, project);
  assert.ok(!answer.ok && answer.fault === "secret" && /no signing token$/.test(answer.problem));
});

const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
const sent = (id: number, response_status: string, day?: number) => ({
  ...{ id, response_status },
  ...(day !== undefined && { created_at: at(day) }),
});
const resending = (pages: readonly (readonly Json[])[], answer: (resends: number) => unknown) => {
  let resends = 0;
  return api(({ method, path, query }) => {
    if (method === "POST") return answer(++resends);
    if (!path.endsWith("/events")) return [right];
    const n = Number(query.get("page"));
    return page(pages[n - 1] ?? [], n < pages.length ? "page=x" : undefined);
  });
};
const redeliver = async ({ fetch }: ReturnType<typeof api>, url = URL_OF_HOOK) =>
  endpointOf(fetch).redeliver?.(url, new Date(at(3)), project);
const resentOf = ({ told }: ReturnType<typeof api>) => told().filter((one) => one.startsWith("POST"));

test("what failed since a time is sent again, and nothing else", async () => {
  const log = resending(
    [
      [sent(9, "500", 5), sent(8, "200", 5)],
      [sent(7, "internal error"), sent(6, "404", 2)],
    ],
    () => ({}),
  );
  assert.equal(await redeliver(log), 2);
  assert.deepEqual(
    resentOf(log),
    [9, 7].map((id) => `POST projects/7/hooks/12/events/${id}/resend?`),
  );
});

test("what was sent again counts as the one that it repeats", async () => {
  const keyed = (id: number, status: string, key: string) => ({
    ...sent(id, status, 5),
    request_headers: { "Idempotency-Key": key },
  });
  const log = resending(
    [
      [keyed(9, "200", "a"), keyed(8, "500", "b"), keyed(7, "500", "a")],
      [keyed(6, "500", "b"), keyed(5, "500", "c")],
    ],
    () => ({}),
  );
  assert.equal(await redeliver(log), 2);
  assert.deepEqual(
    resentOf(log),
    [8, 5].map((id) => `POST projects/7/hooks/12/events/${id}/resend?`),
  );
});

test("GitLab's limit ends it, with what was sent until then; the first one asks to wait", async () => {
  const limit = () => Response.json({}, { status: 429, headers: { "retry-after": "60" } });
  const failed = [1, 2, 3, 4].map((id) => sent(id, "500", 5));
  assert.equal(await redeliver(resending([failed], (n) => (n > 2 ? limit() : {}))), 2);
  await assert.rejects(() => redeliver(resending([failed], limit)), { name: "RetryLater" });
});

test("one that cannot be sent again is passed over; without a hook nothing can", async () => {
  const refused = () => Response.json({ message: "the URL has changed" }, { status: 422 });
  const log = resending([[sent(2, "500", 5), sent(1, "500", 5)]], (n) => (n === 1 ? refused() : {}));
  assert.equal(await redeliver(log), 1);
  assert.equal(await redeliver(log, OTHER_URL), 0);
});
