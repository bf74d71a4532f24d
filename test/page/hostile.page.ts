/** What others wrote is shown and never done; what others ask for in a browser's name is refused. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { TargetGone } from "tidemark";
import type { Tab } from "./browser.ts";
import { drawn, go, nothingWrong, setStage } from "./kit.ts";
import { payloads } from "./payloads.ts";
import { TOKEN } from "./serve.ts";
import { webhookOf } from "./service.ts";

/** In the browser. */
declare const trustedTypes: { createPolicy(name: string, rules: object): unknown };

/** As a path of the page: an id that a URL cannot carry is named there, but has no page of its own. */
const linkTo = (view: string, parts: string[], query = {}) =>
  `#/${[view, ...parts].map(encodeURIComponent).join("/")}?${new URLSearchParams(query)}`;

test("200 payloads in every field are shown as text: none of them is executed", async (t) => {
  const all = payloads();
  assert.ok(all.length >= 200, `${all.length} payloads`);
  const scopes = all.slice(0, 30);
  const scopeOf = (n: number) => scopes[n % scopes.length] as string;
  const name = "<img src=x onerror=window.__xss=1>";
  const { look, service, sync } = await setStage(t, {
    ...{ scopes },
    before: (sync, service) => {
      for (const [n, payload] of all.entries()) service.put("note", payload, { text: "" }, { scope: scopeOf(n) });
      sync.subscribe(name, ({ id }) => {
        throw Object.assign(new TypeError(id), { name: all[0], code: all[1] });
      });
      sync.subscribe("<svg onload=window.__xss=1>", ({ id }) => {
        throw new TargetGone(`${id} <script>window.__xss=1</script>`);
      });
    },
  });
  await sync.synced();
  // One resource with all of them, as keys and as values, changed by events that have them as ids and names.
  for (let at = 0; at < all.length; at += 16) {
    const fields = Object.fromEntries(
      all.map((payload) => [`${payload}`, [at, { [payload]: `javascript:${payload}` }]]),
    );
    const ref = service.put("note", "all", at % 32 === 0 ? fields : { text: all[at] }, { scope: scopeOf(0) });
    const events = all.slice(at, at + 16).map((payload) => ({ id: payload, name: payload, at: new Date() }));
    await sync.webhook("desk" as never, webhookOf(events.map((event) => ({ ...ref, event }))));
    await sync.drain();
  }
  service.before = (call) => {
    if (call.startsWith("fetch")) throw new TargetGone(`${all[2]} <script>window.__xss=1</script>`);
  };
  for (const payload of scopes) await sync.hint("desk.note" as never, payload, { scope: payload });
  await sync.drain();

  const tab = await look();
  const lists = ["#/", "#/changes", "#/loss", "#/types", "#/subscriptions", linkTo("subscription", [name])];
  const states = ["failing", "dirty", "parked"].map((state) => linkTo("waiting", [], { state }));
  const odd = linkTo("resources", [], { scope: scopes[3], type: all[4] });
  for (const view of [...lists, ...states, odd, linkTo("resource", ["desk.note", "all"], { scope: scopes[0] })]) {
    await go(tab, view);
    await unharmed(tab, view);
  }
  await tab.page.evaluate(() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  const shown = (await tab.page.textContent("main")) ?? "";
  for (const payload of all) assert.ok(shown.includes(payload), `it is shown: ${payload}`);
  await unharmed(tab, "all of it");
  await go(tab, "#/resources");
  const next = tab.page.getByRole("button", { name: "Next" });
  for (let page = 1; ; page++) {
    await tab.page.getByText(`page ${page}`, { exact: true }).waitFor();
    await drawn(tab);
    await unharmed(tab, `page ${page}`);
    if (await next.isDisabled()) break;
    await next.click();
  }
  for (const [n, payload] of all.entries()) {
    if (n % 8 !== 0) continue;
    await go(tab, linkTo("resource", ["desk.note", payload], { scope: scopeOf(n) }));
    await unharmed(tab, payload);
  }
  await tab.page.keyboard.press("/");
  for (const payload of scopes.slice(0, 8)) {
    await tab.page.getByRole("combobox", { name: "Search" }).fill(`desk.note ${payload}`);
    await unharmed(tab, payload);
  }
  nothingWrong(tab);
});

test("no text becomes markup or script, even if a file of the page's own tried", async (t) => {
  const { look } = await setStage(t);
  const tab = await look();
  const refused = await tab.page.evaluate(() => {
    const tries: Record<string, () => unknown> = {
      innerHTML: () => {
        document.createElement("p").innerHTML = "<b>x</b>";
      },
      srcdoc: () => {
        document.createElement("iframe").srcdoc = "<b>x</b>";
      },
      script: () => {
        document.createElement("script").text = "window.__xss = 1";
      },
      policy: () => trustedTypes.createPolicy("own", { createHTML: (text: string) => text }),
    };
    return Object.entries(tries).flatMap(([name, run]) => {
      try {
        run();
        return [];
      } catch (error) {
        return [`${name}: ${(error as Error).name}`];
      }
    });
  });
  assert.deepEqual(refused, ["innerHTML: TypeError", "srcdoc: TypeError", "script: TypeError", "policy: TypeError"]);
});

/** No payload ran, none became an element, and none a link that does anything but show another view. */
async function unharmed({ page }: Tab, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    ran: "__xss" in window,
    elements: document.querySelectorAll("main :is(script, img, iframe, object, embed, style, link, base, math, video)")
      .length,
    links: [...document.links].map((link) => link.getAttribute("href") ?? "").filter((href) => !href.startsWith("#/")),
    handlers: [...document.querySelectorAll("*")].filter((one) =>
      one.getAttributeNames().some((name) => /^on/.test(name)),
    ).length,
  }));
  assert.deepEqual(found, { ran: false, elements: 0, links: [], handlers: 0 }, where);
}

test("a page of another origin can neither read nor act, with cookies and with forms", async (t) => {
  const authorize = (request: Request) => /session=1/.test(request.headers.get("cookie") ?? "");
  const { served, sync, open } = await setStage(t, {
    handler: { authorize, operate: true, inspector: true },
    before: (_, service) => service.put("note", "a", { text: "secret" }),
  });
  await sync.synced();
  const foreign = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>foreign</p>"));
  await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    foreign.closeAllConnections();
    foreign.close();
  });
  const { page, context } = await open();
  await context.addCookies([{ name: "session", value: "1", url: served.origin }]);
  const elsewhere = (host: string) => page.goto(`http://${host}:${(foreign.address() as AddressInfo).port}/`);

  // 127.0.0.1 with another port is the same site, with the cookie; localhost is another site.
  for (const host of ["127.0.0.1", "localhost"]) {
    await elsewhere(host);
    for (const path of ["/health", "/newest", "/changes", "/resources"]) {
      const read = await page.evaluate(
        (url) =>
          fetch(url, { credentials: "include" }).then(
            (answer) => answer.text(),
            () => "refused",
          ),
        served.origin + path,
      );
      assert.equal(read, "refused", `${host} ${path}`);
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"]) {
      await page.evaluate(
        async ([url, type]) => {
          const init = { method: "POST", body: '{"provider":"desk"}', headers: { "content-type": type as string } };
          for (const mode of ["cors", "no-cors"] as const)
            await fetch(url as string, { ...init, mode, credentials: "include" }).catch(() => {});
        },
        [`${served.origin}/pause`, type],
      );
    }
    await page.evaluate((action) => {
      const form = document.createElement("form");
      Object.assign(form, { action, method: "post", enctype: "text/plain" });
      form.innerHTML = `<input name='{"provider":"desk","x":"' value='"}'>`;
      document.body.append(form);
      form.submit();
    }, `${served.origin}/pause`);
    await page.waitForURL(`${served.origin}/pause`);
    assert.match((await page.textContent("body")) ?? "", /another origin/);
    assert.deepEqual((await sync.health()).paused, [], host);
  }
  // It may not be shown in a frame, nor be opened as a name that leads here.
  await elsewhere("127.0.0.1");
  const framed = await page.evaluate(async (src) => {
    const frame = document.createElement("iframe");
    frame.src = src;
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    document.body.append(frame);
    await loaded;
    return frame.contentDocument === null ? "refused" : "shown";
  }, `${served.origin}/inspector`);
  assert.equal(framed, "refused");

  // Its own page acts, with the same cookie and no token.
  await page.goto(`${served.origin}/inspector`);
  await page.getByRole("button", { name: "Pause desk" }).click();
  await page.locator("dialog[open] .button.primary").click();
  await page.locator(".notice", { hasText: "desk is paused" }).waitFor();
  assert.equal((await sync.health()).paused.length, 1);
});

test("a name that somebody's DNS points here opens no inspector", async (t) => {
  const { served, sync, open } = await setStage(t, {
    handler: { token: TOKEN, operate: true, inspector: { hosts: ["ops.example:1"] } },
  });
  await sync.synced();
  const { page } = await open({ resolve: { "rebound.example": "127.0.0.1", "ops.example": "127.0.0.1" } });
  const answer = await page.goto(`http://rebound.example:${served.port}/inspector`);
  assert.equal(answer?.status(), 403);
  assert.match((await answer?.text()) ?? "", /is not for the host .*rebound\.example/);
  const asset = /src="\.\/(inspector\/assets\/[^"]+)"/.exec(await (await fetch(`${served.origin}/inspector`)).text());
  assert.equal((await page.goto(`http://rebound.example:${served.port}/${asset?.[1]}`))?.status(), 403);
  assert.equal((await page.goto(`http://ops.example:${served.port}/inspector`))?.status(), 403, "another port");
});
