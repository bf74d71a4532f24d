/** Every button does what it says, against a real sync, and says what came of it. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import type { Tab } from "./browser.ts";
import { drawn, go, nothingWrong, setStage } from "./kit.ts";
import { TOKEN } from "./serve.ts";

/** What the page said last. */
const told = ({ page }: Tab, text: string | RegExp) => page.locator(".notice", { hasText: text }).waitFor();
/** Presses a button, and the one that it asks with. */
async function confirm({ page }: Tab, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
  await page.locator("dialog[open] .button.primary").click();
}

test("look again has a resource read, and what it came to is shown at once", async (t) => {
  const stage = await setStage(t, { before: (_, service) => service.put("note", "a", { text: "old" }) });
  await stage.sync.synced();
  const tab = await stage.look("#/resource/desk.note/a");
  await tab.page.getByText('"text": "old"').waitFor();
  stage.service.put("note", "a", { text: "new" });
  await tab.page.getByRole("button", { name: "Look again at desk.note a" }).click();
  await told(tab, "desk.note a is read soon");
  await tab.page.getByText('"text": "new"').waitFor();
  await tab.page.locator(".timeline td.after", { hasText: '"new"' }).waitFor();
  nothingWrong(tab);
});

test("sweep finds what nobody told, after it asked; audit writes nothing and says what is different", async (t) => {
  const stage = await setStage(t, {
    every: 3_600_000,
    before: (_, service) => service.put("note", "a", { text: "1" }),
  });
  await stage.sync.synced();
  const tab = await stage.look("#/types");
  await tab.page.getByRole("cell", { name: "desk.note", exact: true }).waitFor();
  stage.service.put("note", "b", { text: "untold" });
  await confirm(tab, "Audit desk.note");
  await told(tab, "desk.note compared: 2 checked, 1 difference: b is missing");
  assert.equal(await stage.sync.get("desk.note", "b"), undefined, "an audit writes nothing");
  await tab.page.getByRole("button", { name: "Sweep desk.note", exact: true }).click();
  await tab.page.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await stage.sync.get("desk.note", "b"), undefined, "what was cancelled is not done");
  await confirm(tab, "Sweep desk.note");
  await told(tab, "desk.note swept: 1 change found");
  assert.ok((await stage.sync.get("desk.note", "b"))?.state);
  nothingWrong(tab);
});

test("retry and skip: what is parked is tried again, or left out", async (t) => {
  const handled: string[] = [];
  let broken = true;
  const stage = await setStage(t, {
    before: (sync, service) => {
      for (const id of ["a", "b", "c"]) service.put("note", id, { text: id });
      sync.subscribe("mail", ({ id }) => {
        if (broken && id !== "c") throw new TypeError("not now");
        handled.push(id);
      });
    },
  });
  await stage.sync.synced();
  const tab = await stage.look("#/subscriptions");
  await tab.page.locator(".badge", { hasText: "some parked" }).waitFor();
  await tab.page.getByRole("link", { name: "mail" }).click();
  await tab.page.getByRole("cell", { name: "TypeError" }).first().waitFor();
  await confirm(tab, "Skip the change of desk.note a");
  await told(tab, "mail: the change of desk.note a is left out");
  await tab.page.getByRole("link", { name: "a", exact: true }).waitFor({ state: "detached" });
  broken = false;
  await tab.page.getByRole("button", { name: "Retry all of mail" }).click();
  await told(tab, "mail: 1 resource tried again");
  await tab.page.getByText("Nothing is parked.").waitFor();
  assert.deepEqual(handled, ["c", "b"]);
  nothingWrong(tab);
});

test("replay from a cursor of the timeline, and from the beginning", async (t) => {
  const handled: string[] = [];
  const bell = new EventEmitter();
  const stage = await setStage(t, {
    before: (sync, service) => {
      for (const id of ["a", "b", "c"]) service.put("note", id, { text: id });
      sync.subscribe("mail", ({ id }) => {
        handled.push(id);
        bell.emit("handled");
      });
    },
  });
  await stage.sync.synced();
  const all = async (...ids: string[]) => {
    while (handled.length < ids.length) await once(bell, "handled");
    assert.deepEqual(handled.splice(0), ids);
  };
  const tab = await stage.look("#/resource/desk.note/b");
  await tab.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await tab.page.getByRole("button", { name: "Copy cursor" }).click();
  await told(tab, "The cursor is copied");
  const cursor = await tab.page.evaluate(() => navigator.clipboard.readText());
  await all("a", "b", "c");
  await go(tab, "#/subscription/mail");
  await tab.page.getByLabel("After the cursor").fill(cursor);
  await confirm(tab, "Replay mail");
  await told(tab, `mail goes on after ${cursor}`);
  await all("c");
  await tab.page.getByLabel("After the cursor").fill("");
  await confirm(tab, "Replay mail");
  await told(tab, "mail goes on from the beginning");
  await all("a", "b", "c");
  await tab.page.getByLabel("After the cursor").fill("no cursor");
  await confirm(tab, "Replay mail");
  await told(tab, "the cursor is not one of Tidemark's");
  nothingWrong(tab);
});

test("pause and resume a provider", async (t) => {
  const stage = await setStage(t);
  const tab = await stage.look();
  await confirm(tab, "Pause desk");
  await told(tab, "desk is paused");
  await tab.page.locator(".strip .badge", { hasText: "paused" }).waitFor();
  assert.equal((await stage.sync.health()).paused.length, 1);
  await tab.page.locator(".strip").getByRole("button", { name: "Resume desk" }).click();
  await told(tab, "desk goes on");
  await tab.page.locator(".strip .badge", { hasText: "paused" }).waitFor({ state: "detached" });
  assert.equal((await stage.sync.health()).paused.length, 0);
  nothingWrong(tab);
});

test("without operate there is no button that acts, and a line says how there is one", async (t) => {
  const stage = await setStage(t, {
    handler: { token: TOKEN, inspector: true },
    before: (sync, service) => {
      service.put("note", "a", { text: "1" });
      sync.subscribe("mail", () => {
        throw new Error("no");
      });
    },
  });
  await stage.sync.synced();
  const tab = await stage.look("#/");
  for (const view of ["#/types", "#/waiting", "#/subscriptions", "#/subscription/mail", "#/resource/desk.note/a"]) {
    await go(tab, view);
    await tab.page.getByText("operate: true").waitFor();
    await drawn(tab);
    const labels = await tab.page.locator("main button").allTextContents();
    assert.deepEqual(
      labels.filter((label) => label !== "Copy cursor"),
      [],
      view,
    );
  }
  nothingWrong(tab);
});
