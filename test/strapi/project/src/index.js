/** At the first start: a locale, a token and a webhook. What the tests need of them is written into the folder of the data. */
const fs = require("node:fs");
const path = require("node:path");

const EVENTS = ["create", "update", "delete", "publish", "unpublish", "draft-discard"].map((name) => `entry.${name}`);

async function bootstrap({ strapi }) {
  const tokens = strapi.service("admin::api-token");
  if (await tokens.exists({ name: "test" })) return;
  await strapi.plugin("i18n").service("locales").create({ code: "de", name: "German" });
  const token = await tokens.create({ name: "test", description: "", type: "full-access", lifespan: null });
  const webhook = await strapi.get("webhookStore").createWebhook({
    name: "test",
    url: process.env.WEBHOOK_URL,
    headers: { Authorization: `Bearer ${process.env.WEBHOOK_SECRET}` },
    events: [...EVENTS, "media.create", "media.update", "media.delete"],
    isEnabled: true,
  });
  strapi.get("webhookRunner").add(webhook);
  fs.writeFileSync(path.join(process.env.TEST_DATA, "token"), token.accessKey);
}

module.exports = { register() {}, bootstrap };
