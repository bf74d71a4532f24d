/**
 * The plugin against a real Strapi with Postgres; `npm run test:strapi:postgres` runs it. There writes are made at the same
 * time, and what a webhook is to tell of may have been replaced before Strapi reads it.
 */
import { after, before, test } from "node:test";
import { type OwnServer, startOwnServer } from "../postgres/server.ts";
import { openSite, type Site } from "./site.ts";
import { thirty } from "./writers.ts";

let database: OwnServer;
let site: Site;
before(async () => {
  database = await startOwnServer();
  site = await openSite(database.url);
});
after(async () => {
  await site?.close();
  await database?.remove();
});

for (const lost of [0, 0.5]) {
  // How many webhooks come without their entry is a matter of luck: none in some runs, most of them in others.
  test(`30 parallel writers on Postgres, ${lost * 100} % of the webhooks lost`, { timeout: 300_000 }, () =>
    thirty(site, lost, lost > 0 ? 500 : undefined),
  );
}
