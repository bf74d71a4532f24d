/**
 * scripts/setup.mjs installs once, again when the lock file is newer, and again after it was interrupted. With the real
 * npm, in a scratch project whose only dependency is a tarball made here: nothing is downloaded.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-setup-"));
const clone = join(scratch, "clone");
after(() => rmSync(scratch, { recursive: true, force: true }));
const INSTALLING = "Installing dependencies";

const write = (path: string, value: object) => writeFileSync(path, JSON.stringify(value));
const npm = (args: readonly string[], cwd: string) => {
  const { status, stderr } = spawnSync("npm", [...args, "--offline", "--loglevel=error"], { cwd, encoding: "utf8" });
  assert.equal(status, 0, stderr);
};
const environment = (port: number) => ({ ...process.env, TIDEMARK_TEST_PORT: String(port) });
const setup = (port = 0) => {
  const options = { cwd: clone, encoding: "utf8", env: environment(port) } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/setup.mjs"], options);
  assert.equal(status, 0, stderr);
  return stdout;
};

/** Connects where the test listens, if it does, and then never ends by itself. */
const installScript = `
const port = Number(process.env.TIDEMARK_TEST_PORT);
if (port > 0) require("node:net").connect(port, "127.0.0.1");
`;

before(() => {
  const dependency = join(scratch, "node");
  mkdirSync(dependency);
  write(join(dependency, "package.json"), {
    ...{ name: "node", version: "1.0.0", bin: { node: "node.sh" } },
    scripts: { install: "node install.js" },
  });
  // As in the project itself: npm finds this one first, so it must lead to a real one.
  writeFileSync(join(dependency, "node.sh"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  writeFileSync(join(dependency, "install.js"), installScript);
  npm(["pack", "--pack-destination", scratch], dependency);
  mkdirSync(clone);
  const manifest = { dependencies: { node: "file:../node-1.0.0.tgz" }, allowScripts: { node: true } };
  write(join(clone, "package.json"), { name: "clone", private: true, ...manifest });
  npm(["install", "--package-lock-only"], clone);
  cpSync(fileURLToPath(new URL("../scripts/setup.mjs", import.meta.url)), join(clone, "scripts/setup.mjs"));
});

test("installs what is missing, and the second time nothing", () => {
  assert.match(setup(), new RegExp(INSTALLING));
  assert.ok(existsSync(join(clone, "node_modules/.bin/node")));
  assert.equal(setup(), "");
});

test("installs again when the lock file is newer than what is installed", () => {
  const lock = join(clone, "package-lock.json");
  const later = new Date(Date.now() + 60_000);
  utimesSync(lock, later, later);
  assert.match(setup(), new RegExp(INSTALLING));
  const earlier = new Date(0);
  utimesSync(lock, earlier, earlier);
  assert.equal(setup(), "");
});

test("an interrupted installation is done again", async () => {
  rmSync(join(clone, "node_modules"), { recursive: true });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : assert.fail();
  const env = environment(port);
  const child = spawn(process.execPath, ["scripts/setup.mjs"], { cwd: clone, env, detached: true, stdio: "ignore" });
  const ended = once(child, "exit");
  // The dependency's own script runs now: npm is in the middle, and waits.
  const [socket]: Socket[] = await once(server, "connection");
  const closed = once(socket ?? assert.fail(), "close");
  socket?.resume().on("error", () => {});
  // As a terminal does on Ctrl-C: to all processes of the group.
  process.kill(-(child.pid ?? assert.fail()), "SIGINT");
  await Promise.all([ended, closed]);
  server.close();
  assert.match(setup(), new RegExp(INSTALLING));
  assert.equal(setup(), "");
  assert.equal(JSON.parse(readFileSync(join(clone, "node_modules/node/package.json"), "utf8")).version, "1.0.0");
});
