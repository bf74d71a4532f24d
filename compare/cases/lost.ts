/**
 * Webhooks that were lost, and lists of events that are behind.
 * @module
 */
import { type Case, reached } from "../case.ts";

/** Seconds from one look to the next; every subject may look as often. */
const LOOK = 300;
const HOUR = 3_600;
const DAY = 86_400;

export const lost: readonly Case[] = [
  {
    id: "A",
    title: "No webhook comes; a second event of the second at which the last look stopped appears later",
    holds: "found",
    needs: "looks",
    on: "stripe",
    async run({ open, clock, service, check }) {
      const app = await open();
      clock.settle();
      service.put(1);
      const { event } = service.put(2);
      reached(event !== undefined, "an event");
      event.visible = event.at + (LOOK + 1) * 1_000;
      for (let looks = 0; looks < 4; looks++) {
        clock.later(LOOK);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "B",
    title: "No webhook comes; an event becomes visible four seconds late, behind a newer one that was looked at",
    holds: "found",
    needs: "looks",
    on: "stripe",
    async run({ open, clock, service, check }) {
      const app = await open();
      clock.later(LOOK - 3);
      const { event } = service.put(1);
      reached(event !== undefined, "an event");
      event.visible = event.at + 4_000;
      clock.later(2);
      service.put(2);
      clock.later(1);
      await app.look();
      for (let looks = 0; looks < 3; looks++) {
        clock.later(LOOK);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "D",
    title: "The process was away for 40 days, for longer than there are events",
    holds: "all is found",
    needs: "looks",
    on: "stripe",
    async run({ open, clock, service, check }) {
      const before = await open();
      await before.take(service.put(1), service.put(2));
      await before.close();
      service.put(1);
      service.put(3);
      clock.later(40 * DAY);
      service.put(2);
      clock.later(61);
      const after = await open();
      clock.later(10);
      await after.look();
      return check(after);
    },
  },
  {
    id: "s1",
    title: "A deletion's webhook comes before the list of events shows it",
    holds: "deleted",
    needs: "webhooks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      const hook = service.remove(1);
      reached(hook.event !== undefined, "an event");
      hook.event.visible = hook.event.at + 90_000;
      await app.take(hook);
      return check(app);
    },
  },
  {
    id: "s3",
    title: "No webhook comes; events become visible 0, 30 and 400 seconds late, in every order",
    holds: "found, all",
    needs: "looks",
    on: "stripe",
    async run({ open, clock, service, check }) {
      const app = await open();
      for (const late of [0, 30, 400, 400, 30, 0, 30, 400, 0]) {
        const { event } = service.put(service.account.events.length + 1);
        if (event) event.visible = event.at + late * 1_000;
        clock.later(1);
      }
      for (let looks = 0; looks < 4; looks++) {
        clock.later(LOOK);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "s6",
    title: "A deletion's webhook is lost",
    holds: "deleted, within two days",
    needs: "looks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1), service.put(2));
      clock.later(60);
      service.remove(1);
      for (let hours = 0; hours < 48; hours += 12) {
        clock.later(12 * HOUR);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "s7",
    title: "A webhook is lost, and lists leave the thing out unless they are asked for all",
    holds: "found",
    needs: "looks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1, { kind: "subscription" }));
      clock.later(60);
      service.put(1, { closed: true });
      // The list of events has lost it, too: a sweep of everything is what is left.
      service.account.events.splice(1);
      for (let hours = 0; hours < 48; hours += 12) {
        clock.later(12 * HOUR);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "s11",
    title: "The service switched the webhooks off, and nobody knows",
    holds: "changes come all the same",
    needs: "looks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(60);
      service.put(1);
      service.put(2);
      for (let looks = 0; looks < 2; looks++) {
        clock.later(LOOK);
        await app.look();
      }
      return check(app);
    },
  },
];
