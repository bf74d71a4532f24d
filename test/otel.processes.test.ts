/** One process takes the webhook, another one reads, a third one handles: what an event led to is one trace. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Hint } from "tidemark";
import { traceOf } from "tidemark/otel";
import type { Order, Spanned } from "./otel.process.ts";
import { createGround } from "./postgres.ts";

const file = fileURLToPath(new URL("otel.process.ts", import.meta.url));
const REQUEST = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };

const hint = (event: string): Hint<"note"> => ({ type: "note", id: "a", event: { id: event, name: "note.changed" } });

/** Three processes on one database. */
async function setUp(t: { after(run: () => unknown): void }) {
  const { schema, url, clear } = await createGround();
  const open = (...subscriptions: string[]) => {
    const child = fork(file, [url, schema, ...subscriptions]);
    const ended = once(child, "exit");
    const order = async (what: Order): Promise<Spanned[]> => {
      const told = once(child, "message");
      child.send(what);
      const [spans] = await Promise.race([told, ended.then(() => assert.fail("it died"))]);
      return spans;
    };
    const close = async () => {
      if (child.connected) child.disconnect();
      await ended;
    };
    return { order, close };
  };
  const [door, reader, handler] = [open(), open(), open("mirror")] as const;
  t.after(async () => {
    await Promise.all([door, reader, handler].map(({ close }) => close()));
    await clear();
  });
  await reader.order({ drain: "" });
  await handler.order({ drain: "" });
  return { door, reader, handler };
}

const named = (spans: readonly Spanned[], name: string): Spanned =>
  spans.find((span) => span.name === name) ?? assert.fail(`no ${name} among ${spans.map(({ name }) => name)}`);

test("webhook, read, change and handler of three processes are in the trace of the provider's event", async (t) => {
  const { door, reader, handler } = await setUp(t);
  const webhook = named(await door.order({ hints: [hint("evt_1")] }), "webhook desk");
  const reads = await reader.order({ drain: "new" });
  const [read, change] = [named(reads, "read desk.note"), named(reads, "change desk.note")];
  const handled = named(await handler.order({ drain: "" }), "handle mirror");
  const ids = [webhook, read, change, handled].map(({ traceId }) => traceId);
  assert.deepEqual(ids, Array(4).fill(traceOf("desk", "evt_1")));
  assert.equal(change.parent, read.spanId, "in one process one is below the other");
  assert.deepEqual(new Set([webhook, read, handled].map(({ parent }) => parent)).size, 1, "else below the event");
});

test("within the host's own request a webhook is linked to its event, and one read for two events to both", async (t) => {
  const { door, reader, handler } = await setUp(t);
  const [first, second] = [traceOf("desk", "evt_1"), traceOf("desk", "evt_2")];
  const webhook = named(await door.order({ hints: [hint("evt_1")], request: REQUEST }), "webhook desk");
  assert.deepEqual([webhook.traceId, webhook.parent, webhook.links], [REQUEST.traceId, REQUEST.spanId, [first]]);
  await door.order({ hints: [hint("evt_2")] });
  const reads = await reader.order({ drain: "new" });
  const handled = await handler.order({ drain: "" });
  for (const span of [named(reads, "read desk.note"), named(handled, "handle mirror")]) {
    assert.deepEqual([span.traceId, span.links], [second, [first]], span.name);
  }
});
