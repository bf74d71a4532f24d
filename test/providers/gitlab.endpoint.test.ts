/** The hook itself: whether it is right, making and mending it, having sent again what failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asked, api, contextOf, fixture, type Json, page, plugin } from "./gitlab.kit.ts";

const URL_OF_HOOK = "https://app.example/webhooks/gitlab";
const project = contextOf("7");
const right: Json = { ...fixture("gitlab4j/hook.json"), id: 12, url: URL_OF_HOOK, alert_status: "executable" };
const types = ["issue", "branch"];

const endpointOf = (fetch: (request: Request) => Promise<Response>, options: object = {}) =>
  plugin({ fetch, types, ...options }).endpoint ?? assert.fail("there is no endpoint");
const check = async (hooks: readonly Json[], context = project) =>
  endpointOf(api(() => hooks).fetch).check(URL_OF_HOOK, context);

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

test("what is wrong with a hook is told in words", async () => {
  for (const [hook, problem] of [
    [{ url: "https://other.example" }, /no hook has this URL/],
    [{ alert_status: "disabled" }, /disabled: it failed too often/],
    [{ alert_status: "temporarily_disabled" }, /temporarily_disabled/],
    [{ issues_events: false, push_events: false }, /does not send push_events, issues_events/],
    [{ custom_webhook_template: '{"a":1}' }, /template/],
    [{ push_events_branch_filter: "main" }, /filter/],
    [{ token_present: false, signing_token_present: false }, /no signing token and no secret token/],
  ] as const) {
    const answer = await check([{ ...right, ...hook }]);
    assert.ok(!answer.ok && problem.test(answer.problem), JSON.stringify(answer));
  }
  assert.deepEqual(await check([{ ...right, job_events: false }]), { ok: true }, "jobs are not synchronized");
});

test("a hook is looked for on every page, of the project, the group or the whole GitLab", async () => {
  const { fetch, told } = api(({ query }) => (query.get("page") === "2" ? [right] : page([], "page=2")));
  const endpoint = endpointOf(fetch);
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, project), { ok: true });
  assert.equal(told()[1], "GET projects/7/hooks?page=2");
  await endpoint.check(URL_OF_HOOK, contextOf("group/3"));
  await endpoint.check(URL_OF_HOOK, contextOf("instance"));
  assert.ok(told().includes("GET groups/3/hooks?page=2") && told().includes("GET hooks?page=2"));
});

/** A GitLab with these hooks, that makes of a request what `made` says. */
const hooked = (hooks: readonly Json[], made: (asked: Asked) => Json) =>
  api((asked) => (asked.method === "GET" ? hooks : made(asked)));

test("a hook that is missing is made with a signing token, which nobody can read again", async () => {
  const { fetch, asked } = hooked([], () => ({ ...right, signing_token_present: true }));
  const { secret = "" } = await endpointOf(fetch).ensure(URL_OF_HOOK, project);
  assert.equal(Buffer.from(secret.replace(/^whsec_/, ""), "base64").length, 32);
  plugin({ webhookSecret: secret });
  const [, { method, path, body } = assert.fail()] = asked;
  assert.equal(`${method} ${path}`, "POST projects/7/hooks");
  assert.deepEqual(body, {
    ...{ url: URL_OF_HOOK, push_events: true, issues_events: true, confidential_issues_events: true },
    signing_token: secret,
  });
  const again = await endpointOf(fetch).ensure(URL_OF_HOOK, project);
  assert.notEqual(again.secret, secret);
});

test("a server that passes the signing token over in silence is given a secret token", async () => {
  for (const signing_token_present of [false, undefined]) {
    const { fetch, asked } = hooked([], () => ({ ...right, signing_token_present }));
    const { secret } = await endpointOf(fetch).ensure(URL_OF_HOOK, project);
    const [, , { method, path, body } = assert.fail()] = asked;
    assert.equal(`${method} ${path}`, "PUT projects/7/hooks/12");
    assert.deepEqual(body, { url: URL_OF_HOOK, token: secret });
    assert.ok(secret !== undefined && secret.length >= 32 && !secret.startsWith("whsec_"));
  }
});

test("a hook that is there is mended, keeps its secret, and is woken if it was switched off", async () => {
  const asleep = { ...right, signing_token_present: true, issues_events: false, alert_status: "disabled" };
  const { fetch, asked } = hooked([asleep], () => asleep);
  assert.deepEqual(await endpointOf(fetch).ensure(URL_OF_HOOK, project), {});
  const [, mended, woken] = asked;
  assert.equal(`${mended?.method} ${mended?.path}`, "PUT projects/7/hooks/12");
  const { url, issues_events, custom_webhook_template, push_events_branch_filter, ...rest } = mended?.body ?? {};
  assert.deepEqual(
    [url, issues_events, custom_webhook_template, push_events_branch_filter],
    [URL_OF_HOOK, true, "", ""],
    "with another url the secret would be taken away",
  );
  assert.ok(!("token" in rest) && !("signing_token" in rest));
  assert.equal(`${woken?.method} ${woken?.path}`, "POST projects/7/hooks/12/test/push_events");
  const awake = hooked([right], () => right);
  await endpointOf(awake.fetch).ensure(URL_OF_HOOK, project);
  assert.equal(awake.asked.length, 2);
});

test("a hook without any secret is given one", async () => {
  const bare = { ...right, token_present: false, signing_token_present: false };
  const { fetch, asked } = hooked([bare], () => ({ ...bare, signing_token_present: true }));
  const { secret } = await endpointOf(fetch).ensure(URL_OF_HOOK, project);
  assert.match(secret ?? "", /^whsec_/);
  assert.equal(`${asked[1]?.method} ${asked[1]?.path}`, "PUT projects/7/hooks/12");
});

const at = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
const sent = (id: number, response_status: string, day?: number) => ({
  ...{ id, response_status },
  ...(day !== undefined && { created_at: at(day) }),
});
const resending = (pages: readonly (readonly Json[])[], answer: (resends: number) => unknown) => {
  let resends = 0;
  return api(({ method, query }) => {
    if (method === "POST") return answer(++resends);
    const n = Number(query.get("page"));
    return page(pages[n - 1] ?? [], n < pages.length ? "page=x" : undefined);
  });
};
const redeliver = async ({ fetch }: ReturnType<typeof api>) =>
  endpointOf(fetch, { deliveries: () => "projects/7/hooks/12" }).redeliver?.(URL_OF_HOOK, new Date(at(3)), project);
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
  assert.equal(plugin().endpoint?.redeliver, undefined);
});
