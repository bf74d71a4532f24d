/** Stories of states that came in the wrong order, and replaced what was newer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { naiveRow, openAccount } from "../cases/account.ts";
import { interleavings, permutations } from "./every.ts";
import { fetched, listed, race, type Step } from "./race.ts";
import { VERSIONS } from "./shelf.ts";

/** Two readers are alike: who asks first is the first. */
const inTurn = (order: readonly Step[]) => order.indexOf("fetch1 asks") < order.indexOf("fetch2 asks");

for (const versions of VERSIONS) {
  test(`a slow refetch does not overwrite a newer state, in any order of two reads and two writes: versions ${versions}`, async (t) => {
    const orders = interleavings<Step>([fetched(1), fetched(2), ["put", "put"]]).filter(inTurn);
    assert.equal(orders.length, 280);
    const { process } = await race(t, orders, versions);
    await process.endsAtTruth();
  });

  test(`a page of a snapshot does not overwrite a live change, in any order of both: versions ${versions}`, async (t) => {
    const orders = interleavings<Step>([listed(1), fetched(2), ["put"]]);
    assert.equal(orders.length, 140);
    const { process } = await race(t, orders, versions);
    await process.endsAtTruth();
  });
}

test("of changes within one second the last one stands, in any order of three writes, their webhooks and reads", async (t) => {
  const account = openAccount(t);
  const app = account.open();
  await app.drain();
  // Each webhook follows its write, and any other.
  const orders = permutations([0, 1, 2]).flatMap((deliveries) =>
    interleavings<number | "put">([["put", "put", "put"], deliveries]).filter((order) =>
      order.every(
        (step, i) => step === "put" || order.slice(0, i).filter((one) => one === "put").length > Number(step),
      ),
    ),
  );
  assert.equal(orders.length, 15);
  const events = orders.map((): ReturnType<typeof account.put>[] => []);
  for (let i = 0; i < 6; i++) {
    for (const [which, order] of orders.entries()) {
      const told = events[which] ?? [];
      const step = order[i];
      if (step === "put") told.push(account.put("product.updated", `prod_${which}`));
      else assert.equal(await app.deliver(told[Number(step)] ?? {}), 202);
    }
    await app.drain();
  }
  const naive = events.map(([first = assert.fail(), ...rest]) => {
    const row = naiveRow();
    for (const event of [first, ...rest]) row.hear(event);
    return row.n;
  });
  assert.ok(
    naive.every((n, which) => n !== account.n(`prod_${which}`)),
    "all of one second, and who compares seconds fails",
  );
  await account.endsAtTruth(app);
});
