/** A scope that has left: what is recorded of it stays, and what was owed there raises no alarm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSync } from "tidemark";
import { createDesk, handClock, memory, webhookOf } from "./desk.ts";

test("what is owed in a scope that has left does not age in health; it is owed again when the scope is back", async (t) => {
  const desk = createDesk({ scopes: ["a", "b"], feed: false });
  const time = handClock();
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  t.after(() => sync.stop());
  for (const scope of ["a", "b"]) await sync.webhook("desk", webhookOf([desk.put("1", "first", scope)]));
  await sync.drain();
  desk.before = () => {
    throw new Error("the service is away");
  };
  for (const scope of ["a", "b"]) await sync.webhook("desk", webhookOf([desk.put("1", "second", scope)]));
  await sync.drain();
  const gone = desk.notes.get("a") ?? new Map();
  desk.notes.delete("a");
  const owed = async () => {
    time.advance(3_600_000);
    await sync.drain();
    return (await sync.health()).types.map(({ scope, live, dirty, oldest }) => [scope, live, dirty, oldest !== null]);
  };
  assert.deepEqual(await owed(), [
    ["a", 1, 0, false],
    ["b", 1, 1, true],
  ]);
  desk.notes.set("a", gone);
  assert.deepEqual(await owed(), [
    ["a", 1, 1, true],
    ["b", 1, 1, true],
  ]);
});
