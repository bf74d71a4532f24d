/**
 * A process that dies.
 * @module
 */
import type { Case } from "../case.ts";

export const crash: readonly Case[] = [
  {
    id: "s10",
    title: "A webhook comes while the database hangs; the process is killed and both are restarted, ten seconds later",
    holds: "nothing that was answered 2xx is lost",
    needs: "webhooks",
    async run({ open, killAt, service, check }) {
      const before = await open();
      await before.take(service.put(1));
      await before.close();
      const { taken } = await killAt(service.put(1));
      const after = await open();
      const seen = await check(after);
      return taken && seen !== undefined ? `answered 2xx, and lost: ${seen}` : seen;
    },
  },
];
