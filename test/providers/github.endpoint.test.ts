/** The hook itself: whether it is right, making and mending it, having sent again what failed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Octokit } from "@octokit/rest";
import { AccessLost, RetryLater } from "tidemark";
import { type GitHubType, github } from "tidemark/github";
import { fakeContext } from "./context.ts";
import { OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { githubEmulator } from "./github.emulator.ts";
import { GitHubHooks } from "./github.hooks.ts";
import { HOME, ORG, payloads, plugin } from "./github.kit.ts";
import { expected } from "./github.payloads.ts";

const SECRET = "the first secret";
const TOKEN = "ghp_of_the_application";
const NOW = Date.parse("2026-01-05T00:00:00Z");
const at = (day: number) => `2026-01-0${day}T00:00:00Z`;
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

type Answer = (request: Request) => Response | Promise<Response>;
const clientOver = (answer: Answer) =>
  new Octokit({
    ...{ auth: TOKEN, log },
    request: { fetch: async (url: string, init?: RequestInit) => answer(new Request(url, init)) },
  });

/** A repository with the hook of somebody else, and the real client. */
function make({ types = ["issue", "branch"] as readonly GitHubType[] } = {}) {
  const emulator = githubEmulator({ now: () => NOW, secret: SECRET });
  const { hooks } = emulator;
  hooks.add({ config: { url: OTHER_URL, secret: "theirs" } });
  const client = clientOver((request) => emulator.fetch(request));
  const { endpoint } = github({ client, webhookSecret: [SECRET, "the second secret"], repos: [HOME], types });
  assert.ok(endpoint);
  const ours = () => hooks.all.find(({ config }) => config["url"] === URL_OF_HOOK) ?? assert.fail("there is none");
  return {
    ...{ endpoint, ours, context: fakeContext({ scope: HOME, now: () => NOW }), hooks: () => hooks.all, all: hooks },
    ...{ access: emulator.access, secrets: [SECRET, TOKEN, "theirs"], add: hooks.add.bind(hooks) },
  };
}

testEndpoint("GitHub", make, {
  deleted: { fault: "elsewhere", problem: /none .* has this URL/, cause: ({ hooks }) => hooks().pop() },
  disabled: { fault: "disabled", problem: /not active/, cause: ({ ours }) => Object.assign(ours(), { active: false }) },
  "at another URL": {
    fault: "elsewhere",
    problem: /others: 2/,
    cause: ({ ours }) => Object.assign(ours().config, { url: `${URL_OF_HOOK}/` }),
  },
  "short of events": {
    fault: "events",
    problem: /does not send issue_comment, push, create, delete, branch_protection_rule$/,
    cause: ({ ours }) => Object.assign(ours(), { events: ["issues", "sub_issues", "issue_dependencies", "watch"] }),
  },
  "without a secret": { fault: "secret", problem: /no secret/, cause: ({ ours }) => delete ours().config["secret"] },
  "of another secret": {
    fault: "secret",
    problem: /refused \(401\)/,
    cause: ({ ours }) => {
      Object.assign(ours().config, { secret: "rotated by somebody" });
      ours().code = 401;
    },
  },
});

test("a hook is made with the first secret of the option, for the events that the types need", async () => {
  const { endpoint, context, ours, all } = make();
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), {});
  const events = ["issues", "sub_issues", "issue_dependencies", "issue_comment"];
  assert.deepEqual(ours().events, [...events, "push", "create", "delete", "branch_protection_rule"]);
  assert.deepEqual(ours().config, { url: URL_OF_HOOK, content_type: "json", insecure_ssl: "0", secret: SECRET });
  assert.deepEqual(all.changes, ["POST "]);
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(all.changes.slice(1), ["PATCH /2"], "one that was not refused is not pinged");
});

test("what the hook sends besides stays, and how it sends it; one for everything lacks nothing", async () => {
  const { endpoint, context, add } = make();
  add({ config: { url: OTHER_URL } });
  const ours = add({ events: ["watch"], config: { url: URL_OF_HOOK, content_type: "form", insecure_ssl: "1" } });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.ok(ours.events.includes("watch") && ours.events.includes("issues"));
  assert.deepEqual(ours.config, { url: URL_OF_HOOK, content_type: "form", insecure_ssl: "1", secret: SECRET });
  ours.events = ["*"];
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
});

test("a repository that has none is told so", async () => {
  const { endpoint, context, hooks } = make();
  hooks().length = 0;
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!answer.ok && answer.fault, "missing");
});

test("where no type is, no hook is needed, and none is made", async () => {
  const { endpoint, context, hooks } = make({ types: ["team"] });
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.equal(hooks().length, 1);
});

test("every event that names a type is asked for, but for those of Apps alone", async () => {
  for (const name of payloads) {
    const [event = ""] = name.split(".");
    const types = (expected[name] ?? "").split(", ").map((ref) => ref.split(" ")[0]);
    for (const type of types.filter((one) => one !== "" && one !== undefined)) {
      const isOfOrg = type === "team" || type === "organization_member";
      if (/^installation|^deployment_review$/.test(event)) continue;
      // To a repository these are told by its organisation's hook.
      if (!isOfOrg && /^(team|membership|organization)$/.test(event)) continue;
      const hooks = new GitHubHooks(SECRET);
      const client = clientOver((request) =>
        hooks.answer(request, new URL(request.url).pathname.split("/hooks")[1] ?? ""),
      );
      const all = plugin({ client, orgs: [ORG] });
      await all.endpoint?.ensure(URL_OF_HOOK, fakeContext({ scope: isOfOrg ? ORG : HOME }));
      assert.ok(hooks.all[0]?.events.includes(event), `${event} tells of ${type}`);
      const others = isOfOrg ? /^(issues|push)$/ : /^(team|membership|organization)$/;
      assert.ok(!hooks.all[0]?.events.some((one) => others.test(one)), "a hook of this kind has no such event");
    }
  }
});

test("what nobody took is sent again once, and nothing else", async () => {
  const { endpoint, context, all } = make();
  await endpoint.ensure(URL_OF_HOOK, context);
  const sent = (id: number, status: string, day: number, guid = `guid ${id}`) => ({ id, status, at: at(day), guid });
  all.log = [
    ...[sent(9, "OK", 4), sent(8, "failed to connect to host", 4), sent(7, "Invalid HTTP Response: 503", 4, "guid 8")],
    ...[sent(6, "Invalid HTTP Response: 401", 3, "guid 9"), sent(5, "timed out", 3), sent(4, "timed out", 1)],
  ];
  all.changes.length = 0;
  assert.equal(await endpoint.redeliver?.(URL_OF_HOOK, new Date(at(2)), context), 2);
  assert.deepEqual(all.changes, ["POST /2/deliveries/8/attempts", "POST /2/deliveries/5/attempts"]);
  assert.equal(await endpoint.redeliver?.(`${URL_OF_HOOK}/`, new Date(0), context), 0);
});

/** A hook with three failures; `again` answers how often one was asked for. */
function failing(again: (asked: number) => Response) {
  let asked = 0;
  const rows = [1, 2, 3].map((id) => ({
    id,
    guid: `${id}`,
    status: "timed out",
    delivered_at: at(4),
    event: "issues",
  }));
  const client = clientOver(({ method, url }) => {
    if (method === "POST") return again(++asked);
    const hook = { id: 1, active: true, events: ["*"], config: { url: URL_OF_HOOK } };
    return Response.json(url.includes("/deliveries") ? rows : [hook]);
  });
  const context = fakeContext({ scope: HOME, now: () => NOW });
  return () => plugin({ client }).endpoint?.redeliver?.(URL_OF_HOOK, new Date(0), context);
}
const limited = () => Response.json({}, { status: 403, headers: { "retry-after": "60" } });
const taken = () => Response.json({}, { status: 202 });

test("a limit ends it, with what was sent until then; the first one asks to wait", async () => {
  assert.equal(await failing((asked) => (asked > 1 ? limited() : taken()))(), 1);
  await assert.rejects(async () => failing(limited)(), RetryLater);
  await assert.rejects(async () => failing(() => Response.json({}, { status: 500 }))(), { status: 500 });
});

test("what GitHub keeps no more is passed over", async () => {
  assert.equal(
    await failing((asked) => (asked === 2 ? taken() : Response.json({}, { status: asked === 1 ? 404 : 422 })))(),
    1,
  );
});

test("who may look and not change is told so, and what changes something is asked once", async () => {
  for (const [answer, error] of [
    [() => Response.json({ message: "Not Found" }, { status: 404 }), AccessLost],
    [() => Response.json({}, { status: 403 }), AccessLost],
    [
      () => new Response(null, { status: 307, headers: { location: "https://api.github.com/repositories/1/hooks" } }),
      AccessLost,
    ],
    [
      () => {
        throw new TypeError("the connection broke");
      },
      Error,
    ],
  ] as const) {
    let asked = 0;
    const client = clientOver(({ method }) => {
      if (method === "GET") return Response.json([]);
      asked++;
      return answer();
    });
    // An Octokit may have learned to ask again.
    client.hook.before(
      "request",
      ({ method, request }) => void assert.ok(method === "GET" || request["retries"] === 0),
    );
    await assert.rejects(
      async () => plugin({ client }).endpoint?.ensure(URL_OF_HOOK, fakeContext({ scope: HOME })),
      error,
    );
    assert.equal(asked, 1);
  }
});
