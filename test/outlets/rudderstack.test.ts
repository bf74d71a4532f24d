/** `tidemark/outlets/rudderstack`: events in batches, as `/v1/batch` takes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RudderstackOptions, rudderstack } from "tidemark/outlets/rudderstack";
import { type DeskSync, setUp, testOutlet } from "./outlet.kit.ts";
import { createReceiver, type Request, targetOver } from "./receiver.ts";

const open = (sync: DeskSync, options: Partial<RudderstackOptions> & { url: string }) =>
  rudderstack(sync, {
    ...{ name: "out", writeKey: "key", allowHttp: true, user: ({ scope }) => ({ anonymousId: `scope ${scope}` }) },
    ...(options as object),
    url: options.url,
  });
const eventsOf = ({ body }: Request) => JSON.parse(body).batch;

testOutlet<"leave" | "enter">(
  "rudderstack",
  async (t) => {
    const receiver = await createReceiver(t);
    const read = (request: Request) =>
      eventsOf(request).map(
        ({
          messageId,
          properties,
        }: {
          messageId: string;
          properties: { id: string; after: { text: string } | null };
        }) => {
          return { id: messageId, note: properties.id, text: properties.after?.text ?? null };
        },
      );
    return targetOver(receiver, (sync, name) => open(sync, { name, url: receiver.url }), read, 400);
  },
  ["leave", "enter"],
);

test("events are what the HTTP API takes: track, with messageId, a user, a time, and the write key as the user of Basic", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint } = setUp(t);
  open(sync, {
    url: `${receiver.url}/plane`,
    user: ({ id }) => (id === "2" ? undefined : { userId: `u${id}` }),
    data: ({ after }) => ({ text: (after as { text: string } | null)?.text }),
    event: ({ type }) => `seen ${type}`,
  });
  for (const note of ["1", "2", "3"]) await hint(note, "a");
  await sync.drain();
  const [request, ...others] = receiver.accepted;
  if (!request) return assert.fail("nothing came");
  assert.deepEqual(others, [], "one request for all");
  const { method, url, headers } = request;
  assert.deepEqual([method, url, headers["content-type"]], ["POST", "/plane/v1/batch", "application/json"]);
  assert.equal(headers.authorization, `Basic ${Buffer.from("key:").toString("base64")}`);
  const [third, first] = await sync.newest().then((all) => all.filter(({ id }) => id !== "2"));
  assert.deepEqual(
    eventsOf(request),
    [first, third].map((change) => ({
      ...{ type: "track", event: "seen desk.note", messageId: change?.cursor.replaceAll(".", "-") },
      ...{ userId: `u${change?.id}`, timestamp: change?.at.toISOString(), properties: { text: "a" } },
    })),
  );
});

test("a request holds at most 100 events and 4 MB, and an event of more than 32 KB is parked unsent", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint } = setUp(t);
  const size = (id: string) => (id === "big" ? 40_000 : Number(id) < 250 ? 10 : 30_000);
  open(sync, { url: receiver.url, data: ({ id }) => ({ id, text: "x".repeat(size(id)) }) });
  const ids = Array.from({ length: 250 }, (_, i) => `${i}`);
  for (const id of [...ids, "big"]) await hint(id, "a");
  await sync.drain();
  assert.deepEqual(
    receiver.accepted.map((one) => eventsOf(one).length),
    [100, 100, 50],
  );
  assert.deepEqual(
    (await sync.parked("out")).map(({ id, error }) => [id, error]),
    [["big", "ServiceError too-large"]],
  );
  receiver.accepted.length = 0;
  open(sync, {
    name: "wide",
    url: receiver.url,
    concurrency: 400,
    from: "now",
    data: ({ id }) => ({ id, text: "x".repeat(size(id)) }),
  });
  await sync.drain();
  for (const id of ids) await hint(`${Number(id) + 250}`, "a");
  await sync.drain();
  const wide = receiver.accepted.filter((one) => eventsOf(one).length > 100);
  assert.ok(wide.length > 0);
  for (const { body } of receiver.accepted) assert.ok(Buffer.byteLength(body) <= 4_000_000);
});

test("of a batch that is refused each event goes by itself; a key that is refused stops all", async (t) => {
  const receiver = await createReceiver(t);
  const { sync, hint } = setUp(t);
  open(sync, { url: receiver.url });
  receiver.answer = (request) =>
    eventsOf(request).some(({ properties }: { properties: { id: string } }) => properties.id === "2") ? 413 : 200;
  for (const note of ["1", "2", "3"]) await hint(note, "a");
  await sync.drain();
  assert.deepEqual(
    receiver.requests.map((one) => eventsOf(one).length),
    [3, 1, 1, 1],
  );
  assert.deepEqual(
    (await sync.parked("out")).map(({ id }) => id),
    ["2"],
  );
  receiver.answer = () => 401;
  for (const note of ["4", "5"]) await hint(note, "a");
  await sync.drain();
  assert.equal(receiver.requests.length, 5, "it is not tried one by one");
  assert.match(
    (await sync.health()).subscriptions[0]?.halted?.error ?? "",
    /^RetryLater: rudderstack "out" answers 401$/,
  );
});

test("what is wrong is said at once", (t) => {
  const { sync } = setUp(t);
  const wrong = (options: object, message: RegExp) =>
    assert.throws(
      () => rudderstack(sync, { name: "r", url: "https://x.example", writeKey: "k", user: () => null, ...options }),
      message,
    );
  wrong({ url: "http://x.example" }, /the url must be https/);
  wrong({ writeKey: "" }, /give it the source's writeKey/);
  wrong({ user: undefined }, /user\(change\) must say/);
});
