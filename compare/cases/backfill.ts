/**
 * Backfills beside live changes, and lists that are not whole.
 * @module
 */
import { type Case, reached } from "../case.ts";
import type { Answer } from "../service/dialect.ts";

/** Seconds from one look to the next; every subject may look as often. */
const LOOK = 300;
const HOUR = 3_600;

export const backfill: readonly Case[] = [
  {
    id: "5a",
    title: "A page of a backfill is read, a newer webhook is recorded, then the page",
    holds: "the webhook's state",
    needs: "looks",
    async run({ openIdle, clock, service, check }) {
      const [one, other] = [await openIdle(), await openIdle()];
      service.put(1);
      clock.later(HOUR);
      const gate = service.hold("list");
      const backfill = one.look();
      await gate.arrived;
      await other.take(service.put(1));
      gate.open();
      await backfill;
      return check(other);
    },
  },
  {
    id: "5b",
    title: "A page of a backfill is read, the thing changes, the page is recorded, then its webhook",
    holds: "the webhook's state",
    needs: "looks",
    async run({ openIdle, clock, service, check }) {
      const app = await openIdle();
      service.put(1);
      clock.later(HOUR);
      const gate = service.hold("list");
      const backfill = app.look();
      await gate.arrived;
      const hook = service.put(1);
      clock.later(2);
      gate.open();
      await backfill;
      await app.take(hook);
      return check(app);
    },
  },
  {
    id: "C",
    title: "No webhook comes; a thing changes during the backfill, behind the page that showed it",
    holds: "found",
    needs: "looks",
    async run({ openIdle, clock, service, check }) {
      const app = await openIdle();
      service.pageSize = 2;
      for (const id of [1, 2, 3]) service.put(id);
      clock.later(HOUR);
      const gate = service.hold("list", { first: false });
      const backfill = app.look();
      await gate.arrived;
      service.put(3);
      service.put(1);
      gate.open();
      await backfill;
      for (let looks = 0; looks < 2; looks++) {
        clock.later(LOOK);
        await app.look();
      }
      return check(app);
    },
  },
  {
    id: "s8",
    title: "A list is empty, or its second page fails",
    holds: "nothing is deleted",
    needs: "looks",
    async run({ open, clock, service, check }) {
      const app = await open();
      service.pageSize = 2;
      for (const id of [1, 2, 3, 4, 5]) await app.take(service.put(id));
      const broken = new Set<number>();
      const breakIt = (answer: Answer) => {
        broken.add(answer.status);
        return answer;
      };
      service.instead = ({ what }) => (what === "list" ? breakIt(service.dialect.empty) : undefined);
      for (let half = 0; half < 4; half++) {
        clock.later(12 * HOUR);
        await app.look();
        // Thereafter, a page that fails.
        if (half === 1)
          service.instead = ({ what, first }) =>
            what === "list" && first === false ? breakIt(service.dialect.refuse(500)) : undefined;
      }
      reached(broken.size === 2, "a list that was empty, and one that failed");
      return check(app);
    },
  },
  {
    id: "s15",
    title: "A backfill meets the rate limit in its middle",
    holds: "a webhook is recorded within two minutes, and a later look finds the rest",
    needs: "looks",
    async run({ openIdle, clock, service, check }) {
      const app = await openIdle();
      service.pageSize = 2;
      for (const id of [1, 2, 3, 4, 5]) service.put(id);
      clock.later(HOUR);
      service.instead = ({ what, first }) =>
        what === "list" && first === false ? service.dialect.refuse(429) : undefined;
      await app.look();
      reached(
        service.asked.some(({ first }) => first === false),
        "a page that was refused",
      );
      await app.take(service.put(6));
      // Who is refused may wait a while before it asks for anything.
      for (let minutes = 0; minutes < 2; minutes++) {
        clock.later(60);
        await app.settle();
      }
      const [seen] = (await app.states("product", 6)).slice(-1);
      if (seen !== service.account.current(6)?.n) return "the webhook waits for the backfill";
      service.instead = () => undefined;
      clock.later(HOUR);
      await app.look();
      return check(app);
    },
  },
];
