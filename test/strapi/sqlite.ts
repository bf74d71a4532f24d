/**
 * The plugin against a real Strapi with SQLite; `npm run test:strapi` runs it. What an application and an editor do there, one
 * after another and all at once, with webhooks and without, must come to the same in the stream.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { drop } from "./follower.ts";
import { ARTICLE, counted, openSite, type Site, tell } from "./site.ts";
import { documents, thirty, write } from "./writers.ts";

const PAGE = "api::page.page";

let site: Site;
before(async () => {
  site = await openSite();
});
after(() => site?.close());

test("each thing that is done is in the stream, by its webhook alone", { timeout: 300_000 }, async () => {
  const { app, person } = site;
  await using follower = await site.follow();
  const { documentId } = await app.create("articles", { title: "one" });
  const page = await app.create("pages", { title: "hello", sku: "1" });
  const steps: Record<string, () => Promise<unknown>> = {
    "create and publish": async () => {},
    "update and publish": () => app.update(`articles/${documentId}`, { title: "two" }),
    "update the draft": () => app.update(`articles/${documentId}?status=draft`, { title: "three" }),
    "discard the draft": () => person.act(ARTICLE, documentId, "discard"),
    "publish again without a change": () => person.act(ARTICLE, documentId, "publish"),
    unpublish: () => person.act(ARTICLE, documentId, "unpublish"),
    "publish by the editor": () => person.act(ARTICLE, documentId, "publish"),
    "delete both versions": () => app.remove(`articles/${documentId}`),
    "a draft alone": () => app.create("articles?status=draft", { title: "four" }),
    "a type without drafts": async () => {
      const { documentId: note } = await app.create("notes", { text: "a" });
      await app.update(`notes/${note}`, { text: "a" });
      await app.update(`notes/${note}`, { text: "b" });
    },
    "a single type": () => app.update("homepage", { headline: "a" }),
    "a single type is deleted": () => app.remove("homepage"),
    "a single type is created again": () => app.update("homepage?status=draft", { headline: "b" }),
    "another locale": () => app.update(`pages/${page.documentId}?locale=de`, { title: "hallo" }),
    "one locale is unpublished": () => person.act(PAGE, `${page.documentId}`, "unpublish"),
    "a file": async () => {
      const [file] = await app.upload("a.txt", "a");
      await app.rename(file?.id ?? 0, "b.txt");
    },
    "some by the editor, at once": async () => {
      const made = await Promise.all(["x", "y", "z"].map((title) => app.create("articles", { title })));
      await person.removeAll(
        ARTICLE,
        made.map((one) => one.documentId),
      );
    },
  };
  const updated: string[] = [];
  for (const [name, act] of Object.entries(steps)) {
    await act();
    const ms = await follower.settled();
    updated.push(follower.state.get(`article ${documentId}/draft`)?.updatedAt ?? "");
    tell(`${name}: ${ms} ms`);
  }
  assert.ok((updated[3] ?? "") < (updated[2] ?? ""), "a discarded draft's updatedAt went back");
  assert.deepEqual([...follower.via.keys()], ["webhook"]);
  tell(counted(follower.via));
});

test("without any webhook, feeds find what was changed and sweeps what went away", { timeout: 300_000 }, async () => {
  const { app, person, inbox } = site;
  const made = [];
  for (let n = 0; n < 30; n++) made.push(await app.create("articles", { title: `${n}` }));
  const page = await app.create("pages", { title: "hello", sku: "1" });
  await app.update(`pages/${page.documentId}?locale=de`, { title: "hallo" });
  await app.update("homepage", { headline: "c" });
  const [file] = await app.upload("c.txt", "c");
  await using follower = await site.follow(500);
  inbox.take = drop;
  await app.update(`articles/${made[0]?.documentId}`, { title: "changed" });
  await person.act(ARTICLE, `${made[1]?.documentId}`, "publish");
  // The other locale's row changes, too, and Strapi has no webhook for that.
  await app.update(`pages/${page.documentId}`, { sku: "2" });
  await app.rename(file?.id ?? 0, "d.txt");
  await app.remove("homepage");
  tell(`changes: ${await follower.settled()} ms, ${counted(follower.via)}`);
  assert.deepEqual([...follower.via.keys()], ["poll"]);

  // A draft's time goes back, what is unpublished leaves nothing.
  await app.update(`articles/${made[2]?.documentId}?status=draft`, { title: "discarded" });
  await follower.settled();
  await person.act(ARTICLE, `${made[2]?.documentId}`, "discard");
  await person.act(ARTICLE, `${made[3]?.documentId}`, "unpublish");
  await person.removeFiles([file?.id ?? 0]);
  await follower.sync.sweep();
  tell(`discarded, unpublished, deleted: ${await follower.settled()} ms after a sweep`);
});

test("a bulk delete has no webhook at all, and is believed after a second sweep", { timeout: 300_000 }, async () => {
  const { person, inbox, server } = site;
  await using follower = await site.follow();
  const before = inbox.arrived;
  await person.removeLocale("de");
  const database = new DatabaseSync(join(server.data, "strapi.db"));
  database.exec("pragma busy_timeout = 5000; delete from articles");
  database.close();
  const gone = (await follower.differs()).length;
  assert.ok(gone > 50, `${gone} are gone`);
  await follower.sync.sweep();
  await follower.sync.sweep();
  const ms = await follower.settled();
  assert.equal(inbox.arrived, before, "no webhook came");
  tell(`${gone} are gone, and no webhook came: ${ms} ms after the second sweep`);
});

for (const lost of [0, 0.5]) {
  test(`30 parallel writers, ${lost * 100} % of the webhooks lost`, { timeout: 300_000 }, () =>
    thirty(site, lost, lost > 0 ? 500 : undefined),
  );
}

test("Strapi is killed while webhooks wait in its memory", { timeout: 300_000 }, async () => {
  const { inbox, server } = site;
  const shared = await documents(site);
  await using follower = await site.follow(500);
  const { take } = inbox;
  const arrived = inbox.arrived;
  // Nobody answers: five are under way, all others wait.
  inbox.take = () => {};
  await Promise.all(Array.from({ length: 10 }, (_, seed) => write(site, 100 + seed, 6, shared)));
  await server.kill();
  const heard = inbox.arrived - arrived;
  inbox.take = take;
  await server.restart();
  await follower.sync.sweep();
  const ms = await follower.settled(60_000);
  assert.ok(heard <= 5, `${heard} were sent before the end`);
  assert.ok(!follower.via.has("webhook"));
  tell(
    `60 writes, ${heard} webhooks sent and none answered, then kill -9: the truth ${ms} ms after a sweep, ${counted(follower.via)}`,
  );
});
