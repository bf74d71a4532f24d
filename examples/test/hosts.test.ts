/** Each example as its own process: a signed webhook gets in with its bytes unchanged, and what GitHub says is printed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { delivery, type GitHub, headersFor, openGitHub, SECRET } from "./github.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "tidemark-examples-"));
let github: GitHub;
before(async () => {
  github = await openGitHub();
});
after(() => {
  github.close();
  rmSync(scratch, { recursive: true, force: true });
});

interface Program {
  child: ChildProcess;
  /** Resolves to the first match in what it prints. Rejects when it ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
}

function run(name: string, args: readonly string[], cwd = folder): Program {
  const env = {
    ...process.env,
    ...{ PORT: "0", GITHUB_TOKEN: "token", GITHUB_WEBHOOK_SECRET: SECRET, GITHUB_REPO: "acme/app" },
    ...{ GITHUB_API_URL: github.url, TIDEMARK_DB: join(scratch, `${name}.db`), NEXT_TELEMETRY_DISABLED: "1" },
  };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const heard = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      for (const hear of heard) hear();
    });
  }
  const prints = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const hear = () => {
        const found = pattern.exec(output);
        if (found) resolve(found);
      };
      heard.add(hear);
      child.once("exit", (code) => reject(new Error(`${name} ended with ${code}:\n${output}`)));
      hear();
    });
  return { child, prints };
}

async function check(name: string, url: string, { child, prints }: Program, exit = 0): Promise<void> {
  await prints(/issue 1: open, .+ \(was there\)/);
  github.write(`written for ${name}`);
  const body = delivery();
  const post = (headers: Record<string, string>) => fetch(url, { method: "POST", body: new Uint8Array(body), headers });
  assert.equal((await post(headersFor(body, "another secret"))).status, 401);
  assert.equal((await post(headersFor(body))).status, 202);
  await prints(new RegExp(`issue 1: open, written for ${name} \\(webhook\\)`));
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [exit, null], "it ends by itself when it is asked to");
}

for (const name of ["node", "express", "fastify", "hono"]) {
  test(`${name}: raw bytes in, changes out, a graceful end`, { timeout: 60_000 }, async (t) => {
    const program = run(name, [`${name}.ts`]);
    t.after(() => program.child.kill("SIGKILL"));
    const [, url = ""] = await program.prints(/(http:\S+)/);
    await check(name, url.replace("localhost", "127.0.0.1"), program);
  });
}

test("next: a route handler of a production build", { timeout: 240_000 }, async (t) => {
  const next = join(folder, "node_modules/next/dist/bin/next");
  const build = run("next", [next, "build"], join(folder, "next"));
  t.after(() => build.child.kill("SIGKILL"));
  const [code] = await once(build.child, "exit");
  await (code === 0 ? undefined : build.prints(/never/));
  const program = run("next", [next, "start", "-p", "0"], join(folder, "next"));
  t.after(() => program.child.kill("SIGKILL"));
  const [, port] = await program.prints(/http:\/\/localhost:(\d+)/);
  const page = await fetch(`http://127.0.0.1:${port}/`);
  assert.match(await page.text(), /All is well/);
  // Next.js ends itself, with the number of the signal.
  await check("next", `http://127.0.0.1:${port}/webhooks/github`, program, 128 + 15);
});
