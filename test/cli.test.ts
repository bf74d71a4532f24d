/** `npx tidemark`, each command as a process of its own: what is told within one is in cli.words.test.ts. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("cli/tidemark.config.ts", import.meta.url));
const TOKEN = "a-token-of-some-length";

interface Context {
  after(run: () => unknown): void;
}

function setUp(t: Context, notes: Record<string, string> = { a: "1", b: "2" }) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, NOTES: folder, TIDEMARK_CONFIG: CONFIG, NO_COLOR: "1" };
  const write = (next: Record<string, string>) => {
    const all = Object.entries(next).map(([id, content]) => [id, { id, text: content }]);
    writeFileSync(join(folder, "notes.json"), JSON.stringify(Object.fromEntries(all)));
  };
  write(notes);
  const start = (
    ...args: string[]
  ): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } => {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args], { env });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  /** Runs a command to its end. */
  const run = async (...args: string[]) => {
    const child = start(...args);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    return {
      out,
      err,
      code: code as number,
      json: () =>
        out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
    };
  };
  return { folder, write, start, run };
}

/** The lines of a stream, one after another. */
function linesOf(stream: NodeJS.ReadableStream) {
  const lines = createInterface(stream)[Symbol.asyncIterator]();
  return async (has: string): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, `the stream ended before "${has}"`);
      if (value.includes(has)) return value;
    }
  };
}

test("demo: what is received is what is, for a kill and webhooks that get lost", async (t) => {
  const { run, folder } = setUp(t);
  const { out, code } = await run("demo", "--fast", "--seed", "3");
  assert.equal(code, 0, out);
  assert.match(out, /kill -9/);
  assert.match(out, /received, no differences/);
  assert.ok(!existsSync(join(folder, "tidemark.db")), "it writes nothing");
});

test("dev runs a configuration; tail, show, health and sweep ask it over HTTP; Ctrl-C ends it well", async (t) => {
  const { write, start, run, folder } = setUp(t);
  const dev = start("dev", "--port", "0", "--json");
  const said = linesOf(dev.stderr);
  const seen = linesOf(dev.stdout);
  const url = (await said("webhooks of notes: ")).replace(/^.*: (http:.*)\/webhooks\/notes$/, "$1");
  await seen('"id":"b"');
  const tail = start("tail", "--url", url, "--token", TOKEN, "--json");
  const tailed = linesOf(tail.stdout);
  // What comes before it looks for the first time it does not show: written again and again until it does.
  let round = 10;
  const again = async () => {
    write({ a: `${++round}`, b: "2" });
    const body = JSON.stringify([{ type: "note", id: "a" }]);
    const sent = await fetch(`${url}/webhooks/notes`, { method: "POST", body, headers: { signature: "good" } });
    assert.equal(sent.status, 202);
    await seen('"id":"a"');
  };
  const shown = tailed('"id":"a"');
  let over = false;
  void shown.finally(() => (over = true));
  while (!over) await again();
  assert.equal(JSON.parse(await shown).type, "notes.note");
  tail.kill("SIGINT");
  const [tailCode] = await once(tail, "exit");
  assert.equal(tailCode, 0);

  const swept = await run("sweep", "--url", url, "--token", TOKEN, "--json");
  assert.equal(swept.json()[0].type, "notes.note", swept.err);
  const resource = await run("show", "notes.note", "a", "--url", url, "--token", TOKEN, "--json");
  assert.equal(resource.json()[0].state.text, `${round}`);
  const health = await run("health", "--url", url, "--token", TOKEN);
  assert.equal(health.code, 0, health.out);
  assert.match(health.out, /all is well\n\ntype .*last webhook/);
  const refused = await run("health", "--url", url, "--token", "wrong");
  assert.deepEqual([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /give --token/);
  const forged = await fetch(`${url}/webhooks/notes`, { method: "POST", body: "[]", headers: { signature: "bad" } });
  assert.equal(forged.status, 401);
  assert.match(await said("answered 401"), /bad signature/);
  dev.kill("SIGINT");
  const [code] = await once(dev, "exit");
  assert.equal(code, 0);
  assert.match(readFileSync(join(folder, "handled"), "utf8"), /^[ab]\n[ab]\n/);
});

test("beside no process, through the store: sweep, show, history, tail, audit", async (t) => {
  const { write, run } = setUp(t);
  const swept = await run("sweep", "--json");
  assert.deepEqual(swept.json(), [{ type: "notes.note", scope: "", changes: 2, suspects: 0 }]);
  assert.match((await run("show", "notes.note", "a")).out, /"text": "1"/);
  const unknown = await run("show", "notes.note", "zzz");
  assert.deepEqual([unknown.code, unknown.err], [1, "notes.note zzz was never seen\n"]);
  assert.equal((await run("audit")).code, 0);
  write({ a: "new" });
  const audit = await run("audit", "--json");
  assert.equal(audit.code, 1);
  assert.deepEqual(audit.json()[0].differences, [
    { id: "a", how: "different" },
    { id: "b", how: "gone" },
  ]);
  assert.match((await run("sweep", "notes.note")).out, /notes\.note\s+2\s+1/);
  const log = await run("tail", "--no-follow", "--json");
  assert.deepEqual(
    log.json().map(({ id, after }) => `${id} ${after?.text}`),
    ["a 1", "b 2", "a new", "b undefined"],
  );
  const rest = await run("tail", "--after", log.json()[2].cursor, "--no-follow");
  assert.match(rest.out, /^\d\d:\d\d:\d\d gone {4}notes\.note b sweep\n$/);
  assert.equal((await run("show", "notes.note", "b", "--history")).out.trim().split("\n").length, 2);
});

test("parked lists what a handler could not take, retries and skips it; replay goes back", async (t) => {
  const { run, start, folder } = setUp(t, { a: "1" });
  writeFileSync(join(folder, "broken"), "");
  const until = async (there: () => Promise<boolean>) => {
    for (let looks = 0; !(await there()); looks++) assert.ok(looks < 50 || dev.exitCode === null, "dev has ended");
  };
  const dev = start("dev", "--port", "0");
  await until(async () => (await run("parked", "log", "--json")).out.includes('"id":"a"'));
  assert.match((await run("parked", "log")).out, /notes\.note\s+a\s+\d+ .*the handler|Error/);
  assert.match((await run("parked", "log", "--retry")).out, /1 are tried again/);
  rmSync(join(folder, "broken"));
  await until(async () => existsSync(join(folder, "handled")));
  assert.equal((await run("parked", "log", "--skip", "notes.note", "a")).code, 1);
  assert.match((await run("replay", "log", "--from-start")).out, /from the beginning/);
  await until(async () => readFileSync(join(folder, "handled"), "utf8") === "a\na\n");
  dev.kill("SIGTERM");
  assert.equal((await once(dev, "exit"))[0], 0);
});

test("doctor says what is wrong and what mends it, and setup mends the hooks", async (t) => {
  const { run, folder } = setUp(t);
  const hookless = await run("doctor");
  assert.equal(hookless.code, 1);
  assert.match(hookless.out, /wrong notes: its webhooks: there is no hook\n +npx tidemark setup notes/);
  const looked = await run("setup", "--no-repair", "--json");
  assert.equal(looked.code, 1);
  assert.match(looked.json()[0].problem, /^there is no hook; it is not mended/);
  assert.equal((await run("setup")).out, "mended notes: it was missing\n");
  assert.equal((await run("setup", "notes")).out, "right  notes\n");
  // What changed before there was a hook is swept, and found.
  assert.match((await run("doctor")).out, /wrong 1 alarms: gap of notes hook/);
  await run("sweep");
  const well = await run("doctor");
  assert.equal(well.code, 0, well.out);
  assert.match(well.out, /ok {4}the store\n/);
  writeFileSync(join(folder, "locked"), "");
  const ill = await run("doctor", "--json");
  assert.equal(ill.code, 1);
  const wrong = ill.json().find(({ ok }) => !ok);
  assert.equal(wrong.why, "the token may not read notes");
  assert.match(wrong.mend, /permissions/);
});
