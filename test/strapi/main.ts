/**
 * The plugin against a real Strapi with SQLite: `npm run test:strapi`. What an application and an editor do there, one
 * after another and all at once, with webhooks and without, must come to the same in the stream.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { createRandom } from "tidemark/testing";
import { drop, follow, type Inbox, openInbox } from "./follower.ts";
import { install } from "./install.ts";
import { type Application, application, type Editor, editor } from "./people.ts";
import { type Server, startServer } from "./server.ts";

const ARTICLE = "api::article.article";
const PAGE = "api::page.page";
const SECRET = "a secret of this run";
const tell = (text: string) => console.log(`  ${text}`);
const counted = (via: ReadonlyMap<string, number>) => [...via].map(([name, n]) => `${n} by ${name}`).join(", ");

let inbox: Inbox;
let server: Server;
let app: Application;
let person: Editor;

before(async () => {
  const folder = install();
  inbox = await openInbox();
  server = await startServer(folder, { url: inbox.url, secret: SECRET });
  app = application(server);
  person = await editor(server);
});
after(async () => {
  await server?.close();
  await inbox?.close();
});

test("each thing that is done is in the stream, by its webhook alone", { timeout: 300_000 }, async () => {
  await using follower = await follow(server, inbox, SECRET);
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
  const made = [];
  for (let n = 0; n < 30; n++) made.push(await app.create("articles", { title: `${n}` }));
  const page = await app.create("pages", { title: "hello", sku: "1" });
  await app.update(`pages/${page.documentId}?locale=de`, { title: "hallo" });
  await app.update("homepage", { headline: "c" });
  const [file] = await app.upload("c.txt", "c");
  await using follower = await follow(server, inbox, SECRET, 500);
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
  await using follower = await follow(server, inbox, SECRET);
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

/** One of many who write at once; what others have removed meanwhile is answered 404, and what they hold 400 or 500. */
async function write(seed: number, times: number, documents: readonly string[]): Promise<void> {
  const random = createRandom(seed);
  const others = [400, 404, 500];
  for (let n = 0; n < times; n++) {
    const id = random.pick(documents);
    const title = `${seed}.${n}`;
    const acts = [
      () => app.update(`articles/${id}`, { title }, others),
      () => app.update(`articles/${id}?status=draft`, { title }, others),
      () => person.act(ARTICLE, id, "publish", others),
      () => person.act(ARTICLE, id, "unpublish", others),
      () => person.act(ARTICLE, id, "discard", others),
      () => app.create("articles", { title }),
      () => (random.chance(0.2) ? app.remove(`articles/${id}`, others) : app.create("notes", { text: title })),
    ];
    await random.pick(acts)();
  }
}

/** Many that nobody writes to: what goes away is few beside them, and so no mass deletion. Answers some others. */
async function documents(): Promise<string[]> {
  const all = await Promise.all(Array.from({ length: 320 }, (_, n) => app.create("articles", { title: `${n}` })));
  return all.slice(0, 20).map(({ documentId }) => documentId);
}

for (const lost of [0, 0.5]) {
  test(`30 parallel writers, ${lost * 100} % of the webhooks lost`, { timeout: 300_000 }, async () => {
    const shared = await documents();
    await using follower = await follow(server, inbox, SECRET, lost === 0 ? undefined : 500);
    const random = createRandom(7);
    const { take } = inbox;
    if (lost > 0) inbox.take = (request, response) => (random.chance(lost) ? drop(request) : take(request, response));
    const arrived = inbox.arrived;
    await Promise.all(Array.from({ length: 30 }, (_, seed) => write(seed, 20, shared)));
    if (lost > 0) await follower.sync.sweep();
    const ms = await follower.settled();
    tell(
      `600 writes, ${inbox.arrived - arrived} webhooks, ${counted(follower.via)}: the truth ${ms} ms after the last`,
    );
  });
}

test("Strapi is killed while webhooks wait in its memory", { timeout: 300_000 }, async () => {
  const shared = await documents();
  await using follower = await follow(server, inbox, SECRET, 500);
  const { take } = inbox;
  const arrived = inbox.arrived;
  // Nobody answers: five are under way, all others wait.
  inbox.take = () => {};
  await Promise.all(Array.from({ length: 10 }, (_, seed) => write(100 + seed, 6, shared)));
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
