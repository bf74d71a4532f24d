/** Stories of webhooks that were acknowledged, or marked as seen, and then lost; and of effects that came twice. */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createVirtualTime } from "tidemark/testing";
import { memory } from "../desk.ts";
import { failing, mortal, type When, within } from "./mortal.ts";
import { open } from "./process.ts";
import { Shelf, type Told } from "./shelf.ts";

const MOMENTS: readonly When[] = ["before", "after"];
/** Ms after which nothing is held any more by a process that died, nor a deletion because of those before it. */
const OVER = 3_700_000;

/** More than a webhook leads to. */
const READS = 6;

/** Only webhooks tell of its things: what they lose is lost for good. */
function untold() {
  const time = createVirtualTime();
  return { time, store: memory(time), shelf: new Shelf({ page: 0 }) };
}

test("a webhook that was acknowledged is not lost, at whichever word to its store the process dies", async () => {
  const { time, store, shelf } = untold();
  let acknowledged = 0;
  let alive = false;
  for (let at = 1; !alive; at++) {
    alive = true;
    for (const when of MOMENTS) {
      const { store: mine, died } = mortal(store, at, when);
      const first = open(shelf, mine, time);
      // Of this run alone: the next one would mend what this one lost.
      const [a, b] = [`a ${when} ${at}`, `b ${when} ${at}`];
      const told = [shelf.put(a), shelf.put(b), shelf.remove(b)];
      const statuses: (number | undefined)[] = [];
      for (const hint of told) statuses.push(died() ? undefined : await within(time, first.post(hint)));
      if (!died()) await within(time, first.drain());
      if (died()) alive = false;
      const second = open(shelf, store, time);
      // A sender comes again with what nobody acknowledged, and with nothing else.
      for (const [i, hint] of told.entries()) {
        if (statuses[i] === 202) acknowledged += died() ? 1 : 0;
        else assert.equal(await within(time, second.post(hint)), 202);
      }
      await time.run(time.now() + OVER);
      await within(time, second.drain());
    }
  }
  await open(shelf, store, time).endsAtTruth();
  assert.ok(acknowledged > 20, `${acknowledged} were acknowledged by a process that died then`);
  await store.close();
});

test("a webhook whose first try failed is no duplicate when it comes again: whatever fails, once", async () => {
  const { time, store, shelf } = untold();
  let failures = 0;
  let whole = false;
  for (let at = 1; !whole; at++) {
    whole = true;
    for (const when of [...MOMENTS, ...(at <= READS ? (["read"] as const) : [])]) {
      const broken = failing(store, at, when === "read" ? "before" : when);
      const app = open(shelf, when === "read" ? store : broken.store, time);
      let reads = 0;
      shelf.before = ({ what }) => {
        if (when === "read" && what === "fetch" && ++reads === at) throw new Error("the service answers 500");
      };
      // The sender comes again until it is told that this is known.
      const deliver = async (hint: Told) => {
        for (let status = 0; status !== 202; ) status = (await within(time, app.post(hint))) ?? 0;
      };
      for (const write of [shelf.put, shelf.remove]) {
        const hint = write(`${when}${at}`);
        await deliver(hint);
        await within(time, app.drain()).catch(() => {});
        await deliver(hint);
      }
      if (when === "read" ? reads >= at : broken.failed()) {
        whole = false;
        failures++;
      }
      for (let i = 0; i < 2; i++) {
        await time.run(time.now() + OVER);
        await within(time, app.drain()).catch(() => {});
      }
    }
  }
  await open(shelf, store, time).endsAtTruth();
  assert.ok(failures > 20, `${failures} times something failed`);
  await store.close();
});

test("a payment is credited once, though each webhook comes three times and the process dies at any word", async () => {
  const { time, store, shelf } = untold();
  let db: DatabaseSync | undefined;
  const start = (mine: typeof store) => {
    const app = open(shelf, mine, time);
    app.sync.subscribe("credit", { transaction: true }, ({ id, before, after }, handle) => {
      db = handle as DatabaseSync;
      db.exec("create table if not exists account (payment text primary key, balance integer)");
      const credit = "insert into account values (?, 10) on conflict do update set balance = balance + 10";
      if (!before && after) db.prepare(credit).run(id);
    });
    return app;
  };
  let alive = false;
  let payments = 0;
  for (let at = 1; !alive; at++) {
    alive = true;
    for (const when of MOMENTS) {
      const paid = shelf.put(`${when}${at}`);
      payments++;
      const work = async (app: ReturnType<typeof open>, died: () => boolean) => {
        for (const step of [() => app.post(paid), app.drain, () => app.post(paid), () => app.post(paid), app.drain]) {
          if (!died()) await within<unknown>(time, step());
        }
      };
      const { store: mine, died } = mortal(store, at, when);
      await work(start(mine), died);
      if (died()) alive = false;
      await time.run(time.now() + OVER);
      const second = start(store);
      await work(second, () => false);
    }
  }
  await open(shelf, store, time).endsAtTruth();
  assert.ok(payments > 40, `${payments}`);
  const wrong = db?.prepare("select payment, balance from account where balance <> 10").all();
  assert.deepEqual(wrong, []);
  assert.equal(db?.prepare("select count(*) as n from account").get()?.["n"], payments);
  await store.close();
});
