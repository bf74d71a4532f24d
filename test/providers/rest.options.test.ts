/** The options of `rest`: each mistake is named with its place, and types follow from the description alone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSync, type StateOf, type TypeOf } from "tidemark";
import { type RestOptions, rest, state } from "tidemark/rest";
import { sqlite } from "tidemark/sqlite";
import { z } from "zod";
import { described } from "./rest.kit.ts";

const signature = { header: "x-signature" };
const own = (more: object) => ({
  ...{ webhook: { secret: "a secret", signature: { ...signature, ...more } } },
  ...{ envelope: { name: "type" }, events: { a: { thing: "id" } } },
});
const listed = (more: object) => ({ list: { path: "things", ...more } });

/** What is wrong of the type, or of all; and what is said. */
const WRONG: readonly (readonly [thing: object, over: object, message: string])[] = [
  [{}, { name: "" }, 'rest({ name }) must be a text that is not empty, like "LiveAPI"'],
  [{}, { url: 5 }, 'rest({ url }) must be like "https://api.example.com/v1/", or a function of the scope'],
  [
    {},
    { url: "api.example.com" },
    'Things: the url must be like "https://api.example.com/v1/", with no user or password in it',
  ],
  [
    {},
    { auth: { token: "x" } },
    "rest({ auth }) must be { bearer: token }, { basic: { user, password } } or { header, value }",
  ],
  [{}, { auth: { bearer: "" } }, 'rest({ auth.bearer }) must be a text that is not empty, like "token"'],
  [
    {},
    { auth: { header: "x-key" } },
    "rest({ auth.value }) must be a text that is not empty, or a function of the scope",
  ],
  [{}, { resources: {} }, "rest({ resources }) must have at least one type: { stream: { state, fetch, … } }"],
  [{}, { resource: {} }, "rest({ … }) has no resource; there are: name, url, auth,"],
  [{ state: {} }, {}, "rest({ resources.thing.state }) must be state<Its>() or a zod schema"],
  [
    { fetch: undefined },
    {},
    'rest({ resources.thing.fetch }) must be a path with {id}, like "streams/{id}", or { path, query, item }',
  ],
  [{ fetch: "things" }, {}, 'rest({ resources.thing.fetch }) needs {id}, like "streams/{id}"'],
  [
    { fetch: "/things/{id}" },
    {},
    'rest({ resources.thing.fetch }) must not begin with "/", which would leave url: write "streams/{id}"',
  ],
  [{ fetch: "https://x/{id}" }, {}, 'rest({ resources.thing.fetch }) must be a path below url, like "streams/{id}"'],
  [{ fetch: "things?id={id}" }, {}, 'rest({ resources.thing.fetch }) must be a path below url, like "streams/{id}"'],
  [
    { fetch: { path: "a/{key}/{id}" } },
    {},
    "rest({ resources.thing.fetch.path }) has no {key}; there is {id}, {scope}",
  ],
  [
    { fetch: { path: "a/{id}", itm: "x" } },
    {},
    "rest({ resources.thing.fetch }) has no itm; there are: path, query, item",
  ],
  [
    { fetch: { path: "a/{id}", query: { a: {} } } },
    {},
    "rest({ resources.thing.fetch.query.a }) must be a text, a number, true, false or a list of texts",
  ],
  [{ id: "a..b" }, {}, 'rest({ resources.thing.id }) must be a place in JSON, like "id"'],
  [listed({ path: "things/{id}" }), {}, "rest({ resources.thing.list.path }) has no {id}; there is {scope}"],
  [
    listed({ paging: { by: "pages" } }),
    {},
    'rest({ resources.thing.list.paging }) must be { by, … }, by one of "link", "url", "cursor", "last", "page", "offset"',
  ],
  [
    listed({ paging: { by: "cursor", next: "a" } }),
    {},
    'rest({ resources.thing.list.paging.param }) must be a text that is not empty, like "cursor"',
  ],
  [
    listed({ paging: { by: "link", param: "p" } }),
    {},
    "rest({ resources.thing.list.paging }) has no param; there are: by",
  ],
  [
    listed({ pages: 0 }),
    {},
    "rest({ resources.thing.list.pages }) must be the most pages there may be: a whole number, 1 or more",
  ],
  [listed({ whole: "yes" }), {}, "rest({ resources.thing.list.whole }) must be true or false"],
  [
    { version: "updated_at" },
    {},
    'rest({ resources.thing.version }) must be { time: "updated_at" } or { revision: "revision" }',
  ],
  [
    { version: { time: [] } },
    {},
    'rest({ resources.thing.version.time }) must have at least one place, like "updated_at"',
  ],
  [
    { readLag: undefined },
    {},
    'rest({ resources.thing }) needs version: { time: "updated_at" }, or readLag: { fetch: 5000, list: 10000 }',
  ],
  [{ readLag: { fetch: -1, list: 0 } }, {}, "rest({ resources.thing.readLag.fetch }) must be milliseconds, 0 or more"],
  [
    { readLag: { fetch: 1, list: Number.POSITIVE_INFINITY } },
    {},
    "rest({ resources.thing.readLag.list }) must be milliseconds, 0 or more",
  ],
  [{ list: undefined }, {}, 'rest({ resources.thing }) needs a list, or rest a probe: "me".'],
  [
    { updates: { param: "since" } },
    {},
    'rest({ resources.thing.updates.time }) is needed where version is no time: the place of the update time in a row, like "updated_at"',
  ],
  [
    { updates: { param: "since", overlap: 1 } },
    {},
    "rest({ resources.thing.updates.overlap }) must be milliseconds, 60000 or more",
  ],
  [
    { list: undefined, updates: { param: "since", time: "at" } },
    { probe: "me" },
    "rest({ resources.thing.list }) needs",
  ],
  [{}, { webhook: { secret: "x", signature } }, 'rest({ envelope }) is needed for webhook: { name: "type", id: "id" }'],
  [{}, { webhook: { secret: "x", signature }, envelope: { name: "a" } }, "rest({ events }) is needed for webhook"],
  [{}, { ...own({}), webhook: { signature } }, "rest({ webhook.secret }) must be a non-empty string"],
  [
    {},
    { ...own({}), webhook: { secret: "x", signature: "svix" } },
    'rest({ webhook.signature }) must be one of "standard-webhooks"',
  ],
  [{}, own({ algorithm: "md5" }), 'rest({ webhook.signature.algorithm }) must be one of "sha256", "sha512", "sha1"'],
  [
    {},
    own({ template: "{timestamp}" }),
    "rest({ webhook.signature.template }) needs {body}: what is not signed could be anything",
  ],
  [
    {},
    own({ template: "{body}{nonce}" }),
    "rest({ webhook.signature.template }) has no {nonce}; there are: {body}, {timestamp}, {id}, {method}, {url}",
  ],
  [
    {},
    own({ template: "{timestamp}.{body}" }),
    "rest({ webhook.signature.timestamp }) is needed for {timestamp} in template",
  ],
  [{}, own({ template: "{id}.{body}" }), "rest({ webhook.signature.id }) is needed for {id} in template"],
  [
    {},
    own({ timestamp: { header: "t" } }),
    "rest({ webhook.signature.template }) needs {timestamp}: without it, timestamp is not signed",
  ],
  [{}, own({ id: "x-id" }), "rest({ webhook.signature.template }) needs {id}: without it, id is not signed"],
  [{}, own({ template: "{timestamp}{body}", timestamp: {} }), "rest({ webhook.signature.timestamp }) needs a header,"],
  [
    {},
    own({ template: "{timestamp}{body}", timestamp: { field: "t" } }),
    "rest({ webhook.signature.field }) is needed",
  ],
  [{}, { ...own({}), events: { a: { stream: "id" } } }, "rest({ events.a.stream }) is no type; there are: thing"],
  [
    {},
    { ...own({}), events: { "*.a": { thing: "id" } } },
    'rest({ events.*.a }) can have a * at its end alone, like "stream.*"',
  ],
  [
    {},
    { ...own({}), events: { a: { thing: 5 } } },
    'rest({ events.a.thing }) must be a place of the id, like "data.id", a list of them, { id, version }, or true',
  ],
  [
    {},
    { ...own({}), log: { path: "events", after: "after" } },
    "rest({ envelope.id }) must be a place in the event: a log has no headers",
  ],
  [{}, { log: { path: "events", after: "after" } }, "rest({ envelope }) is needed for log"],
  [
    {},
    { statuses: { gone: [401] } },
    "rest({ statuses.gone.0 }) must be a status of 4xx, and none of 401, 408, 425, 429",
  ],
  [{}, { statuses: { absent: 404 } }, "rest({ statuses.absent }) must be a list of statuses, like [404]"],
  [{}, { limits: { rate: 0 } }, "rest({ limits.rate }) must be calls per second, more than 0"],
  [{}, { fetch: "x" }, "rest({ fetch }) must be a function like the global fetch"],
];

test("a wrong option fails at once, is named with its place, and says what to write", () => {
  assert.ok(rest(described()));
  assert.ok(rest(described({}, own({}) as Partial<RestOptions<never>>)));
  for (const [thing, over, message] of WRONG) {
    assert.throws(
      () => rest(described(thing as never, over as never)),
      (error: Error) => {
        assert.ok(error instanceof TypeError, `${error}`);
        assert.equal(error.message.slice(0, message.length), message);
        return true;
      },
    );
  }
  for (const nothing of [undefined, null, [], "x"])
    assert.throws(() => rest(nothing as never), /must be an object with some of name/);
});

test("the engine takes what is described; the type of a state follows from its marker or its schema", async () => {
  const schema = z.object({ id: z.string(), at: z.number() });
  const service = rest({
    ...{ name: "Things", url: "https://api.example.com/" },
    resources: {
      thing: {
        ...{ state: state<{ id: string; name: string }>(), fetch: "things/{id}", list: { path: "things" } },
        version: { time: "at" },
        related: ({ name }) => [{ type: "part", id: name }],
      },
      part: { state: schema, fetch: "parts/{id}", list: { path: "parts" }, version: { revision: "at" } },
    },
    webhook: { secret: "a secret", signature },
    envelope: { name: "type" },
    // @ts-expect-error: there is no such type
    events: { a: { thing: "id" }, ...((false as true) && { b: { other: "id" } }) },
  });
  const providers = { it: service };
  const store = sqlite(":memory:");
  assert.ok(createSync({ providers, store }));
  await store.close();
  const types: TypeOf<typeof providers>[] = ["it.thing", "it.part"];
  // @ts-expect-error: there is no such type
  types.push("it.other");
  const name = ({ name }: StateOf<typeof providers, "it.thing">): string => name;
  const at = ({ at }: StateOf<typeof providers, "it.part">): number => at;
  assert.deepEqual([name({ id: "1", name: "x" }), at({ id: "1", at: 5 })], ["x", 5]);
  assert.deepEqual(service.resources.thing.related?.({ id: "1", name: "p" }), [{ type: "part", id: "p" }]);
});

test("what is not described is left out", () => {
  const { webhook, feeds, scopes, probe, limits, resources } = rest(described({}, { scopes: () => ["a", "b"] }));
  assert.deepEqual([webhook, feeds, probe, limits, scopes?.()], [undefined, {}, undefined, { rate: 10 }, ["a", "b"]]);
  assert.equal(rest(described({ list: undefined as never }, { probe: "me" })).resources.thing.list, undefined);
  assert.deepEqual(resources.thing.readLag, { fetch: 0, list: 0 });
  assert.deepEqual(rest(described({ version: { time: "at" }, readLag: undefined as never })).resources.thing.readLag, {
    ...{ fetch: 5_000, list: 10_000 },
  });
});

test("the docs show the programs that run here, each of fewer than 40 lines", () => {
  const page = readFileSync(new URL("../../docs/providers/rest.md", import.meta.url), "utf8");
  for (const name of ["liveapi", "workos"]) {
    const program = readFileSync(new URL(`rest.${name}.ts`, import.meta.url), "utf8");
    assert.ok(page.includes(`\`\`\`ts\n${program}\`\`\`\n`), `docs/providers/rest.md does not show rest.${name}.ts`);
    assert.ok(program.split("\n").length <= 40, name);
  }
});
