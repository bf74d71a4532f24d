/** No secret is in anything that can be seen: events, errors, health, spans, metrics, logs, answers, database files. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { figure } from "../figure.ts";
import { canaries, findCanaries } from "./canaries.ts";

test("a secret is found as it is, in hexadecimal and in base64, wherever it stands", () => {
  for (const [name, secret] of Object.entries(canaries)) {
    const forms = [`x${secret}x`, Buffer.from(secret).toString("hex")];
    for (const user of ["", "a:", "ab:", "abc:"]) forms.push(Buffer.from(`${user}${secret}:x`).toString("base64"));
    for (const form of forms) assert.deepEqual(findCanaries(form), [name], `${name} in ${form}`);
  }
  assert.deepEqual(findCanaries("CANARY whsec_ sk_live_ ghp_"), []);
});

test("whatever goes wrong, with every provider: no secret is in anything that can be seen", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-canary-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const child = fileURLToPath(new URL("canary.child.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv.filter((one) => !one.startsWith("--test")), child, join(folder, "a")],
    {
      encoding: "utf8",
      maxBuffer: 100_000_000,
    },
  );
  assert.equal(status, 0, stderr.slice(-2_000));
  // That it has seen something: a few of each kind.
  for (const what of [
    /^event/m,
    /outcome: 'rejected'/,
    /^health/m,
    /^get github/m,
    /^spans/m,
    /^metrics/m,
    /^wrong/m,
    /^done/m,
  ]) {
    assert.match(stdout, what);
  }
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "latin1")] as const);
  assert.ok(files.length >= 9);
  const seen = [["stdout", stdout], ["stderr", stderr], ...files] as const;
  const found = seen.flatMap(([where, text]) => findCanaries(text).map((name) => `${name} in ${where}`));
  assert.deepEqual(found, []);
  const size = seen.reduce((sum, [, text]) => sum + text.length, 0);
  const megabytes = (size / 1_000_000).toFixed(1);
  figure(t, "F23", `${Object.keys(canaries).length} secrets in ${megabytes} MB of output and databases: 0 hits`);
});
