/** What the command line says in answer to what is typed, and to what a process that it asks says: all in this process. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { run } from "../cli/program.ts";

const CONFIG = fileURLToPath(new URL("cli/tidemark.config.ts", import.meta.url));
const TOKEN = "a-token-of-some-length";

/** Runs a command line where there is no configuration. */
const type = (...args: string[]) => typeIn(tmpdir(), ...args);

async function typeIn(cwd: string, ...args: string[]) {
  let [out, err] = ["", ""];
  const io = {
    out(text: string) {
      out += text;
    },
    err(text: string) {
      err += text;
    },
    ...{ tty: false, env: {}, cwd, signal: new AbortController().signal },
  };
  const code = await run(args, io);
  return { code, out, err, said: out + err, json: () => linesOf(out).map((line) => JSON.parse(line)) };
}

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** A folder with a configuration in it, and one below. Until the test is over they are where this process works. */
function folderOf(t: TestContext, config: string) {
  const [folder, was] = [mkdtempSync(join(tmpdir(), "tidemark-cli-")), process.cwd()];
  t.after(() => {
    process.chdir(was);
    rmSync(folder, { recursive: true });
  });
  const below = join(folder, "below");
  mkdirSync(below);
  writeFileSync(
    join(folder, "tidemark.config.mjs"),
    `export default { providers: { notes: { resources: ${config} } } };`,
  );
  process.chdir(below);
  return { folder, below };
}
const NOTE =
  "{ note: { fetch: async (id) => ({ id }), list: async () => ({ items: [{ id: 'a' }], next: null }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } }";

/**
 * Starts the `dev` of the configuration in `test/cli`, which looks for the notes in this folder. Resolves to a line that it says.
 * Both are gone when the test is over.
 */
async function startDev(t: TestContext, folder: string, has: string): Promise<string> {
  process.env["NOTES"] = folder;
  const control = new AbortController();
  let said = "";
  const write = (text: string) => {
    said += text;
  };
  const io = { out: write, err: write, tty: false, env: {}, cwd: folder, signal: control.signal };
  let code: number | undefined;
  const over = run(["dev", "--port", "0", "--json", "--config", CONFIG], io).then((done) => {
    code = done;
  });
  t.after(async () => {
    control.abort();
    await over;
    rmSync(folder, { recursive: true });
    assert.equal(code, 0, said);
  });
  await until(() => {
    assert.equal(code, undefined, said);
    return said.includes(has);
  });
  return linesOf(said).find((line) => line.includes(has)) ?? "";
}

async function until(fits: () => boolean | Promise<boolean>) {
  for (let looks = 0; !(await fits()); looks++) {
    assert.ok(looks < 1_000, "it never came to that");
    await pause(20);
  }
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

test("what is typed wrongly is exit code 2, what is missing is said in a sentence", async (t) => {
  const typo = await type("tial");
  assert.equal(typo.code, 2);
  assert.match(typo.err, /Did you mean tail\?/);
  assert.equal((await type("replay")).code, 2);
  const lost = await type("health", "--config", "nowhere.ts");
  assert.equal(lost.code, 1);
  assert.match(lost.err, /^error there is no .*nowhere\.ts\n$/);
  const { below } = folderOf(t, NOTE);
  assert.match((await typeIn(below, "audit", "notes.none")).err, /is no type of these providers/);
  assert.match((await type("tail", "--help")).out, /Examples:\n {2}\$ npx tidemark tail/);
});

test("completion knows every command and option", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { out, code } = await type("completion", shell);
    assert.equal(code, 0);
    for (const word of ["tail", "doctor", "audit", shell === "fish" ? "no-follow" : "--no-follow"])
      assert.ok(out.includes(word));
  }
});

test("setup without a word on where webhooks go is an error, not silence", async (t) => {
  const { folder } = folderOf(t, "{}");
  const { code, err } = await type("setup", "--config", join(folder, "tidemark.config.mjs"));
  assert.equal(code, 1);
  assert.match(err, /name a provider and --url, or write urls into the configuration/);
});

test("from a folder below its configuration a command looks at the store that is beside it", async (t) => {
  const { folder, below } = folderOf(t, NOTE);
  assert.match((await typeIn(below, "health")).out, /all is well/);
  assert.deepEqual([existsSync(join(folder, "tidemark.db")), existsSync(join(below, "tidemark.db"))], [true, false]);
});

test("of a subscription that never was, and of when a webhook came, the store knows nothing", async (t) => {
  const { below } = folderOf(t, NOTE);
  const typo = await typeIn(below, "replay", "lgo", "--from-start");
  assert.deepEqual([typo.code, typo.out], [1, ""]);
  assert.match(typo.err, /there is no subscription "lgo"/);
  assert.equal((await typeIn(below, "sweep")).code, 0);
  const health = (await typeIn(below, "health")).out;
  assert.match(health, /type .*last sweep\nnotes\.note/);
  assert.doesNotMatch(health, /lgo|last webhook/);
});

test("a running process is told over HTTP: audit, sweep, parked and replay; dev says where its inspector is", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-cli-"));
  const write = (text: string) => writeFileSync(join(folder, "notes.json"), JSON.stringify({ a: { id: "a", text } }));
  write("1");
  writeFileSync(join(folder, "broken"), "");
  const page = (await startDev(t, folder, "inspector: ")).replace("inspector: ", "");
  const { origin, pathname, hash } = new URL(page);
  assert.deepEqual([pathname, hash], ["/inspector", `#token=${TOKEN}`]);
  const ask = (...args: string[]) => type(...args, "--url", origin, "--token", TOKEN, "--config", "nowhere.ts");

  await until(async () => (await ask("parked", "log", "--json")).out.includes('"id":"a"'));
  assert.match((await ask("parked", "log")).out, /notes\.note\s+a\s+\d+\s+\d{4}-\S+Z +Error/);
  assert.match((await ask("parked", "log", "--retry")).out, /^1 are tried again/);
  const skip = ["parked", "log", "--skip", "notes.note", "a"];
  assert.equal((await ask(...skip)).out, "a goes on with the next change\n");
  await until(async () => (await ask("parked", "log")).out === "nothing is parked\n");
  assert.equal((await ask(...skip)).code, 1);
  rmSync(join(folder, "broken"));
  assert.match((await ask("replay", "log", "--from-start")).out, /from the beginning/);
  await until(() => existsSync(join(folder, "handled")));

  write("2");
  const audit = await ask("audit", "--json");
  assert.deepEqual([audit.code, audit.json()[0].differences], [1, [{ id: "a", how: "different" }]]);
  assert.equal((await ask("sweep", "notes.note", "--json")).json()[0].changes, 1);
  assert.equal((await ask("audit")).code, 0);
  const history = await ask("show", "notes.note", "a", "--history", "--json");
  assert.deepEqual(
    history.json().map(({ after }) => after.text),
    ["1", "2"],
  );
  assert.match((await ask("health")).out, /type .*last webhook/);

  const wrong = await ask("sweep", "notes.none");
  assert.deepEqual([wrong.code, wrong.out], [1, ""]);
  assert.match(wrong.err, /answered 400: "notes\.none" is no type/);
  assert.match((await ask("parked", "none")).err, /answered 404: there is no subscription "none"/);
  assert.match((await type("sweep", "--url", origin, "--token", "x")).err, /refuses: .*; give --token/);
  assert.match((await type("sweep", "--url", "http://127.0.0.1:1", "--token", "x")).err, /does not answer/);
});

/** A process elsewhere that answers so, as the options that lead there. */
async function answering(t: TestContext, answers: Readonly<Record<string, readonly [status: number, body: object]>>) {
  const server = createServer(({ url = "" }, response) => {
    const [status, body] = answers[url] ?? [404, {}];
    response.writeHead(status, { connection: "close" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  return ["--url", `http://127.0.0.1:${(server.address() as AddressInfo).port}`, "--token", "t"];
}

test("what a process elsewhere answers cannot write on the terminal by itself", async (t) => {
  const scope = "s\u001b[2J";
  const there = await answering(t, {
    "/sweep": [200, { reports: [{ type: "a.b", scope, changes: 1, suspects: 0 }] }],
    "/audit": [200, { reports: [{ type: "a.b", scope, checked: 1, differences: [], unclear: 0 }] }],
    "/subscriptions/log/retry": [500, { error: "x\u001b]0;y\u0007" }],
  });
  for (const args of [["sweep"], ["audit"], ["parked", "log", "--retry"]]) {
    const { said } = await type(...args, ...there);
    assert.match(said, /\ufffd/, args.join(" "));
    assert.doesNotMatch(said.replaceAll("\n", ""), /\p{Cc}/u, args.join(" "));
  }
});

test("audit names what differs, of each type some", async (t) => {
  const reportOf = (type: string, differing: number) => {
    const differences = Array.from({ length: differing }, (_, i) => ({ id: `${i}`, how: "gone" }));
    return { type, scope: "", checked: 30, differences, unclear: 0 };
  };
  const there = await answering(t, { "/audit": [200, { reports: [reportOf("a.b", 22), reportOf("a.c", 1)] }] });
  const { code, out } = await type("audit", ...there);
  const [head, ...lines] = linesOf(out);
  assert.match(`${head}`, /^type +scope +checked +different +unclear$/);
  const named = Array.from({ length: 20 }, (_, i) => `gone a.b ${i}`);
  assert.deepEqual(lines.slice(2), [...named, "and 2 more of a.b", "gone a.c 0"]);
  assert.equal(code, 1);
});
