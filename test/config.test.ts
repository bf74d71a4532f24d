/** `cli/config.ts`: what a person is told whose configuration cannot be loaded. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readConfig } from "../cli/config.ts";
import { createIo } from "../cli/process.ts";

/** A folder with these files. */
function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-config-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const reading = (folder: string, name: string) => readConfig(createIo(), join(folder, name));

test("one that Node takes for CommonJS, as `npm init` has it, is told what mends it", async (t) => {
  const program = 'import { join } from "node:path";\nexport default { providers: {}, join };\n';
  const commonjs = '{ "type": "commonjs" }';
  const folder = folderOf(t, { "package.json": commonjs, "tidemark.config.ts": program, "other.config.mts": program });
  await assert.rejects(reading(folder, "tidemark.config.ts"), /is taken for CommonJS: `npm pkg set type=module`/);
  assert.ok((await reading(folder, "other.config.mts")).providers, "the other way out is one, too");
});

test("any other mistake is told as Node tells it", async (t) => {
  const folder = folderOf(t, { "typo.mts": "export default {;\n", "none.mts": 'import "./nowhere.ts";\n' });
  await assert.rejects(reading(folder, "typo.mts"), (error: Error) => !error.message.includes("CommonJS"));
  await assert.rejects(reading(folder, "none.mts"), /nowhere\.ts/);
  await assert.rejects(reading(folder, "missing.mts"), /there is no .*missing\.mts/);
});
