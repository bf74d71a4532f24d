/** What the command line says in answer to what is typed, and to what a process elsewhere says: in this process. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../cli/program.ts";

/** Runs a command line where there is no configuration. */
const type = (...args: string[]) => typeIn(tmpdir(), ...args);

async function typeIn(cwd: string, ...args: string[]) {
  let said = "";
  const write = (text: string) => {
    said += text;
  };
  const io = { out: write, err: write, tty: false, env: {}, cwd, signal: new AbortController().signal };
  return { code: await run(args, io), said };
}

test("what only the command itself can tell to be a typo is exit code 2, and looks for nothing", async () => {
  for (const [args, why] of [
    [["replay", "log"], /say from where: --after <cursor>, or --from-start/],
    [["setup", "--url", "https://app.example.com"], /--url is of one provider: name it/],
    [["parked", "log", "--skip", "notes.note"], /--skip takes a type and an id/],
    [["parked", "log", "--skip", "notes.note", "a", "b"], /--skip takes a type and an id/],
  ] as const) {
    const { code, said } = await type(...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(said, why);
  }
  assert.equal((await type("replay", "log", "--from-start")).code, 1, "typed well, but there is no configuration");
});

test("setup without a word on where webhooks go is an error, not silence", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-cli-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, "tidemark.config.mjs");
  writeFileSync(config, `export default { providers: { notes: { resources: {} } } };`);
  const { code, said } = await type("setup", "--config", config);
  assert.equal(code, 1);
  assert.match(said, /name a provider and --url, or write urls into the configuration/);
});

test("from a folder below its configuration a command looks at the store that is beside it", async (t) => {
  const [folder, was] = [mkdtempSync(join(tmpdir(), "tidemark-cli-")), process.cwd()];
  t.after(() => {
    process.chdir(was);
    rmSync(folder, { recursive: true });
  });
  const below = join(folder, "below");
  mkdirSync(below);
  const note =
    "{ fetch: async () => null, list: async () => ({ items: [], next: null }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } }";
  writeFileSync(
    join(folder, "tidemark.config.mjs"),
    `export default { providers: { notes: { resources: { note: ${note} } } } };`,
  );
  process.chdir(below);
  assert.match((await typeIn(below, "health")).said, /all is well/);
  assert.deepEqual([existsSync(join(folder, "tidemark.db")), existsSync(join(below, "tidemark.db"))], [true, false]);
});

test("what a process elsewhere answers cannot write on the terminal by itself", async (t) => {
  const scope = "s\u001b[2J";
  const answers: Record<string, [status: number, body: object]> = {
    "/sweep": [200, { reports: [{ type: "a.b", scope, changes: 1, suspects: 0 }] }],
    "/audit": [200, { reports: [{ type: "a.b", scope, checked: 1, differences: [], unclear: 0 }] }],
    "/subscriptions/log/retry": [500, { error: "x\u001b]0;y\u0007" }],
  };
  const server = createServer(({ url = "" }, response) => {
    const [status, body] = answers[url] ?? [404, {}];
    response.writeHead(status, { connection: "close" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const there = ["--url", `http://127.0.0.1:${(server.address() as AddressInfo).port}`, "--token", "t"];
  for (const args of [["sweep"], ["audit"], ["parked", "log", "--retry"]]) {
    const { said } = await type(...args, ...there);
    assert.match(said, /\ufffd/, args.join(" "));
    assert.doesNotMatch(said.replaceAll("\n", ""), /\p{Cc}/u, args.join(" "));
  }
});
