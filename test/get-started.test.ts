/** docs/get-started.md, played: its files, its commands, and what it says is on the terminal then. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/get-started.md"), "utf8");
const blocks = [...page.matchAll(/^```ts(?: file=(\S+))?\n(.*?)^```/gms)].map(([, file, code = ""]) => ({
  file,
  code,
}));

const CONDITION = "--conditions=@tidemark/source";
/** A program that does not come up, or says nothing, is a failure and no wait for ever. */
const LIMIT = { timeout: 60_000 };

/** A port of this machine that nobody has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** The page's files in a folder of the project, where they resolve what a user would; on other ports, and quicker. */
async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(root, "docs-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [app, service] = [await freePort(), await freePort()];
  const changed = (code: string) =>
    code
      .replaceAll(/127\.0\.0\.1:3000|listen\(3000\)/g, (text) => text.replace("3000", `${app}`))
      .replaceAll(/127\.0\.0\.1:4000|listen\(4000,/g, (text) => text.replace("4000", `${service}`))
      .replaceAll("5_000", "200")
      .replaceAll("30_000", "1_500");
  const config = blocks.find(
    ({ code }) => code.includes('import { board } from "./board.ts"') && /defineConfig/.test(code),
  );
  for (const { file, code } of [...blocks, { file: "tidemark.config.ts", code: config?.code ?? "" }]) {
    if (file !== undefined) writeFileSync(join(folder, file), changed(code));
  }
  /** A program of the page; the lines that it prints. */
  const start = (...args: string[]) => {
    const child: ChildProcess = spawn(process.execPath, [CONDITION, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });
    assert.ok(child.stdout);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    return async () => ((await lines.next()).value as string | undefined)?.replace(/^\d\d:\d\d:\d\d /, "").trimEnd();
  };
  const url = `http://127.0.0.1:${service}/notes/`;
  const served = async (): Promise<void> => {
    while (!(await fetch(url).catch(() => false))) t.signal.throwIfAborted();
  };
  return { folder, app, start, served, url };
}

test("the page's service, description and configuration do what it says is on the terminal", LIMIT, async (t) => {
  const { app, start, served, url } = await setUp(t);
  start("service.ts");
  await served();
  const line = start(join(root, "cli/main.ts"), "dev", "--port", `${app}`);
  assert.equal(await line(), "new     board.note 1 was there");
  await fetch(`${url}1`, { method: "PUT", body: "hello, Ann" });
  // A poll may be quicker than the webhook here, where there are five in a second.
  assert.match((await line()) ?? "", /^changed board\.note 1 (webhook|poll) text updated$/);
  await fetch(`${url}2?lost`, { method: "PUT", body: "nobody told you" });
  assert.match((await line()) ?? "", /^new {5}board\.note 2 (poll|sweep)$/);
  await fetch(`${url}1?lost`, { method: "DELETE" });
  assert.match((await line()) ?? "", /^gone {4}board\.note 1 (poll|sweep)$/);
});

test("the page's program greets, and not what was there before", LIMIT, async (t) => {
  const { folder, start, served, url } = await setUp(t);
  start("service.ts");
  await served();
  const line = start("app.ts");
  // What is recorded now was there before.
  const show = [CONDITION, join(root, "cli/main.ts"), "show", "board.note", "1"];
  const shown = async () =>
    (await once(spawn(process.execPath, show, { cwd: folder, stdio: "ignore" }), "exit"))[0] === 0;
  // Not synchronously: the limit's own timer would never have its turn.
  while (!(await shown())) t.signal.throwIfAborted();
  await fetch(`${url}1`, { method: "PUT", body: "good day" });
  assert.equal(await line(), "1 says: good day");
  await fetch(`${url}1`, { method: "DELETE" });
  assert.equal(await line(), "1 is gone; it was: good day");
});
