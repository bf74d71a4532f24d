/**
 * Webhooks that come in another order, twice, late, or in another shape.
 * @module
 */
import { type Case, reached } from "../case.ts";
import { isTaken } from "../process.ts";

/** Every order of three. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;
const sameSecond = (events: readonly { at: number }[]) =>
  new Set(events.map(({ at }) => Math.floor(at / 1_000))).size === 1;

export const order: readonly Case[] = [
  {
    id: "1",
    title: "Two webhooks of one second arrive in order",
    holds: "the newer state",
    needs: "webhooks",
    async run({ open, clock, service, check }) {
      const app = await open();
      clock.settle();
      const hooks = [service.put(1), service.put(1)];
      reached(sameSecond(service.account.events), "one second");
      await app.take(...hooks);
      return check(app);
    },
  },
  {
    id: "2",
    title: "A thing is deleted, then an older update's webhook arrives late",
    holds: "deleted",
    needs: "webhooks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(5);
      const late = service.put(1);
      clock.later(5);
      await app.take(service.remove(1));
      clock.later(5);
      await app.take(late);
      return check(app);
    },
  },
  {
    id: "3",
    title: "A webhook of a type that nobody knows",
    holds: "answered 2xx",
    needs: "webhooks",
    async run({ open, service }) {
      const status = await (await open()).send(service.strange());
      return isTaken(status) ? undefined : `answered ${status}`;
    },
  },
  {
    id: "s4",
    title: "Three changes of one second, their webhooks in every order",
    holds: "the newest state, in each",
    needs: "webhooks",
    async run({ open, clock, service, check }) {
      const app = await open();
      clock.settle();
      const told = ORDERS.map((_, id) => [service.put(id), service.put(id), service.put(id)]);
      reached(sameSecond(service.account.events), "one second");
      for (const [id, places] of ORDERS.entries()) {
        for (const place of places) await app.take(...(told[id]?.slice(place, place + 1) ?? []));
      }
      return check(app);
    },
  },
  {
    id: "s12",
    title: "A known thing changes by an event with a new name",
    holds: "answered 2xx, and the new state",
    needs: "webhooks",
    async run({ open, clock, service, check }) {
      const app = await open();
      await app.take(service.put(1));
      clock.later(5);
      const status = await app.send(service.put(1, { action: "teleported" }));
      await app.settle();
      return isTaken(status) ? check(app) : `answered ${status}`;
    },
  },
  {
    id: "s13",
    title: "The endpoint is pinned to another version of the API: payloads have another shape",
    holds: "the state as the API gives it",
    needs: "webhooks",
    on: "stripe",
    async run({ open, service, check }) {
      const app = await open();
      const hook = service.put(1);
      const { metadata, ...object } = (hook.payload["data"] as { object: Record<string, unknown> }).object;
      Object.assign(hook.payload, { api_version: "2011-01-01", data: { object: { ...object, attributes: metadata } } });
      await app.take(hook);
      return check(app);
    },
  },
];
