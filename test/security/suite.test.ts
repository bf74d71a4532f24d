/**
 * The whole suite, looked at from outside: none of the secrets that its tests use is in what it prints, or in a file that it
 * leaves behind. By default this is a small part of it; `CANARIES=1` runs all of it, `CANARIES="test/hook/*.test.ts"` another part.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { figure } from "../figure.ts";
import { canaries, findCanaries } from "./canaries.ts";
import { secrets } from "./ways.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { CANARIES = "test/verify*.test.ts", ...env } = process.env;
/** What is so short, or so plain, that it stands for itself in a test's name. */
const known = Object.fromEntries([...new Set(secrets)].filter((one) => one.length > 12).map((one) => [one, one]));

test("in what the suite prints, and in what it leaves behind, there is no secret", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-suite-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const own = fileURLToPath(import.meta.url);
  const files = globSync(CANARIES === "1" ? "test/**/*.test.ts" : CANARIES, { cwd: root }).filter(
    (file) => join(root, file) !== own,
  );
  const args = [
    "--import",
    "./scripts/cache.mjs",
    "--conditions=@tidemark/source",
    "--test",
    "--test-concurrency=2",
    ...files,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, NODE_TEST_CONTEXT: undefined, TMPDIR: folder },
  });
  t.after(() => child.kill());
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => printed.push(chunk));
  await once(child, "close");
  const output = Buffer.concat(printed).toString("latin1");
  const passed = Number(/^. pass (\d+)$/m.exec(output.replaceAll("\u00e2\u0084\u00b9", "i"))?.[1] ?? 0);
  assert.ok(passed > 0, `nothing passed: ${output.slice(-500)}`);

  const left = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  const texts = left
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, "latin1")] as const);
  const all = { ...canaries, ...known };
  const found = [["the output", output] as const, ...texts].flatMap(([where, text]) =>
    findCanaries(text, all).map((secret) => `${secret.slice(0, 6)}… in ${where}`),
  );
  assert.deepEqual(found, []);
  const size = (output.length / 1_000_000).toFixed(2);
  figure(
    t,
    "F23",
    `${Object.keys(all).length} secrets, ${passed} tests, ${size} MB of output, ${texts.length} files left: 0 hits`,
  );
});
