/**
 * Reads that a webhook leads to: late, behind, refused, or answered "not there".
 * @module
 */
import { type Case, reached } from "../case.ts";
import type { Scene } from "../scene.ts";

/** Of two reads of one thing under way, the older one ends last. */
async function slowRead({ open, clock, service, check }: Scene, processes: 1 | 2): Promise<string | undefined> {
  const one = await open();
  const other = processes === 2 ? await open() : one;
  const first = service.put(1);
  const gate = service.hold("fetch");
  const slow = one.take(first);
  await gate.arrived;
  // For longer than a reader may hang before another one reads.
  clock.later(200);
  if (processes === 2) {
    await other.take(service.put(1));
    reached(service.fetches(1) > 1, "a second read");
    gate.open();
  } else {
    const second = other.send(service.put(1)).then(gate.open);
    const passed = await Promise.race([second.then(() => true), slow.then(() => false)]);
    reached(passed, "a second webhook while the first is looked into");
  }
  await slow;
  clock.later(10);
  await other.settle();
  return check(other);
}

export const reads: readonly Case[] = [
  {
    id: "4",
    title: "Two processes read one thing, and the older read ends last",
    holds: "the newer state",
    needs: "reads",
    run: (scene) => slowRead(scene, 2),
  },
  {
    id: "6",
    title: "A pending charge is read, and succeeds within the same second",
    holds: "succeeded",
    needs: "reads",
    on: "stripe",
    async run({ open, clock, service, check }) {
      const app = await open();
      clock.settle();
      const pending = service.put(1, { kind: "charge", action: "pending" });
      const gate = service.hold("fetch");
      const taken = app.take(pending);
      await gate.arrived;
      const succeeded = service.put(1, { action: "succeeded", fields: { status: "succeeded" } });
      const [before, after] = service.account.events.map(({ at }) => Math.floor(at / 1_000));
      reached(before === after, "one second");
      gate.open();
      await taken;
      await app.take(succeeded);
      return check(app);
    },
  },
  {
    id: "7",
    title: "A refund's webhook carries what was before it",
    holds: "read from the API, not believed",
    needs: "reads",
    on: "stripe",
    async run({ open, service, check }) {
      const app = await open();
      const before = service.put(1, { kind: "charge", action: "succeeded", fields: { status: "succeeded" } });
      await app.take(before);
      const fields = { status: "succeeded", amount_refunded: 500 };
      const refunded = service.put(1, { action: "refunded", fields });
      refunded.payload["data"] = before.payload["data"];
      const asked = service.fetches(1);
      await app.take(refunded);
      return service.fetches(1) === asked ? "no read: the payload was believed" : check(app);
    },
  },
  {
    id: "8",
    title: "An update's webhook is looked into, and the thing is deleted already: 404",
    holds: "deleted",
    needs: "reads",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      const late = service.put(1);
      clock.later(1);
      service.remove(1);
      await app.take(late);
      return check(app);
    },
  },
  {
    id: "s2",
    title: "For two seconds after a webhook, reads answer 404 or what was before",
    holds: "the new state",
    needs: "reads",
    // Nobody was found to whom Stripe did so.
    on: "github",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      service.account.behind = 2_000;
      await app.take(service.put(1), service.put(2));
      reached(service.fetches(2) > 0, "a read");
      return check(app);
    },
  },
  {
    id: "s5",
    title: "A second webhook comes while the first one's read is slow",
    holds: "the newer state",
    needs: "reads",
    run: (scene) => slowRead(scene, 1),
  },
  {
    id: "s9",
    title: "The API answers 500 when a webhook is looked into, and the same webhook comes again",
    holds: "not dropped as a repeat",
    needs: "reads",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      const hook = service.put(1);
      service.instead = ({ what }) => (what === "fetch" ? service.dialect.refuse(500) : undefined);
      const asked = service.fetches(1);
      await app.take(hook);
      reached(service.fetches(1) > asked, "a read that was refused");
      service.instead = () => undefined;
      clock.later(3_600);
      await app.take(hook);
      return check(app);
    },
  },
  {
    id: "s14",
    title: "The API says 304 for ever, whatever changes",
    holds: "the new state, within five minutes",
    needs: "reads",
    on: "github",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      await app.settle();
      service.stuck = true;
      await app.take(service.put(1));
      reached(service.stickings > 0, "a 304");
      for (let minutes = 0; minutes < 5; minutes++) {
        clock.later(60);
        await app.settle();
      }
      return check(app);
    },
  },
];
