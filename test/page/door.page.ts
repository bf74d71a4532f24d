/** Who may look, and what is there where there is nothing yet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "playwright-core";
import { drawn, go, nothingWrong, setStage } from "./kit.ts";
import { TOKEN } from "./serve.ts";

test("nobody sees anything without the token; it leaves the address at once and is asked for where it is not right", async (t) => {
  const stage = await setStage(t);
  const { page, wrongs } = await stage.open();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${stage.served.origin}/inspector`);
  await page.getByText("The handler asks for a token.").waitFor();
  await page.getByLabel("Token").fill("another-token-altogether");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("That token is not the right one.").waitFor();
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
  await page.goto("about:blank");
  await page.goto(stage.served.inspector.replace(TOKEN, "yesterday-s-token"));
  await page.getByText("That token is not the right one.").waitFor();
  await page.goto(stage.served.inspector); // over an open page, where only the fragment is another
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
  assert.equal(page.url(), `${stage.served.origin}/inspector`);
  assert.deepEqual(
    asked.filter((url) => url.includes("token")),
    [],
  );
  assert.deepEqual(wrongs, []);
});

test("where there is nothing it says what to do; below a base, too", async (t) => {
  const handler = { token: TOKEN, inspector: true, base: "/sync" };
  const stage = await setStage(t, { handler });
  await stage.sync.synced();
  const tab = await stage.look("#/");
  await tab.page.getByText("No changes yet.").waitFor();
  const says = {
    "#/changes": "sync.start()",
    "#/loss": "Nothing was counted",
    "#/waiting": "Nothing fails.",
    "#/waiting?state=dirty": "Nothing waits.",
    "#/waiting?state=parked": "Nothing is parked.",
    "#/types": "No type here.",
    "#/resources": "Nothing is recorded of these.",
    "#/subscriptions": "Nobody has subscribed.",
    "#/subscription/x": "No subscription of this name",
    "#/resource/desk.note/x": "It was never seen.",
    "#/resource/desk.other/x": "There is no such type.",
    "#/what": "There is no such view.",
  };
  for (const [view, text] of Object.entries(says)) {
    await go(tab, view);
    await tab.page.getByText(text).waitFor();
  }
  assert.equal(new URL(tab.page.url()).pathname, "/sync/inspector");
  nothingWrong(tab);
});

test("gaps, hooks, budgets and pauses are told where there are any", async (t) => {
  const stage = await setStage(t, { scopes: ["one", "two"] });
  await stage.sync.pause("desk", { scope: "one" });
  const at = new Date().toISOString();
  const trouble = {
    gaps: [
      { provider: "desk", scope: "two", what: "feed events", from: null, to: at, since: at, types: ["desk.note"] },
    ],
    hooks: [
      {
        provider: "desk",
        scope: null,
        fault: "silent",
        problem: "<b>no webhook</b>",
        since: null,
        checked: at,
        repaired: null,
      },
    ],
    budgets: [
      {
        provider: "desk",
        credential: "key",
        rate: 0.5,
        left: 0,
        resting: at,
        quota: 1,
        live: at,
        sweep: at,
        refused: at,
      },
    ],
  };
  const tab = await stage.open();
  const tell = async (route: Route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), ...trouble } });
  };
  // A look that the end of the test cuts off is nobody's.
  await tab.page.route("**/health", (route) => tell(route).catch(() => {}));
  await tab.page.goto(stage.served.inspector);
  await drawn(tab);
  await tab.page.getByRole("row", { name: /desk two feed events nobody knows .* desk.note/ }).waitFor();
  await tab.page.getByRole("row", { name: /desk all silent never <b>no webhook<\/b>/ }).waitFor();
  await tab.page.getByRole("row", { name: /desk key 0.5 0 / }).waitFor();
  await tab.page.getByRole("button", { name: "Resume desk one" }).click();
  await tab.page.locator(".notice", { hasText: "desk one goes on" }).waitFor();
  assert.deepEqual((await stage.sync.health()).paused, []);
  nothingWrong(tab);
});

test("a list that was narrowed shows nothing of what was asked for before", async (t) => {
  const stage = await setStage(t, {
    types: ["note", "page"],
    before: (_, service) => {
      service.put("note", "n", {});
      service.put("page", "p", {});
    },
  });
  await stage.sync.synced();
  const tab = await stage.look("#/resources?type=desk.note");
  await tab.page.getByRole("link", { name: "n", exact: true }).waitFor();
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await tab.page.route("**/resources?*type=desk.page*", async (route) => {
    await held;
    await route.continue();
  });
  await tab.page.locator("select").selectOption("desk.page");
  await tab.page.locator(".loading").waitFor();
  assert.equal(await tab.page.getByRole("link", { name: "n", exact: true }).count(), 0);
  answer();
  await tab.page.getByRole("link", { name: "p", exact: true }).waitFor();
  nothingWrong(tab);
});

test("what the handler refuses is said, and asked for again", async (t) => {
  const stage = await setStage(t);
  await stage.sync.synced();
  const tab = await stage.open();
  const { page } = tab;
  await page.clock.install();
  await page.goto(stage.served.inspector);
  await drawn(tab);
  let down = true;
  const json = { error: "the store does not answer" };
  const answer = (route: Route) => (down ? route.fulfill({ status: 503, json }) : route.continue());
  await page.route("**/health", (route) => answer(route).catch(() => {}));
  await page.route("**/resources?*", (route) => answer(route).catch(() => {}));
  await page.clock.runFor(5_000);
  await page.getByText("no answer").waitFor();
  await go(tab, "#/resources");
  // Also with a status that is no refusal by itself.
  await page.getByText(json.error).first().waitFor();
  down = false;
  await page.clock.runFor(5_000);
  await page.getByText("all is well").waitFor();
  nothingWrong(tab);
});

test("what is half written stays while the page is drawn anew", async (t) => {
  const stage = await setStage(t);
  const tab = await stage.open();
  const { page } = tab;
  await page.clock.install();
  await page.goto(stage.served.inspector);
  await drawn(tab);
  await go(tab, "#/waiting");
  const scope = page.getByLabel("Scope", { exact: true });
  await scope.pressSequentially("acme");
  await page.clock.runFor(5_000);
  assert.equal(await scope.inputValue(), "acme");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#/waiting?scope=acme");
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => location.hash === "#/waiting");
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>(".field input")?.value === "");
  nothingWrong(tab);
});
