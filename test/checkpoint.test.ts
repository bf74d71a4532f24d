/** A checkpoint has one holder, who alone moves it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acquire, advance, type Checkpoint, fresh, release } from "../src/checkpoint.ts";
import { RetryLater } from "../src/errors.ts";
import { hold } from "../src/hold.ts";
import type { Store } from "../src/store.ts";
import { systemTime } from "../src/time.ts";

const TTL = 100;
const held = (over: Partial<Checkpoint> = {}): Checkpoint =>
  Object.freeze({ name: "feed", value: "7", holder: "a", until: 500, at: 400, ...over });

test("a fresh checkpoint has no value and no holder", () => {
  assert.deepEqual(fresh("feed"), { name: "feed", value: null, holder: null, until: 0, at: 0 });
});

test("acquire: free, over, or one's own; never while another holds it", () => {
  const taken = { ...held(), holder: "b", until: 300 + TTL };
  assert.deepEqual(acquire(held({ holder: null, until: 999 }), 300, "b", TTL), taken);
  assert.equal(acquire(held(), 499, "b", TTL), undefined, "until its end the hold is another's");
  assert.equal(acquire(held(), 500, "b", TTL)?.holder, "b", "at its end it is over");
  assert.equal(acquire(held(), 450, "a", TTL)?.until, 450 + TTL, "its holder prolongs it");
});

test("acquire moves neither the value nor the time of the last advance", () => {
  const { value, at } = acquire(held(), 600, "b", TTL) ?? fresh("lost");
  assert.deepEqual({ value, at }, { value: "7", at: 400 });
});

test("advance: the holder saves a value and keeps hold", () => {
  assert.deepEqual(advance(held(), 450, "a", TTL, "8"), held({ value: "8", until: 450 + TTL, at: 450 }));
  assert.equal(advance(held(), 900, "a", TTL, "8")?.value, "8", "also late, while nobody else has taken it");
});

test("advance: who has lost it saves nothing, so two never move one cursor in turn", () => {
  const other = acquire(held(), 500, "b", TTL) ?? fresh("lost");
  assert.equal(advance(other, 501, "a", TTL, "8"), undefined);
  assert.equal(advance(held({ holder: null }), 501, "a", TTL, "8"), undefined, "nor does one who let go");
});

test("release: free at once for others, with its value; only by its holder", () => {
  const free = release(held(), "a");
  assert.deepEqual(free, held({ holder: null, until: 0 }));
  assert.equal(acquire(free ?? held(), 401, "b", TTL)?.holder, "b");
  assert.equal(release(held(), "b"), undefined);
});

test("what work throws is told, also when the hold cannot be let go: a provider's wish to be left alone is not lost", async () => {
  let kept = fresh("feed");
  let broken = false;
  const checkpoint: Store["checkpoint"] = async ({ step }) => {
    if (broken) throw new Error("the store is gone");
    kept = step(kept, 1) ?? kept;
    return { at: kept, tick: 1 };
  };
  const engine = { time: systemTime, holder: () => "me", store: { checkpoint } };
  const work = async () => {
    broken = true;
    throw new RetryLater(5);
  };
  await assert.rejects(hold(engine, "feed", work), RetryLater);
  broken = false;
  kept = fresh("feed");
  const only = async () => {
    broken = true;
  };
  await assert.rejects(hold(engine, "feed", only), /the store is gone/);
});
