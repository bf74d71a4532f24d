/** What `npm run check` decides about the packed package. That it packs, installs and measures it, the command itself shows. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkPackage, Package } from "@arethetypeswrong/core";
import { idle, weigh } from "../scripts/pack/bundle.ts";
import { foreign } from "../scripts/pack/contents.ts";
import { problemsOf } from "../scripts/pack/lint.ts";
import { differences, needless, partOf, tableOf, type Weight, weightsIn } from "../scripts/pack/size.ts";

const engine: Weight = { entry: "tidemark", minified: 300_000, gzip: 90_000, brings: ["engine", "sqlite", "zod"] };
const node: Weight = { entry: "tidemark/node", minified: 2_900, gzip: 1_500, brings: [] };

test("only what is of use belongs into the tarball, and what every package has must be there", () => {
  const needed = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
  const code = [
    "src/row.ts",
    "dist/src/row.js",
    "dist/src/row.js.map",
    "dist/cli/main.d.ts",
    "dist/inspector/index.html",
  ];
  assert.deepEqual(foreign([...needed, ...code]), []);
  const useless = [
    "src/row.test.ts",
    "test/row.ts",
    "tidemark.db",
    "src/fixtures/a.ts",
    ".env",
    "dist/test/a.js",
    "docs/api.md",
  ];
  assert.deepEqual(foreign([...needed, ...useless]), useless);
  assert.deepEqual(foreign(needed.slice(1)), ["no package.json"]);
});

test("a module is of a part of the package, or of another one", () => {
  const parts = {
    "tidemark/dist/src/sync.js": "engine",
    "tidemark/dist/src/row.js": undefined,
    "tidemark/dist/src/store/postgres.js": "postgres",
    "tidemark/dist/src/testing/world/create.js": "testing",
    "tidemark/dist/providers/stripe/feed.js": "stripe",
    "tidemark/dist/outlets/nats/index.js": "outlets/nats",
    "tidemark/dist/cli/program.js": "cli",
    "zod/v4/core/core.js": "zod",
    "@octokit/rest/index.js": "@octokit/rest",
  };
  for (const [id, part] of Object.entries(parts)) assert.equal(partOf(id), part, id);
});

test("no entry brings another, and none the command line", () => {
  const entries = ["tidemark", "tidemark/sqlite", "tidemark/postgres", "tidemark/stripe", "tidemark/testing"];
  const more = (entry: string, ...brings: string[]) => needless({ ...node, entry, brings }, entries);
  assert.deepEqual(more("tidemark", "engine", "sqlite", "zod", "keyv"), []);
  assert.deepEqual(more("tidemark/testing", "engine", "sqlite", "testing"), []);
  assert.deepEqual(more("tidemark/stripe", "stripe", "zod", "p-retry"), []);
  assert.deepEqual(more("tidemark", "engine", "postgres", "stripe"), ["postgres", "stripe"]);
  assert.deepEqual(more("tidemark/stripe", "stripe", "engine"), ["engine"]);
  assert.deepEqual(more("tidemark", "cli", "commander"), ["cli", "commander"]);
});

test("the table says again what was written to it, and tells of what grew, shrank, came, went or brings something else", () => {
  const page = `# Size\n\n${tableOf([engine, node])}\n\nMore.\n`;
  const said = weightsIn(page);
  assert.deepEqual([...said.values()], [engine, node]);
  const measured = (change: Partial<Weight>) => differences(said, [{ ...engine, ...change }, node]);
  assert.deepEqual(measured({ gzip: 98_000, minified: 400_000 }), []);
  assert.deepEqual(measured({ gzip: 100_000 }), ["tidemark was 90.0 kB with gzip, and is 100.0 kB"]);
  assert.deepEqual(measured({ gzip: 80_000 }), ["tidemark was 90.0 kB with gzip, and is 80.0 kB"]);
  const types = { ...node, gzip: 20, minified: 0 };
  assert.deepEqual(differences(weightsIn(tableOf([types])), [types]), [], "what weighs nothing");
  assert.deepEqual(measured({ brings: ["engine"] }), ["tidemark brought engine, sqlite, zod, and brings engine"]);
  assert.deepEqual(differences(said, [engine]), ["tidemark/node is no entry any more"]);
  assert.deepEqual(differences(new Map(), [node]), ["tidemark/node is not in the table"]);
});

/** A project in which a package called tidemark is installed. */
function project(t: TestContext, files: Readonly<Record<string, string>>): string {
  const cwd = mkdtempSync(join(tmpdir(), "tidemark-bundle-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    const path = join(cwd, "node_modules", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return cwd;
}
const manifest = (more: object = {}) => JSON.stringify({ name: "tidemark", version: "1.0.0", type: "module", ...more });

test("an entry is weighed without its peers and without what it does not use", async (t) => {
  const cwd = project(t, {
    "tidemark/package.json": manifest({
      sideEffects: false,
      exports: { "./stripe": "./dist/providers/stripe/index.js" },
    }),
    "tidemark/dist/providers/stripe/index.js": `import Stripe from "stripe";\nimport { used } from "other";\nexport const make = () => [new Stripe(), used];\n`,
    "stripe/package.json": JSON.stringify({ name: "stripe", type: "module", main: "index.js" }),
    "stripe/index.js": `export default class { text = "${"x".repeat(10_000)}"; }\n`,
    "other/package.json": JSON.stringify({ name: "other", type: "module", main: "index.js", sideEffects: false }),
    "other/index.js": `export { used } from "./used.js";\nexport { unused } from "./unused.js";\n`,
    "other/used.js": `export const used = "used";\n`,
    "other/unused.js": `export const unused = "${"x".repeat(10_000)}";\n`,
  });
  const { brings, minified, gzip } = await weigh(cwd, "tidemark/stripe", ["stripe"]);
  assert.deepEqual(brings, ["other", "stripe"]);
  assert.ok(gzip > 0 && minified > 50 && minified < 1_000, `${minified} bytes`);
  assert.ok((await idle(cwd, ["tidemark/stripe"], ["stripe"])) < 100);
});

test("what is done when an entry is imported cannot be left out, and is seen", async (t) => {
  const cwd = project(t, {
    "tidemark/package.json": manifest({ exports: "./dist/src/index.js" }),
    "tidemark/dist/src/index.js": `globalThis.imported = "${"x".repeat(200)}";\nexport const one = 1;\n`,
  });
  assert.ok((await idle(cwd, ["tidemark"], [])) > 200);
});

test("types that do not resolve are seen; that CommonJS gets ESM is no fault", async () => {
  const analysis = (types: string) => {
    const files = {
      "/node_modules/tidemark/package.json": manifest({
        exports: { ".": { types: `./${types}`, default: "./index.js" } },
      }),
      "/node_modules/tidemark/index.js": "export const one = 1;\n",
      "/node_modules/tidemark/index.d.ts": "export declare const one = 1;\n",
    };
    return checkPackage(new Package(files, "tidemark", "1.0.0"));
  };
  const good = await analysis("index.d.ts");
  assert.ok(good.types && good.problems.length > 0, "it objects to ESM alone");
  assert.deepEqual(problemsOf(good), []);
  const kinds = problemsOf(await analysis("missing.d.ts")).map(({ kind }) => kind);
  assert.deepEqual(new Set(kinds), new Set(["FallbackCondition"]));
});
