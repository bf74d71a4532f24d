/** What stands behind the page does not slow it: 100,000 changes of a thousand scopes, and a first look within a second. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createSync, type Store } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { openBrowser } from "./browser.ts";
import { drawn, go, nothingWrong } from "./kit.ts";
import { serve } from "./serve.ts";
import { createService } from "./service.ts";

const SCOPES = Array.from({ length: 1_000 }, (_, n) => `acct_${String(n).padStart(4, "0")}`);
const EACH = 100;
/** Milliseconds. */
const SECOND = 1_000;
const built = fileURLToPath(new URL("../../dist/inspector/assets/", import.meta.url));

/** Changes of two types in each scope, as they come to be recorded; of some a read is owed, and has failed. */
async function fill(store: Store): Promise<void> {
  for (const [at, scope] of SCOPES.entries()) {
    const refs = Array.from({ length: EACH }, (_, n) => ({
      type: n % 2 ? "shop.order" : "shop.buyer",
      scope,
      id: `id_${n}`,
    }));
    await store.update({ refs }, (row, tick) => {
      const state = {
        id: row.id,
        amount: at,
        status: "open",
        lines: [{ price: "p_1", quantity: 2 }],
        note: "x".repeat(200),
      };
      const owed =
        at % 10 === 0 && row.id === "id_7" ? { due: tick, class: "poll" as const, via: "poll" as const } : {};
      const failed = owed.due === undefined ? {} : { attempts: 2, error: "TypeError 502" };
      return {
        row: { ...row, present: true, print: "x", raw: "x", first: tick, last: tick, version: 1, ...owed, ...failed },
        append: [{ state: JSON.stringify(state), at: tick, via: "webhook", causes: [] }],
      };
    });
  }
}

test("a first look takes less than a second with 100,000 changes and 1,000 scopes behind it", async (t) => {
  const store = sqlite(":memory:");
  await store.open();
  await fill(store);
  assert.equal((await store.head()).position, SCOPES.length * EACH);
  const service = createService({ types: ["order", "buyer"], scopes: SCOPES });
  const sync = createSync({ providers: { shop: service.provider }, store });
  const served = await serve(sync);
  t.after(async () => {
    await served.close();
    await sync.stop();
  });
  const open = openBrowser(t);
  const looks: { painted: number; told: number }[] = [];
  for (let n = 0; n < 3; n++) {
    const tab = await open();
    await tab.page.addInitScript(() => {
      const seen = new MutationObserver(() => {
        if (!document.querySelector(".strip") || !document.querySelector(".changes td")) return;
        performance.mark("told");
        seen.disconnect();
      });
      seen.observe(document, { childList: true, subtree: true });
    });
    await tab.page.goto(served.inspector);
    await drawn(tab);
    await tab.page.waitForFunction(() => performance.getEntriesByName("told").length > 0);
    looks.push(
      await tab.page.evaluate(() => ({
        painted: Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN),
        told: Math.round(performance.getEntriesByName("told")[0]?.startTime ?? Number.NaN),
      })),
    );
    nothingWrong(tab);
    await tab.context.close();
  }
  const [best] = looks.sort((a, b) => a.told - b.told);
  t.diagnostic(
    `first paint, and all told, after ms: ${looks.map(({ painted, told }) => `${painted}, ${told}`).join("; ")}`,
  );
  assert.ok(best && best.painted < SECOND, `first paint after ${best?.painted} ms`);
  assert.ok(best.told < SECOND, `all that the overview tells after ${best.told} ms`);

  // A thousand scopes can be read: by pages, the worst first, narrowed by a part of the name.
  const tab = await open();
  const { page } = tab;
  await page.goto(served.inspector);
  await drawn(tab);
  await page.getByText("100,000 resources, 2 types, 1,000 scopes").waitFor();
  await go(tab, "#/types");
  assert.equal(await page.locator(".types tbody tr").count(), 50);
  assert.match((await page.locator(".types tbody tr").first().textContent()) ?? "", /shop.orderacct_0000/);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("page 2").waitFor();
  await page.getByRole("row", { name: /acct_0500 50 1 1/ }).waitFor();
  await page.getByLabel("Scope has").fill("0999");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".types tbody tr").length === 2);
  await go(tab, "#/waiting?state=dirty");
  await page.getByText("100 types in their scopes").waitFor();
  assert.equal(await page.locator(".listed tbody tr").count(), 50);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("link", { name: "id_7" }).nth(40).waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".listed tbody tr").length === 50);
  assert.ok(await page.getByRole("button", { name: "Next" }).isDisabled(), "100 wait, 50 on a page");
  await go(tab, "#/resources?type=shop.order&scope=acct_0123");
  assert.equal(await page.locator(".listed tbody tr").count(), 50);
  nothingWrong(tab);
});

test("the page is small, and says whose code is in it", (t) => {
  const sizes = readdirSync(built).map((name): [string, number, number] => {
    return [name, statSync(built + name).size, gzipSync(readFileSync(built + name)).length];
  });
  for (const [name, bytes, zipped] of sizes) t.diagnostic(`${name}: ${bytes} bytes, ${zipped} gzipped`);
  const first = sizes.filter(([name]) => name.startsWith("index-")).reduce((sum, [, , zipped]) => sum + zipped, 0);
  assert.ok(first < 40_000, `${first} bytes gzipped until the first paint`);
  const licences = readFileSync(new URL("../licenses.md", `file://${built}`), "utf8");
  for (const name of ["preact", "uplot"]) assert.match(licences, new RegExp(`## ${name} - .*\\(MIT\\)`));
  for (const holder of ["Jason Miller", "Leon Sorokin"]) assert.ok(licences.includes(holder), holder);
});
