/** The files of the inspector's page: what is sent of them, how, and what is never sent. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as overHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { listener } from "tidemark/node";
import { builtBeside, createPage } from "../src/inspector/page.ts";
import { setUp } from "./http.operator.kit.ts";

interface Context {
  after(run: () => unknown): void;
}

const PAGE = '<!doctype html><script type="module" src="./inspector/assets/index-a1B2.js"></script>';
const SECRET = "what lies beside the page";

/** A build of the page, with a secret beside it. */
function folderOf(t: Context): string {
  const above = mkdtempSync(join(tmpdir(), "tidemark-page-"));
  t.after(() => rmSync(above, { recursive: true, force: true }));
  const folder = join(above, "inspector");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(above, "secret.js"), SECRET);
  writeFileSync(join(folder, ".secret.js"), SECRET);
  writeFileSync(join(folder, "assets", "index-a1B2.js.map"), SECRET);
  writeFileSync(join(folder, "assets", "run.sh"), SECRET);
  writeFileSync(join(folder, "index.html"), PAGE);
  writeFileSync(join(folder, "licenses.md"), "MIT");
  writeFileSync(join(folder, "assets", "index-a1B2.js"), "export {};");
  writeFileSync(join(folder, "assets", "index-a1B2.css"), "p {}");
  return folder;
}

/** As the handler hands it on. */
async function served(folder: string, request: Request): Promise<Response> {
  const [first, ...parts] = new URL(request.url).pathname.slice(1).split("/").map(decodeURIComponent);
  return first === "inspector" ? createPage({}, folder)(request, parts) : new Response(null, { status: 404 });
}

const ask = (folder: string, path: string, init: RequestInit = {}) =>
  served(folder, new Request(`http://localhost:3000${path}`, init));

test("the page is read anew each time, runs nothing but its own files, and stands in no frame", async (t) => {
  const folder = folderOf(t);
  const answer = await ask(folder, "/inspector");
  assert.deepEqual([answer.status, await answer.text()], [200, PAGE]);
  assert.deepEqual(Object.fromEntries(answer.headers), {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  });
  writeFileSync(join(folder, "index.html"), "newer");
  assert.equal(await (await ask(folder, "/inspector")).text(), "newer");
  const slash = await ask(folder, "/inspector/");
  assert.deepEqual([slash.status, slash.headers.get("location")], [308, "../inspector"]);
});

test("what has its content in its name is kept for ever, as what it is", async (t) => {
  const folder = folderOf(t);
  for (const [name, type] of [
    ["assets/index-a1B2.js", "text/javascript; charset=utf-8"],
    ["assets/index-a1B2.css", "text/css; charset=utf-8"],
  ]) {
    const { status, headers } = await ask(folder, `/inspector/${name}`);
    assert.equal(status, 200, name);
    assert.equal(headers.get("content-type"), type);
    assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
  }
  const notices = await ask(folder, "/inspector/licenses.md");
  assert.deepEqual(
    [notices.headers.get("content-type"), notices.headers.get("cache-control")],
    ["text/plain; charset=utf-8", "no-cache"],
  );
});

test("no path leads to another file", async (t) => {
  const folder = folderOf(t);
  const server = createServer(listener((request) => served(folder, request)));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const get = (path: string) =>
    new Promise<{ status: number | undefined; said: string }>((resolve, reject) => {
      const request = overHttp({ host: "127.0.0.1", port, path: `/inspector/${path}` }, (response) => {
        text(response).then((said) => resolve({ status: response.statusCode, said }), reject);
      });
      request.on("error", reject).end();
    });
  assert.deepEqual(await get("assets/index-a1B2.js"), { status: 200, said: "export {};" }, "as it should be asked for");
  const up = [
    "../secret.js",
    "%2e%2e/secret.js",
    "..%2fsecret.js",
    "%2e%2e%2fsecret.js",
    "..%5csecret.js",
    "..\\secret.js",
  ];
  const wrong = [
    ...[...up, ...up.map((path) => `assets/${path}`), ...up.map((path) => `assets/../${path}`)],
    ...[
      ...up.map((path) => `assets%2f..%2f${path}`),
      "assets/..%2f..%2fsecret.js",
      "assets/%2e%2e%2f%2e%2e%2fsecret.js",
    ],
    ...[".secret.js", "%2esecret.js", "assets/../.secret.js", "assets/.%2f..%2f.secret.js", "assets/index-a1B2.js.map"],
    ...[
      `${"a".repeat(5_000)}.js`,
      "assets/run.sh",
      "assets/none.js",
      "assets",
      "assets/",
      "index.html",
      "assets/index-a1B2.js/",
      "assets//index-a1B2.js",
    ],
    ...[
      "assets/index-a1B2.js%00",
      "assets/index-a1B2.js%00.css",
      "assets%2findex-a1B2.js",
      "%2fetc%2fpasswd",
      "//etc/passwd",
    ],
    ...[
      `${encodeURIComponent(folder)}%2findex.html`,
      "assets/x/index-a1B2.js",
      "x/index-a1B2.js",
      "file:%2f%2f%2fetc%2fpasswd",
      "constructor",
    ],
  ];
  for (const path of wrong) {
    const { status, said } = await get(path);
    assert.doesNotMatch(said, new RegExp(SECRET), path);
    assert.equal(status, 404, path);
  }
});

test("only read, and of HEAD no body", async (t) => {
  const folder = folderOf(t);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const { status, headers } = await ask(folder, "/inspector", { method });
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"], method);
  }
  const { handler } = setUp(t, { inspector: true });
  const head = await handler(new Request("http://localhost:3000/inspector", { method: "HEAD" }));
  assert.equal(head.body, null);
  assert.ok(head.status === 200 || head.status === 503);
});

test("a page that was not built says how to build it; what cannot be read is an error", async (t) => {
  const folder = folderOf(t);
  rmSync(join(folder, "index.html"));
  const answer = await ask(folder, "/inspector");
  assert.deepEqual([answer.status, await answer.json()], [503, { error: "the page is not built: npm run build" }]);
  mkdirSync(join(folder, "index.html"));
  await assert.rejects(ask(folder, "/inspector"), { code: "EISDIR" });
});

test("it is looked for where the build leaves it", () => {
  const built = fileURLToPath("file:///app/dist/inspector");
  assert.equal(builtBeside("file:///app/src/inspector/page.ts"), built);
  assert.equal(builtBeside("file:///app/dist/src/inspector/page.js"), built);
});
