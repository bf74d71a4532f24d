/** Every view shows what it is for, in both themes and on a telephone, to those who see it, hear it, or use keys alone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, suite, test } from "node:test";
import { type Look, openBrowser, type Tab } from "./browser.ts";
import { drawn, go, nothingWrong } from "./kit.ts";
import { createScene, type Scene } from "./scene.ts";
import { type Served, serve } from "./serve.ts";

const VIEWS: Readonly<Record<string, string>> = {
  overview: "#/",
  changes: "#/changes",
  loss: "#/loss",
  waiting: "#/waiting",
  parked: "#/waiting?state=parked",
  types: "#/types",
  resources: "#/resources?type=github.issue&scope=acme%2Fapp",
  resource: "#/resource/stripe.invoice/in_1Pz13K",
  failing: "#/resource/github.issue/3?scope=acme%2Fapp",
  subscriptions: "#/subscriptions",
  subscription: "#/subscription/billing",
  halted: "#/subscription/crm",
  nothing: "#/resource/stripe.invoice/never",
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
}

/** What would keep somebody from using it. The script comes in past the page's policy, as a person's own tools do. */
async function violations({ page }: Tab): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}

suite("a week of two services", () => {
  let scene: Scene;
  let served: Served;
  const afters: (() => unknown)[] = [];
  const t = { after: (run: () => unknown) => void afters.push(run) };
  let open: (look?: Look) => Promise<Tab>;
  before(async () => {
    scene = await createScene();
    served = await serve(scene.sync);
    open = openBrowser(t);
  });
  after(async () => {
    for (const run of afters) await run();
    await served.close();
    await scene.sync.stop();
  });
  const look = async (view: string, how: Look = {}) => {
    const tab = await open(how);
    await tab.page.goto(served.inspector);
    await drawn(tab);
    if (view !== "#/") await go(tab, view);
    return tab;
  };

  test("the overview says what is wrong, how each provider is, and what happened just now", async () => {
    const tab = await look("#/");
    const { page } = tab;
    await page.getByRole("heading", { name: "3 alarms" }).waitFor();
    await page.getByText("crm: it stands still: TargetGone").waitFor();
    const [github, stripe] = [
      page.getByRole("article", { name: "github" }),
      page.getByRole("article", { name: "stripe" }),
    ];
    assert.match(
      (await github.textContent()) ?? "",
      /Last webhook\d.*Waiting2.*Failing2.*Lost in 1 h.*of.*in 24 h.*in 7 d/,
    );
    assert.match((await stripe.textContent()) ?? "", /71 resources, 3 types.*Waiting0.*Failing0/);
    assert.equal(
      (await page.getByRole("article").first().getAttribute("aria-label")) ?? "",
      "github",
      "the worst first",
    );
    await page.locator(".changes tbody tr").nth(9).waitFor();
    nothingWrong(tab);
  });

  test("loss is drawn by the hour, and told in numbers", async () => {
    const tab = await look("#/loss");
    const { page } = tab;
    await page.locator(".chart canvas").nth(1).waitFor();
    const { losses } = await scene.sync.health();
    const lost = losses.filter(({ scope }) => scope === null).reduce((sum, { week }) => sum + week.lost, 0);
    assert.ok(lost > 5);
    await page.getByRole("img", { name: `${lost} webhooks lost` }).waitFor();
    await page.getByRole("button", { name: "7 days" }).click();
    const cells = await page.locator(".losses tr:not(.within) td[data-name=lost]").allTextContents();
    assert.equal(
      cells.reduce((sum, cell) => sum + Number(cell), 0),
      lost,
    );
    // The canvas is not empty: the bars are there.
    const colours = await page.evaluate(() => {
      const canvas = document.querySelector("canvas") as HTMLCanvasElement;
      const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
        0,
        0,
        canvas.width,
        canvas.height,
      );
      const seen = new Set<string>();
      for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
      return [...seen];
    });
    for (const colour of ["212,69,58", "227,164,58"]) assert.ok(colours.includes(colour), `${colour} is drawn`);
    await page.getByRole("link", { name: "github", exact: true }).click();
    await page.locator(".losses", { hasText: "github.issue" }).waitFor();
    await page.locator(".losses", { hasText: "stripe" }).waitFor({ state: "detached" });
    nothingWrong(tab);
  });

  test("a resource tells how it got there, and what is owed of it", async () => {
    const tab = await look(VIEWS["failing"] ?? "");
    const { page } = tab;
    await page.getByRole("heading", { name: "It must be read" }).waitFor();
    await page
      .getByRole("row", { name: /title "[^"]+" "[^"]+"/ })
      .first()
      .waitFor();
    assert.match(
      (await page.locator(".timeline li").last().textContent()) ?? "",
      /webhook.*created.*told by issue.updated evt_gh/,
    );
    await page.locator(".state", { hasText: '"title"' }).waitFor();
    nothingWrong(tab);
  });

  test("what fails, waits and is parked is listed with its reason", async () => {
    const tab = await look("#/waiting");
    const { page } = tab;
    await page.getByRole("row", { name: /github.issue acme\/app 3 live .* Error/ }).waitFor();
    await page.getByRole("link", { name: /^Parked/ }).click();
    await page.getByRole("row", { name: /stripe.invoice .* in_1Pz13K in .* Error/ }).waitFor();
    nothingWrong(tab);
  });

  test("lists are narrowed by type and scope, and the narrowed view has an address", async () => {
    const tab = await look("#/changes");
    const { page } = tab;
    await page.locator("select").selectOption("github.issue");
    await page.getByLabel("Scope", { exact: true }).fill("acme/docs");
    await page.keyboard.press("Enter");
    await page.locator("[href$='?type=github.issue&scope=acme%2Fdocs&via=poll']").click();
    await page.waitForFunction(() => location.hash === "#/changes?type=github.issue&scope=acme%2Fdocs&via=poll");
    await drawn(tab);
    await page.waitForFunction(() => document.querySelectorAll(".changes tbody tr").length > 0);
    const rows = await page.locator(".changes tbody tr").allTextContents();
    for (const row of rows) assert.match(row, /github\.issueacme\/docs.*poll/);
    await page.reload();
    await drawn(tab);
    assert.deepEqual(await page.locator(".changes tbody tr").allTextContents(), rows);
    nothingWrong(tab);
  });

  for (const theme of ["light", "dark"] as const) {
    test(`every view can be used by everybody: ${theme}`, async () => {
      const tab = await look("#/", { theme });
      for (const [name, view] of Object.entries(VIEWS)) {
        await go(tab, view);
        assert.deepEqual(await violations(tab), [], name);
      }
      await tab.page.keyboard.press("?");
      await tab.page.locator("dialog[open]").waitFor();
      assert.deepEqual(await violations(tab), [], "keys");
      await tab.page.getByRole("button", { name: "Close" }).click();
      await tab.page.locator("dialog").waitFor({ state: "detached" });
      await tab.page.keyboard.press("/");
      await tab.page.keyboard.type("in_1Pz");
      await tab.page.getByRole("option").first().waitFor();
      assert.deepEqual(await violations(tab), [], "search");
      nothingWrong(tab);
    });
  }

  test("a telephone needs no scrolling sideways", async () => {
    const tab = await look("#/", { width: 390, height: 844 });
    for (const [name, view] of Object.entries(VIEWS)) {
      await go(tab, view);
      const over = await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${name} is ${over} px too wide`);
    }
    nothingWrong(tab);
  });

  test("keys lead everywhere, and what has the focus can be seen", async () => {
    const tab = await look("#/");
    const { page } = tab;
    const at = async (hash: string) => {
      await page.waitForFunction((hash) => location.hash === hash, hash);
      await drawn(tab);
    };
    for (const [key, hash] of Object.entries({
      c: "#/changes",
      l: "#/loss",
      w: "#/waiting",
      t: "#/types",
      s: "#/subscriptions",
      r: "#/resources",
      o: "#/",
    })) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await at(hash);
    }
    await page.keyboard.press("/");
    await page.keyboard.type("stripe.invoice in_1Pz13K");
    await page.keyboard.press("Enter");
    await at("#/resource/stripe.invoice/in_1Pz13K");
    await page.keyboard.press("/");
    await page.keyboard.type("github.issue acme/app 3");
    await page.keyboard.press("Enter");
    await at("#/resource/github.issue/3?scope=acme%2Fapp");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await at("#/changes");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.startsWith("#/resource/"));
    // Whatever Tab comes to shows that it has the focus.
    await go(tab, "#/types");
    const names = new Set<string>();
    await page.locator(".skip").focus();
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press("Tab");
      const [name, outline] = await page.evaluate(() => {
        const one = document.activeElement as HTMLElement;
        return [one.getAttribute("aria-label") ?? one.textContent ?? "", getComputedStyle(one).outlineStyle];
      });
      if (name !== "" && outline !== undefined) names.add(name);
      assert.notEqual(outline, "none", `the focus on "${name}" is seen`);
      if (name === "Audit stripe.subscription") break;
    }
    for (const name of ["Overview", "Sweep github.issue acme/app", "Audit stripe.subscription"])
      assert.ok(names.has(name), name);
    nothingWrong(tab);
  });

  test("dark and light follow the system until somebody chooses, and that is remembered", async () => {
    const tab = await look("#/", { theme: "dark" });
    const { page } = tab;
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole("button", { name: "Colours: system" }).click();
    await page.getByRole("button", { name: "Colours: light" }).waitFor();
    const light = await ground();
    assert.notEqual(light, dark);
    await page.reload();
    await drawn(tab);
    assert.equal(await ground(), light);
    await page.getByRole("button", { name: "Colours: light" }).click();
    assert.equal(await ground(), dark);
    nothingWrong(tab);
  });

  test("pictures of it", { skip: process.env["PICTURES"] === undefined }, async () => {
    const to = (name: string) => new URL(`../../docs/images/${name}.png`, import.meta.url).pathname;
    const shots: readonly (readonly [string, string, Look])[] = [
      ["inspector", "overview", { height: 800 }],
      ["inspector-dark", "overview", { theme: "dark", height: 800 }],
      ["inspector-loss", "loss", { height: 800 }],
      ["inspector-resource", "resource", { theme: "dark", height: 700 }],
      ["inspector-subscription", "halted", { height: 560 }],
      ["inspector-phone", "overview", { width: 390, height: 844 }],
    ];
    for (const [name, view, how] of shots) {
      const tab = await look(VIEWS[view] ?? "", how);
      if (view === "loss") await tab.page.locator(".chart canvas").nth(1).waitFor();
      await tab.page.screenshot({ path: to(name) });
    }
  });
});
