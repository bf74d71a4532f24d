/**
 * A NATS server that is down for a while, under load: nothing is lost, and nothing is in the stream twice. `NATS_DOWN=60000` is a
 * whole minute, `NATS_RATE` the changes a second. Real clock, real server, killed with -9.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setInterval } from "node:timers/promises";
import { createSync } from "tidemark";
import { nats, type Publisher } from "tidemark/outlets/nats";
import { createDesk, memory, take } from "../desk.ts";
import { startNats, without } from "./nats.server.ts";

const DOWN = Number(process.env["NATS_DOWN"] ?? 2_000);
const RATE = Number(process.env["NATS_RATE"] ?? 150);
/** Milliseconds of load before the server goes, and after it is back. */
const AROUND = Math.min(DOWN, 5_000) / 2;
const NOTES = 400;

test("a server that is down for a while under load: nothing is lost, and nothing is there twice", {
  skip: without,
}, async (t) => {
  const server = await startNats(t, { window: 600_000 });
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory() });
  t.after(() => sync.stop());

  const taken = new Set<string>();
  let published = 0;
  let failed = 0;
  let heard = () => {};
  const js: Publisher = {
    async publish(subject, payload, options) {
      published++;
      try {
        const answer = await server.js.publish(subject, payload, options);
        taken.add(options.msgID);
        heard();
        return answer;
      } catch (error) {
        failed++;
        throw error;
      }
    },
  };
  nats(sync, { name: "bus", js, timeout: 1_000, data: ({ id, after }) => ({ id, text: after?.text }) });
  await sync.start();

  let written = 0;
  /** As many changes as are due in so many milliseconds: the load is what passes the time. */
  const load = async (ms: number) => {
    const [begun, before] = [performance.now(), written];
    for await (const _ of setInterval(10)) {
      const passed = Math.min(ms, performance.now() - begun);
      while (written - before < (passed / 1_000) * RATE) {
        const id = `n${written % NOTES}`;
        desk.put(id, `${written++}`);
        await sync.hint("desk.note", id);
      }
      if (passed === ms) return;
    }
  };

  await load(AROUND);
  await server.kill();
  await load(DOWN);
  const atDown = taken.size;
  const halted = (await sync.health()).subscriptions[0]?.halted;
  await server.start();
  const back = performance.now();
  await load(AROUND);
  await sync.drain();

  const changes = await take(sync.changes({ follow: false }));
  const ids = changes.map(({ cursor }) => cursor.replaceAll(".", "-"));
  await new Promise<void>((all) => {
    heard = () => {
      if (taken.size === ids.length) all();
    };
    heard();
  });
  const caughtUp = performance.now() - back;
  const messages = await server.messages();
  assert.deepEqual(messages.map(({ id }) => id).sort(), [...ids].sort());
  const last = new Map<string, number>();
  for (const { body } of messages) {
    const { id, text } = JSON.parse(body).data;
    assert.ok(Number(text) > (last.get(id) ?? -1), `${id}: ${text} after ${last.get(id)}`);
    last.set(id, Number(text));
  }
  assert.deepEqual(last, new Map([...(desk.notes.get("") ?? [])].map(([id, { text }]) => [id, Number(text)])));
  assert.ok(ids.length - atDown > (DOWN / 1_000) * Math.min(RATE, 100), "the load went on while it was down");
  assert.ok(halted?.attempts, "while it was down everything waited");
  assert.deepEqual([await sync.parked("bus"), failed > 0], [[], true]);
  t.diagnostic(
    `down for ${DOWN / 1_000} s at ${RATE} changes a second: ${ids.length} changes, ${ids.length - atDown} of them waited; ` +
      `${failed} of ${published} attempts failed, ${messages.length} messages; all there ${(caughtUp / 1_000).toFixed(1)} s after it was back`,
  );
});
