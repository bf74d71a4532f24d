/**
 * Packs the package as it would be published, installs it into an empty project, imports every entry, and type-checks
 * a consumer: what the tests cannot see, because they run on the sources.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "tidemark-pack-"));

function run(what: string, command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  console.error(`${what} failed:\n${stdout}${stderr}`);
  rmSync(scratch, { recursive: true, force: true });
  process.exit(1);
}

/** An empty project that has installed the tarball and these packages. */
function install(name: string, tarball: string, packages: readonly string[]): string {
  const cwd = mkdtempSync(join(scratch, name));
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  run(`npm install of the tarball (${name})`, "npm", ["install", ...flags, tarball, ...packages], cwd);
  return cwd;
}

const consumer = `
import { createSync, type ChangeOf } from "tidemark";
import { github } from "tidemark/github";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { testStore } from "tidemark/testing";
import { verifyHmac } from "tidemark/verify";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";

const sync = createSync({
  providers: {
    stripe: stripe({ client: new Stripe("sk_test_x"), webhookSecret: "whsec_x", types: ["customer", "invoice"] }),
    github: github({ client: new Octokit(), webhookSecret: "x", repos: ["a/b"], types: ["issue"] }),
  },
  store: sqlite(":memory:"),
});
sync.subscribe("all", { initial: false }, (change) => {
  if (change.type === "stripe.invoice") change.after?.amount_due.toFixed();
  if (change.type === "github.issue") change.after?.title.toUpperCase();
  // @ts-expect-error: this type was not selected
  if (change.type === "stripe.charge") return;
});
sync.subscribe("some", { types: ["stripe.customer"] }, (change) => {
  const type: "stripe.customer" = change.type;
  return [type, change.before?.email];
});
type All = ChangeOf<{ stripe: ReturnType<typeof stripe<"customer">> }>;
export const typed = async (change: All) => (await sync.get("github.issue", "1"))?.state?.number ?? change.after?.email;
export const others = [webhook(sync, "stripe"), testStore, verifyHmac];
`;
const consumerConfig = {
  compilerOptions: {
    strict: true,
    module: "nodenext",
    target: "es2023",
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  },
};

const [packed] = JSON.parse(run("npm pack", "npm", ["pack", "--json", "--pack-destination", scratch], root));
const tarball = join(scratch, readdirSync(scratch).find((file) => file.endsWith(".tgz")) ?? "");
const entries = Object.keys(project.exports).filter((entry) => entry !== "./package.json");
const importing = (names: readonly string[]) => names.map((name) => `await import(${JSON.stringify(name)});`).join("");

const bare = install("bare", tarball, []);
const names = entries.map((entry) => `tidemark${entry.slice(1)}`);
run(
  "importing every entry without the providers' clients",
  process.execPath,
  ["--input-type=module", "-e", importing(names)],
  bare,
);

const { devDependencies } = project;
const pinned = ["stripe", "@octokit/rest", "typescript", "@types/node"].map(
  (name) => `${name}@${devDependencies[name]}`,
);
const full = install("full", tarball, pinned);
writeFileSync(join(full, "consumer.ts"), consumer);
writeFileSync(join(full, "tsconfig.json"), JSON.stringify({ ...consumerConfig, include: ["consumer.ts"] }));
run("type-checking a consumer", process.execPath, [join(full, "node_modules/typescript/bin/tsc"), "-p", "."], full);

rmSync(scratch, { recursive: true, force: true });
const size =
  packed === undefined
    ? ""
    : `, ${Math.round(packed.size / 1024)} kB packed, ${Math.round(packed.unpackedSize / 1024)} kB unpacked`;
console.log(`The package installs, every entry imports (${names.join(", ")}), a consumer type-checks${size}.`);
