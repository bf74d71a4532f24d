/** The docs: every block of code compiles, the provider of the guide works, every test that is named exists, no link is dead. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createSync, type Provider } from "tidemark";
import { memory, take } from "./desk.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const listed = (directory: string, end: string): string[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(end))
    .map((file) => join(root, directory, file));
const pages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
  .map((page) => join(root, page))
  .concat(listed("docs", ".md"));

/** Writes the blocks of code of all pages into a folder of the project, where they resolve what a user would. */
function extract(): string {
  const folder = mkdtempSync(join(root, "docs-test-"));
  for (const page of pages) {
    const name = relative(root, page).replace(/\W+/g, "-");
    const blocks = readFileSync(page, "utf8").matchAll(/^```ts(?: file=(\S+))?\n(.*?)^```/gms);
    for (const [i, [, file, code = ""]] of [...blocks].entries())
      writeFileSync(join(folder, file ?? `${name}-${i}.ts`), code);
  }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../tsconfig.json",
      compilerOptions: { rootDir: "..", noPropertyAccessFromIndexSignature: false },
      include: ["."],
    }),
  );
  return folder;
}

test("every block of code in the docs compiles, and the provider of the guide synchronizes a real server", async (t) => {
  const folder = extract();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.ok(readdirSync(folder).length > 6);
  // Another test has the other core: in one thread it takes a quarter less of it.
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--singleThreaded"];
  const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: "utf8" });
  assert.equal(status, 0, stdout);

  const contract = spawnSync(process.execPath, [...process.execArgv, "--test", join(folder, "notes.test.ts")], {
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, FUZZ: "500", WORLDS: "10" },
  });
  assert.equal(contract.status, 0, contract.stdout);
  assert.match(contract.stdout, /in 10 simulated worlds/);

  const all = new Map([1, 2, 3].map((n) => [`n${n}`, { id: `n${n}`, text: `note ${n}`, revision: n }]));
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    const id = url.pathname.split("/")[2];
    const after = url.searchParams.get("after") ?? "";
    const found = id === undefined ? [...all.values()].filter((note) => note.id > after).slice(0, 2) : all.get(id);
    const status = request.headers.authorization !== "Bearer token" ? 403 : found ? 200 : 410;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  type Note = { id: string; text: string; revision: number };
  type Notes = (options: { url: string; token: string; secret: string }) => Provider<{ note: Note }>;
  const { notes }: { notes: Notes } = await import(pathToFileURL(join(folder, "notes.ts")).href);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sync = createSync({ providers: { notes: notes({ url, token: "token", secret: "secret" }) }, store: memory() });
  t.after(() => sync.stop());
  const post = (body: string, key = "secret") => {
    const headers = { "x-signature": createHmac("sha256", key).update(body).digest("hex") };
    return sync.webhook("notes", new Request("http://x/", { method: "POST", body, headers }));
  };
  await sync.drain();
  all.set("n2", { id: "n2", text: "edited", revision: 9 });
  all.delete("n1");
  assert.equal((await post(JSON.stringify({ event: "e1", note: "n2", revision: 9 }))).status, 202);
  assert.equal((await post(JSON.stringify({ event: "e2", note: "n1" }))).status, 202);
  assert.equal((await post("{}", "forged")).status, 401);
  await sync.drain();
  const seen = (await take(sync.changes({ follow: false }))).map(({ id, after }) => `${id} ${after?.text ?? "gone"}`);
  assert.deepEqual(seen.slice(0, 3), ["n1 note 1", "n2 note 2", "n3 note 3"]);
  assert.deepEqual(seen.slice(3).sort(), ["n1 gone", "n2 edited"]);
});

test("an example in the docs is the program that the examples' tests run", () => {
  let shown = 0;
  for (const page of pages) {
    const blocks = readFileSync(page, "utf8").matchAll(/^```ts example=(\S+)\n(.*?)^```/gms);
    for (const [, file = "", code] of blocks) {
      shown++;
      assert.equal(code, readFileSync(join(root, "examples", file), "utf8"), `${relative(root, page)}: ${file}`);
    }
  }
  assert.ok(shown >= 5);
});

test("every test that the guarantees name exists", () => {
  const tests = listed("test", ".ts")
    .concat(listed("src/testing", ".ts"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const named = [...readFileSync(join(root, "docs/guarantees.md"), "utf8").matchAll(/\| `([^`]+)` \|/g)].map(
    ([, name = ""]) => name,
  );
  assert.ok(named.length > 20);
  // Numbers in a name may be options of the run.
  const missing = named.filter(
    (name) =>
      !tests.includes(name.replace(/^[\d]+ /, "").replace(/\d+ writes/, "writes")) &&
      !tests.includes(name.replace(/^.*? writes/, " writes")) &&
      !tests.includes(name),
  );
  assert.deepEqual(missing, []);
});

/** What a heading is called in a link, as GitHub does it: lower case, without punctuation, a hyphen for each space. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, "");
const anchorsOf = (page: string): string[] =>
  [...withoutCode(readFileSync(page, "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

test("no link between the pages is dead, nor leads to a heading that there is not", () => {
  const dead: string[] = [];
  let count = 0;
  for (const page of pages) {
    for (const [, target = ""] of withoutCode(readFileSync(page, "utf8")).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      count++;
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page : join(dirname(page), file);
      const good = existsSync(path) && (anchor === undefined || anchorsOf(path).includes(anchor));
      if (!good) dead.push(`${relative(root, page)} → ${target}`);
    }
  }
  assert.ok(count > 200, `${count}`);
  assert.deepEqual(dead, []);
});

test("every page stands in the index of the docs", () => {
  const index = readFileSync(join(root, "docs/README.md"), "utf8");
  const names = listed("docs", ".md").map((page) => relative(join(root, "docs"), page));
  assert.deepEqual(
    names.filter((name) => name !== "README.md" && !index.includes(`](${name})`)),
    [],
  );
});
