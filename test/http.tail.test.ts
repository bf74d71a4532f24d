/** The one follower of the log behind all streams: what a slow or broken store must not do to those who read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Sync } from "tidemark";
import { followChanges } from "../src/http/follow.ts";
import { createTail } from "../src/http/tail.ts";
import { systemTime, type Time } from "../src/time.ts";

type Log = Pick<Sync<never>, "changes">;
interface Asked {
  after?: string | null;
  from?: "start" | "now";
  follow?: boolean;
  signal?: AbortSignal;
}

/** What is waited for a moment comes at once; what is waited for longer, not in a test. */
const time: Time = { ...systemTime, after: (ms, run) => systemTime.after(ms > 1_000 ? 3_600_000 : 0, run) };
const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};

const changeOf = (n: number) => ({ type: "desk.note", scope: "", id: `n${n}`, cursor: `${n}` }) as unknown as Change;

/** A log whose cursors are numbers. */
function createLog() {
  let end = 0;
  let stopped = false;
  let grow = () => {};
  /** What a look at it waits for, a change for each; one that rejects is a store out of reach. */
  const looks: Promise<void>[] = [];
  let following = 0;

  async function* pull(at: { cursor: string | null }, { from, follow = true, signal }: Asked): AsyncGenerator<Change> {
    let place = at.cursor === null && from === "now" ? end : Number(at.cursor ?? 0);
    while (!signal?.aborted) {
      const seen = end;
      await looks.shift();
      if (place < seen && !signal?.aborted) {
        at.cursor = `${++place}`;
        yield changeOf(place);
        continue;
      }
      if (place > 0) at.cursor = `${place}`;
      if (!follow || stopped) return;
      await new Promise<void>((resolve) => {
        grow = resolve;
        signal?.addEventListener("abort", () => resolve());
      });
    }
  }

  async function* counted(at: { cursor: string | null }, asked: Asked): AsyncGenerator<Change> {
    if (asked.follow !== false) following++;
    try {
      yield* pull(at, asked);
    } finally {
      if (asked.follow !== false) following--;
    }
  }

  const changes = (asked: Asked) => {
    const at = { cursor: asked.after ?? null, [Symbol.asyncIterator]: () => counted(at, asked) };
    return at;
  };
  const sync = { changes } as unknown as Log;
  return {
    sync,
    looks,
    /** Who follows it now. */
    following: () => following,
    write() {
      end++;
      grow();
    },
    /** As an engine that is stopped. */
    stop() {
      stopped = true;
      grow();
    },
  };
}

const WHOLE = { after: null, now: false, limit: 100 };

test("a follower that nobody wants any more, and whose look ends late, moves nobody past a change", async () => {
  const { sync, looks, write } = createLog();
  const late = Promise.withResolvers<void>();
  write();
  const tail = createTail(sync, time);
  looks.push(late.promise);
  tail.enter()();
  write();
  const leave = tail.enter();
  await settled();
  late.resolve();
  await settled();
  write();
  await settled();
  assert.equal(tail.placeOf("1"), undefined, "what came after it was not kept");
  const { bytes = [] } = tail.read(tail.placeOf("2") ?? -1, {}, "") ?? {};
  assert.match(Buffer.from(bytes).toString(), /^id: 3\n/);
  leave();
});

test("nor does it call back those whose engine has stopped", async () => {
  const { sync, looks, stop } = createLog();
  const late = Promise.withResolvers<void>();
  const tail = createTail(sync, time);
  looks.push(late.promise);
  tail.enter()();
  const leave = tail.enter();
  await settled();
  stop();
  await settled();
  assert.equal(tail.over, true);
  late.resolve();
  await settled();
  assert.equal(tail.over, true);
  leave();
});

test("what was written while the log could not be followed reaches who waits as soon as it can", async () => {
  const { sync, looks, write } = createLog();
  const tail = createTail(sync, time);
  const leave = tail.enter();
  await settled();
  const place = tail.placeOf(null) ?? -1;
  let woken = false;
  const waiting = tail.wait(place, 15_000, AbortSignal.timeout(5_000)).then((more) => {
    woken = more;
  });
  looks.push(Promise.reject(new Error("out of reach")));
  write();
  await settled();
  assert.ok(woken, "it reads by itself from where it is");
  await waiting;
  assert.equal(tail.read(place, {}, ""), undefined);
  leave();
});

test("a stream that the store ends in its midst is no reader any more: the log is followed for nobody", async () => {
  const { sync, looks, write, following } = createLog();
  const tail = createTail(sync, time);
  for (let n = 0; n < 2_000; n++) write();
  const stream = await followChanges(sync, tail, time, WHOLE, new AbortController().signal);
  const reader = stream.getReader();
  await settled();
  assert.equal(following(), 1);
  const broken = Promise.reject(new Error("out of reach"));
  broken.catch(() => {});
  looks.push(broken);
  await assert.rejects(async () => {
    while (!(await reader.read()).done);
  }, /out of reach/);
  await settled();
  assert.equal(following(), 0);
});
