/** `tidemark/outlets/nats`: against a real server, which is killed and started again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nats, type Publisher, subjectOf } from "tidemark/outlets/nats";
import { LARGEST, startNats, without } from "./nats.server.ts";
import { type DeskSync, type Lever, setUp, testOutlet } from "./outlet.kit.ts";

const QUICK = { timeout: 300 };

if (without) test(`nats: not tried: ${without}`, { skip: without }, () => {});
else {
  testOutlet<Lever>(
    "nats",
    async (t) => {
      const server = await startNats(t);
      return {
        open: (sync: DeskSync, name: string) =>
          nats(sync, { ...QUICK, name, js: server.js, concurrency: 1, data: ({ id, after }) => ({ id, after }) }),
        async taken() {
          return (await server.messages()).map(({ id, body }) => {
            const { data } = JSON.parse(body);
            return { id, note: data.id, text: data.after?.text ?? null };
          });
        },
        down: server.kill,
        up: server.start,
        poison: "x".repeat(LARGEST),
      };
    },
    ["lose", "leave", "enter"],
  );

  test("a server that is killed twice in the midst of 1,000 changes: nothing is lost, and nothing is there twice", async (t) => {
    const server = await startNats(t);
    const { sync, desk, later } = setUp(t);
    const NOTES = 1_000;
    let published = 0;
    let acknowledged = 0;
    let kills = 0;
    const js: Publisher = {
      async publish(...args) {
        // In the midst of the messages that are under way at once.
        if (++published === 300 || published === 700) {
          kills++;
          await server.kill();
        }
        const answer = await server.js.publish(...args);
        acknowledged++;
        return answer;
      },
    };
    nats(sync, { ...QUICK, name: "bus", js: () => js });
    for (let i = 0; i < NOTES; i++) desk.put(`${i}`, "a");
    await Promise.all(Array.from({ length: NOTES }, (_, i) => sync.hint("desk.note", `${i}`)));
    let starts = 0;
    for (let rounds = 0; rounds < 10 && acknowledged < NOTES; rounds++) {
      await later();
      if (kills === starts) continue;
      assert.notEqual((await sync.health()).subscriptions[0]?.halted, null);
      starts = kills;
      await server.start();
    }
    await later();
    const messages = await server.messages();
    const changes = await sync.newest({ limit: 1_000 });
    assert.deepEqual(
      messages.map(({ id }) => id).sort(),
      changes.map(({ cursor }) => cursor.replaceAll(".", "-")).sort(),
    );
    assert.deepEqual([kills, messages.length, await sync.parked("bus")], [2, NOTES, []]);
    assert.ok(published > NOTES, "some were published again");
  });

  test("a stream that is not there, or a server without one, is waited for", async (t) => {
    const server = await startNats(t);
    const { sync, hint, later } = setUp(t);
    nats(sync, { ...QUICK, name: "lost", js: server.js, prefix: "nobody.listens" });
    await hint("1", "a");
    await sync.drain();
    await later();
    assert.match(
      (await sync.health()).subscriptions[0]?.halted?.error ?? "",
      /the stream did not take a message: JetStreamNotEnabled/,
    );
  });

  test("a message that is larger than the server takes is parked, and others go on", async (t) => {
    const server = await startNats(t);
    const { sync, hint } = setUp(t);
    nats(sync, { ...QUICK, name: "bus", js: server.js, data: ({ id }) => (id === "1" ? "x".repeat(1_100_000) : id) });
    for (const note of ["1", "2"]) await hint(note, "a");
    await sync.drain();
    assert.equal((await server.messages()).length, 1);
    assert.deepEqual(
      (await sync.parked("bus")).map(({ id, error }) => [id, error]),
      [["1", "InvalidArgumentError"]],
    );
  });

  test("subjects lead to a resource, and wildcards to many", async (t) => {
    const server = await startNats(t);
    const { sync, hint } = setUp(t);
    nats(sync, { ...QUICK, name: "bus", js: server.js, prefix: "tidemark.eu", format: "cloudevents" });
    for (const note of ["1", "a.b c/*>", "ü"]) await hint(note, "a");
    await sync.drain();
    const messages = await server.messages();
    assert.deepEqual(messages.map(({ subject }) => subject).sort(), [
      "tidemark.eu.desk.note._.%C3%BC",
      "tidemark.eu.desk.note._.1",
      "tidemark.eu.desk.note._.a%2Eb%20c%2F%2A%3E",
    ]);
    for (const { id, body } of messages) assert.equal(JSON.parse(body).id, id);
  });
}

test("a subject has five parts whatever is in them, and no two resources have the same", () => {
  const refs = ["", "_", "%5F", ".", "*", ">", "a b", "a\tb", "\ud800", "(x)"].flatMap((scope) =>
    ["1", "1.2", "1 2"].map((id) => ({ type: "shop.checkout.session", scope, id })),
  );
  const subjects = refs.map((ref) => subjectOf(ref));
  assert.equal(new Set(subjects).size, subjects.length);
  for (const subject of subjects) assert.match(subject, /^tidemark\.shop\.checkout%2Esession\.[\w%-]+\.[\w%-]+$/);
});

test("a prefix that is no subject is refused at once", (t) => {
  const { sync } = setUp(t);
  const js = {} as Publisher;
  for (const prefix of ["", "a.", "a b", "*", "a.>"])
    assert.throws(() => nats(sync, { name: "n", js, prefix }), /prefix must be words/);
});
