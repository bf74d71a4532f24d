/** The feed over a hook's log, against a server that keeps one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, RetryLater } from "tidemark";
import { fakeContext } from "./context.ts";
import { bytesOf, example, HOME, type Json, json, plugin, type Route, refOf, request, serve } from "./github.kit.ts";

const BEGIN = Date.parse("2026-01-01T00:00:00Z");
const timeAt = (second: number) => new Date(BEGIN + second * 1_000).toISOString().replace(".000Z", "Z");
const HOOK = `/repos/${HOME}/hooks/12`;
/** Beyond 2^53. */
const BIG = 3_800_000_000_000_000_000n;
const guidOf = (number: number) => `0b989ba4-242f-11e5-81e1-${String(number).padStart(12, "0")}`;

interface Sent {
  number: number;
  second: number;
  status?: string;
  guid?: string;
  event?: string;
  payload?: unknown;
}
const issue = (number: number): Json => ({
  ...{ action: "opened", issue: { number, updated_at: timeAt(1) } },
  repository: { id: 1, full_name: HOME },
});

/** The log as GitHub shows it: the newest first, a page at a time. */
function logOf(sent: () => readonly Sent[], asked: string[], size = 100): Route {
  return (url, response) => {
    asked.push(url.pathname.slice(HOOK.length) + url.search.replace("?per_page=100", ""));
    const id = url.pathname.split("/deliveries/")[1];
    const all = [...sent()].sort((a, b) => b.second - a.second || b.number - a.number);
    if (id !== undefined) {
      const one = all.find(({ number }) => String(BIG + BigInt(number)) === id);
      if (!one) return json(response, 404, {});
      const { request, ...rest } = example("apps__get-webhook-delivery.200");
      return json(response, 200, { ...rest, request: { ...request, payload: one.payload ?? issue(one.number) } });
    }
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const page = all.slice(from, from + size);
    const more = from + size < all.length;
    const rows = page.map(({ number, second, status = "failed to connect to host", guid, event = "issues" }) => {
      const [item] = example("repos__list-webhook-deliveries.200");
      const told = { status, event, guid: guid ?? guidOf(number), delivered_at: timeAt(second) };
      return JSON.stringify({ ...item, ...told, id: 0 }).replace('"id":0', `"id":${BIG + BigInt(number)}`);
    });
    const link = `<https://api.github.com${HOOK}/deliveries?per_page=100&cursor=${from + size}>; rel="next"`;
    json(response, 200, `[${rows.join()}]`, more ? { link } : {});
  };
}

async function world(t: Parameters<typeof serve>[0], route: Route, options = {}) {
  const client = await serve(t, route);
  const { feeds } = plugin({ client, deliveries: () => ({ path: HOOK }), ...options });
  const feed = feeds?.["deliveries"];
  assert.ok(feed);
  const poll = async (cursor: string | null, second = 600, scope = HOME) => {
    const answer = await feed.poll(cursor, fakeContext({ scope, now: () => BEGIN + second * 1_000 }));
    return { ...answer, refs: answer.hints.map((hint) => refOf({ scope, ...hint })) };
  };
  return { feed, poll };
}
const cursorAt = (second: number, seen: string[] = []) => JSON.stringify({ since: timeAt(second), seen });

test("what was not delivered is looked at as if it had been, by an id that is beyond 2^53", async (t) => {
  const asked: string[] = [];
  const sent = [
    { number: 1, second: 100 },
    { number: 2, second: 110, status: "OK" },
    { number: 3, second: 120, event: "gollum" },
  ];
  const { poll, feed } = await world(
    t,
    logOf(() => sent, asked),
  );
  const { hints, cursor } = await poll(cursorAt(90));
  const cause = { id: guidOf(1), name: "issues.opened" };
  const version = BEGIN + 1_000;
  assert.deepEqual(hints, [{ type: "issue", id: "1", version, scope: HOME, event: cause }]);
  assert.deepEqual(asked, ["/deliveries", `/deliveries/${BIG + 3n}`, `/deliveries/${BIG + 1n}`]);
  assert.equal(cursor, cursorAt(120, [guidOf(3), guidOf(1)]));
  assert.deepEqual([feed.every, feed.horizon], [300_000, 3 * 86_400_000]);
  asked.length = 0;
  assert.deepEqual((await poll(cursor)).hints, []);
  assert.deepEqual(asked, ["/deliveries"], "what was looked at is not read again");
});

test("what arrived at last is no loss, and what is older than the last look was looked at", async (t) => {
  const asked: string[] = [];
  const sent = [
    { number: 1, second: 500, guid: "again" },
    { number: 2, second: 510, guid: "again", status: "OK" },
    { number: 3, second: 479 },
    { number: 4, second: 480 },
  ];
  const { poll } = await world(
    t,
    logOf(() => sent, asked),
  );
  assert.deepEqual((await poll(null)).refs, ["issue 4 v"], "two minutes before the first look, no more");
  assert.equal(asked.length, 2);
  const { cursor } = await poll(cursorAt(700));
  assert.equal(cursor, cursorAt(700), "never back");
});

test("a long way back is gone in several polls, and nothing is left out", async (t) => {
  const sent = Array.from({ length: 2_500 }, (_, number) => ({
    ...{ number, second: 100 + number },
    ...(number % 10 > 0 && { status: "OK" }),
  }));
  const asked: string[] = [];
  const { poll } = await world(
    t,
    logOf(() => sent, asked),
  );
  const found = new Set<string>();
  let cursor: string | null = cursorAt(100);
  let polls = 0;
  do {
    const before = asked.length;
    const answer: Awaited<ReturnType<typeof poll>> = await poll(cursor);
    assert.ok(asked.length - before <= 125 && polls++ < 10);
    for (const ref of answer.refs) found.add(ref);
    if (polls === 1) sent.push({ number: 2_510, second: 2_610 });
    cursor = answer.cursor;
  } while (JSON.parse(cursor ?? "{}").next !== undefined);
  assert.ok(polls > 1);
  assert.equal(found.size, 250);
  assert.deepEqual((await poll(cursor)).refs, ["issue 2510 v"], "what came meanwhile");
});

test("a log without failures is read no further than one poll may", async (t) => {
  const asked: string[] = [];
  const sent = Array.from({ length: 2_500 }, (_, number) => ({ number, second: 100 + number, status: "OK" }));
  const { poll } = await world(
    t,
    logOf(() => sent, asked),
  );
  const { cursor } = await poll(cursorAt(100));
  assert.equal(asked.length, 20);
  assert.deepEqual(JSON.parse((await poll(cursor)).cursor ?? ""), { since: timeAt(2_599), seen: [] });
});

test("who may not read the log says nothing, and asks again an hour later", async (t) => {
  for (const status of [403, 404]) {
    let calls = 0;
    const { poll } = await world(t, (_, response) => {
      calls++;
      json(response, status, { message: "Not Found" });
    });
    for (const second of [0, 300, 3_599]) {
      assert.deepEqual(await poll(cursorAt(0), second), { hints: [], refs: [], cursor: null });
    }
    assert.equal(calls, 1);
    await poll(null, 3_600);
    assert.equal(calls, 2);
  }
  const limited = await world(t, (_, response) => json(response, 403, {}, { "retry-after": "7" }));
  await assert.rejects(() => limited.poll(null), RetryLater);
  const expired = await world(t, (_, response) => json(response, 401, {}));
  await assert.rejects(() => expired.poll(null), AccessLost);
  const down = await world(t, (_, response) => json(response, 503, {}));
  await assert.rejects(() => down.poll(null), { status: 503 });
});

test("a scope without a hook costs nothing; an App's log is read with the App's own client", async (t) => {
  const asked: string[] = [];
  const idle = await world(
    t,
    logOf(() => [], asked),
    { deliveries: () => undefined },
  );
  assert.deepEqual(await idle.poll(null), { hints: [], refs: [], cursor: null });
  assert.deepEqual(asked, []);
  const paths: string[] = [];
  const own = await serve(t, (url, response) => {
    paths.push(url.pathname);
    json(response, 200, []);
  });
  const app = await world(
    t,
    logOf(() => [], asked),
    { deliveries: async () => ({ path: "/app/hook", client: own }) },
  );
  await app.poll(null);
  assert.deepEqual([asked, paths], [[], ["/app/hook/deliveries"]]);
  for (const path of ["/user", "12", "/app/hook/", `${HOOK}/deliveries`]) {
    const wrong = await world(t, () => assert.fail(), { deliveries: () => ({ path }) });
    await assert.rejects(() => wrong.poll(null), /\/repos\/acme\/app\/hooks\/12/);
  }
});

test("what an App's repositories were is forgotten when the log tells of others", async (t) => {
  let asked = 0;
  const payload = JSON.parse(bytesOf("webhooks/installation_repositories.added.json").toString());
  const sent = [{ number: 1, second: 590, event: "installation_repositories", payload }];
  const repos = () => {
    asked++;
    return [HOME];
  };
  const client = await serve(
    t,
    logOf(() => sent, []),
  );
  const provider = plugin({ client, repos, deliveries: () => ({ path: HOOK }) });
  await provider.scopes?.();
  const context = fakeContext({ scope: HOME, now: () => BEGIN + 600_000 });
  const answer = await provider.feeds?.["deliveries"]?.poll(null, context);
  assert.deepEqual(answer?.hints.map(refOf), ["repository 186853007 @Codertocat/Space"]);
  await provider.webhook?.(request(JSON.stringify(issue(1)), "issues"));
  assert.equal(asked, 2);
});

test("a delivery that cannot be read stops nothing", async (t) => {
  const sent = [
    { number: 1, second: 590, payload: "no payload" },
    { number: 2, second: 591, payload: { issue: 7 } },
    { number: 3, second: 592 },
  ];
  const route = logOf(() => sent, []);
  const { poll } = await world(t, (url, response, request) => {
    if (url.pathname.endsWith(String(BIG + 2n))) return json(response, 404, {});
    return route(url, response, request);
  });
  assert.deepEqual((await poll(null)).refs, ["issue 3 v"]);
});

test("an id that has lost its last digits is refused", async (t) => {
  const [item] = example("repos__list-webhook-deliveries.200");
  const row = (id: string) => `[${JSON.stringify({ ...item, status: "OK", id: 0 }).replace('"id":0', `"id":${id}`)}]`;
  const { poll } = await world(t, (_, response) => json(response, 200, row("3.8e18")));
  await assert.rejects(() => poll(null));
  const whole = await world(t, (_, response) => json(response, 200, row("38")));
  assert.deepEqual((await whole.poll(null)).hints, []);
});

test("types that may be named as a whole are not the feed's: they are swept", async (t) => {
  const { feed } = await world(t, () => assert.fail());
  for (const type of ["branch", "team", "collaborator"]) assert.ok(!feed.types.includes(type as never), type);
  assert.ok(feed.types.includes("issue"));
});
