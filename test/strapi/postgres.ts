/**
 * The plugin against a real Strapi with Postgres; `npm run test:strapi` runs it. There writes are made at the same time,
 * and what a webhook is to tell of may have been replaced before Strapi reads it.
 */
import assert from "node:assert/strict";
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

test("30 parallel writers on Postgres: webhooks come without their entry", { timeout: 300_000 }, async () => {
  await thirty(site, 0);
  assert.ok(site.inbox.empty > 0, "none came without its entry");
});

test("30 parallel writers on Postgres, 50 % of the webhooks lost", { timeout: 300_000 }, () => thirty(site, 0.5, 500));
