/** Changes reach the page as they happen; a stream that is cut off goes on where it was, and each change comes once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingWrong, type Stage, setStage } from "./kit.ts";
import { type Served, serve, TOKEN } from "./serve.ts";

const COOKIE = { name: "session", value: "1" };
const authorize = (request: Request) => /session=1/.test(request.headers.get("cookie") ?? "");

/** A server that a test stops by itself, and starts again on its port; whatever becomes of the test, none is left. */
async function again(t: Context, ...what: Parameters<typeof serve>): Promise<Served> {
  const served = await serve(...what);
  t.after(() => served.close());
  return served;
}

/** Writes changes, one after another, and answers their ids. */
async function write({ service, sync }: Stage, from: number, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `n${from + n}`);
  for (const id of ids) {
    service.put("note", id, { text: id });
    await sync.hint("desk.note" as never, id);
  }
  await sync.drain();
  return ids;
}

test("the list is live, can be paused, and survives a server that is stopped and started again", async (t) => {
  const stage = await setStage(t, { before: (sync) => sync.subscribe("quiet", () => {}) });
  let served: Served = stage.served;
  const tab = await stage.look("#/changes");
  const { page } = tab;
  /** The ids that are listed, the newest first; resolves when there are so many. */
  const listed = async (count: number) => {
    await page.waitForFunction((count) => document.querySelectorAll(".changes tbody tr").length >= count, count);
    return page.locator(".changes .ident").allTextContents();
  };
  await page.getByText("live", { exact: true }).waitFor();
  const ids = await write(stage, 0, 5);
  assert.deepEqual((await listed(5)).sort(), ids);
  await page.keyboard.press("p");
  ids.push(...(await write(stage, 5, 3)));
  await page.getByText("paused, 3 more").waitFor();
  assert.equal((await listed(5)).length, 5);
  await page.keyboard.press("p");
  await listed(8);
  for (let cut = 0; cut < 3; cut++) {
    await served.close();
    await page.getByText("connecting", { exact: true }).waitFor();
    ids.push(...(await write(stage, 8 + cut * 10, 6)));
    served = await again(t, stage.sync, undefined, served.port);
    ids.push(...(await write(stage, 14 + cut * 10, 4)));
    const now = await listed(ids.length);
    assert.deepEqual(now.sort(), [...ids].sort(), `after cut ${cut + 1}`);
  }
  await served.close();
  await page.getByText("the process does not answer").waitFor();
  // What the browser says of a server that is away is no mistake of the page.
  tab.wrongs.splice(0, tab.wrongs.length, ...tab.wrongs.filter((text) => !text.includes("ERR_CONNECTION")));
  nothingWrong(tab);
});

test("the browser's own EventSource, signed in by a cookie: cut off twice, it sees every change once, in order", async (t) => {
  const stage = await setStage(t, { handler: { authorize } });
  const { page, context } = await stage.open();
  let served: Served = stage.served;
  await context.addCookies([{ ...COOKIE, url: served.origin }]);
  await page.goto(`${served.origin}/livez`);
  await page.evaluate(() => {
    const seen: string[] = [];
    const source = new EventSource("/changes");
    Object.assign(window, { seen, source });
    source.onmessage = ({ lastEventId, data }) => {
      const { cursor, id } = JSON.parse(data);
      seen.push(cursor === lastEventId ? id : `${id}: its id is not its cursor`);
    };
  });
  const seen = (count: number) =>
    page
      .waitForFunction((count) => (window as unknown as { seen: string[] }).seen.length >= count, count)
      .then(() => page.evaluate(() => (window as unknown as { seen: string[] }).seen));
  await write(stage, 0, 10);
  await seen(10);
  for (let cut = 0; cut < 2; cut++) {
    // It is stopped in the midst of what is being written.
    const writing = write(stage, 10 + cut * 40, 30);
    await served.close();
    await writing;
    served = await again(t, stage.sync, { authorize }, served.port);
    await write(stage, 40 + cut * 40, 10);
    await seen(50 + cut * 40);
  }
  const log: string[] = [];
  for await (const { id } of stage.sync.changes({ follow: false })) log.push(id);
  assert.equal(log.length, 90);
  assert.deepEqual(await seen(90), log);
  await context.clearCookies();
  assert.equal((await page.request.get(`${served.origin}/changes`)).status(), 401);
  await served.close();
});

test("a narrowed list asks for what it shows, and sees no other change", async (t) => {
  const stage = await setStage(t, { types: ["note", "page"], handler: { token: TOKEN, inspector: true } });
  const tab = await stage.look("#/changes?type=desk.page");
  stage.service.put("page", "p1", { text: "1" });
  await stage.sync.hint("desk.page" as never, "p1");
  await write(stage, 0, 3);
  stage.service.put("page", "p2", { text: "2" });
  await stage.sync.hint("desk.page" as never, "p2");
  await tab.page.getByRole("link", { name: "p2" }).waitFor();
  assert.deepEqual(await tab.page.locator(".changes .ident").allTextContents(), ["p2", "p1"]);
  nothingWrong(tab);
});
