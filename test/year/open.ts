/** What is still open, once nothing more is written. */
import type { VirtualTime } from "tidemark/testing";
import type { Process } from "./engine.ts";
import type { Service } from "./service.ts";
import { wait } from "./wait.ts";

const [MINUTE, HOUR] = [60_000, 3_600_000];

/** Resources that are to be read, and gaps, of scopes that are there, in words. A sweep may just have something read: that has two hours. */
export async function openEnds({ sync, store }: Process, services: readonly Service[], time: VirtualTime) {
  const isThere = (type: string, scope: string) =>
    services.some((service) => type === `${service.name}.note` && service.scopes.has(scope));
  const look = async (): Promise<string[]> => {
    const [rows, { gaps }] = await wait(time, Promise.all([store.rows({ limit: 10_000 }), sync.health()]));
    const due = rows.filter((row) => row.due !== null && isThere(row.type, row.scope));
    return [
      ...due.map(({ type, scope, id }) => `${type} ${scope} ${id} to be read`),
      ...gaps.map(({ provider, scope, what }) => `a gap of ${what} in ${provider} ${scope}`),
    ];
  };
  const end = time.now() + 2 * HOUR;
  let open = await look();
  while (open.length > 0 && time.now() < end) {
    await time.run(time.now() + 10 * MINUTE);
    open = await look();
  }
  return open;
}
