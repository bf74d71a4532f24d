/** The webhook itself: whether it is right, making and mending it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { media } from "tidemark/strapi";
import { fakeContext } from "./context.ts";
import { deleted, moved, OTHER_URL, testEndpoint, URL_OF_HOOK } from "./endpoint.kit.ts";
import { createStrapi, TOKEN, URL_OF_API } from "./strapi.emulator.ts";
import { ADMIN_TOKEN } from "./strapi.hooks.ts";
import { NOW, plugin, SECRET, types } from "./strapi.kit.ts";

/** A Strapi with the webhook of somebody else, and the provider for it. */
function make(over: Parameters<typeof plugin>[0] = {}) {
  const service = createStrapi({ now: () => NOW, secret: SECRET });
  const { hooks } = service;
  hooks.add({ url: OTHER_URL, headers: { Authorization: "Bearer theirs" } });
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(request.url);
    return service.fetch(request);
  };
  const { endpoint } = plugin({ adminToken: ADMIN_TOKEN, webhookSecret: [SECRET, "the one before"], fetch, ...over });
  assert.ok(endpoint);
  const ours = () => hooks.all.find(({ url }) => url === URL_OF_HOOK) ?? assert.fail("there is none");
  return {
    ...{ endpoint, ours, asked, context: fakeContext(), hooks: () => hooks.all, changes: hooks.changes },
    ...{ access: service.access, secrets: [SECRET, TOKEN, ADMIN_TOKEN, "theirs"], add: hooks.add.bind(hooks) },
  };
}

testEndpoint("Strapi", () => make(), {
  deleted,
  disabled: {
    fault: "disabled",
    problem: /not enabled/,
    cause: ({ ours }) => Object.assign(ours(), { isEnabled: false }),
  },
  "at another URL": moved,
  "short of events": {
    fault: "events",
    problem: /does not send entry.unpublish, media.delete$/,
    cause: ({ ours }) => {
      ours().events = ours().events.filter((event) => !/^(entry.unpublish|media.delete)$/.test(event));
    },
  },
  "of another secret": {
    fault: "secret",
    problem: /header authorization/,
    cause: ({ ours }) => Object.assign(ours().headers, { authorization: "Bearer of somebody" }),
  },
  "without a secret": {
    fault: "secret",
    problem: /is missing/,
    cause: ({ ours }) => delete ours().headers["authorization"],
  },
  "of two secrets": {
    fault: "secret",
    problem: /holds none of the secrets/,
    cause: ({ ours }) => Object.assign(ours().headers, { Authorization: `Bearer ${SECRET}` }),
  },
});

test("a webhook is made with the first secret, and one with the secret before is left alone", async () => {
  const { endpoint, context, ours, changes, asked } = make();
  assert.deepEqual(await endpoint.ensure(URL_OF_HOOK, context), {});
  assert.deepEqual(ours().headers, { authorization: `Bearer ${SECRET}` });
  assert.equal(asked[0], "https://cms.example.com/admin/webhooks");
  ours().headers = { Authorization: "Bearer the one before", "x-own": "1" };
  assert.deepEqual(await endpoint.check(URL_OF_HOOK, context), { ok: true });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(changes, ["POST "]);
});

test("what it sends besides stays, and its other headers", async () => {
  const { endpoint, context, add, ours, hooks } = make();
  add({ url: URL_OF_HOOK, headers: { "x-own": "1", AUTHORIZATION: "wrong" }, events: ["media.update"], name: "mine" });
  await endpoint.ensure(URL_OF_HOOK, context);
  assert.deepEqual(ours().headers, { "x-own": "1", authorization: `Bearer ${SECRET}` });
  assert.equal(ours().name, "mine");
  assert.deepEqual(ours().events.filter((event) => event === "media.update").length, 1);
  add({ url: `${URL_OF_HOOK}/3`, headers: { Authorization: `Bearer ${SECRET}`, "x-own": "1" }, events: [] });
  await endpoint.ensure(`${URL_OF_HOOK}/3`, context);
  assert.deepEqual(hooks()[2]?.headers, { Authorization: `Bearer ${SECRET}`, "x-own": "1" });
});

test("another header holds the secret alone; with a signature none is needed", async () => {
  const own = make({ webhookHeader: "X-Secret" });
  await own.endpoint.ensure(URL_OF_HOOK, own.context);
  assert.deepEqual(own.ours().headers, { "x-secret": SECRET });
  const signed = make({ webhookSecret: undefined, signingSecret: SECRET });
  await signed.endpoint.ensure(URL_OF_HOOK, signed.context);
  assert.deepEqual(signed.ours().headers, {});
  assert.deepEqual(await signed.endpoint.check(URL_OF_HOOK, signed.context), { ok: true });
});

test("the events are those of the types", async () => {
  for (const [chosen, pattern] of [
    [{ note: types.note }, /^entry\./],
    [{ file: media() }, /^media\./],
  ] as const) {
    const { endpoint, context, ours } = make({ types: chosen });
    await endpoint.ensure(URL_OF_HOOK, context);
    assert.ok(ours().events.length >= 3 && ours().events.every((event) => pattern.test(event)));
  }
});

test("a Strapi that has none is told so; its admin may be elsewhere", async () => {
  const { endpoint, context, hooks, asked } = make({
    url: `${URL_OF_API}/`,
    adminUrl: "https://cms.example.com/admin/",
  });
  hooks().length = 0;
  const answer = await endpoint.check(URL_OF_HOOK, context);
  assert.equal(!answer.ok && answer.fault, "missing");
  assert.deepEqual(asked, ["https://cms.example.com/admin/webhooks"]);
});

test("the admin's token goes to the host of the API alone", async () => {
  for (const [url, admin] of [
    ["https://cms.example.com", "https://cms.example.com/admin/webhooks"],
    ["https://cms.example.com/api//", "https://cms.example.com/admin/webhooks"],
    ["https://cms.example.com:8443/cms/api", "https://cms.example.com:8443/cms/admin/webhooks"],
  ] as const) {
    const { endpoint, context, asked } = make({ url });
    await endpoint.check(URL_OF_HOOK, context).catch(() => {});
    assert.deepEqual(asked, [admin]);
  }
});

test("without an admin token there is no endpoint, and one that is none is refused", () => {
  assert.equal(plugin().endpoint, undefined);
  for (const adminToken of ["", "a b", 7]) assert.throws(() => plugin({ adminToken }), /adminToken/);
});
