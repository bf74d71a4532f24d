/**
 * Packs the package as it would be published, installs it into an empty project, imports every entry, and type-checks
 * a consumer: what the tests cannot see, because they run on the sources.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const consumer = `
import { createSync, defineConfig, type ChangeOf } from "tidemark";
import { github } from "tidemark/github";
import { gitlab } from "tidemark/gitlab";
import { createHandler } from "tidemark/http";
import { listener, webhook } from "tidemark/node";
import { createTelemetry } from "tidemark/otel";
import { nats } from "tidemark/outlets/nats";
import { rudderstack } from "tidemark/outlets/rudderstack";
import { webhooks } from "tidemark/outlets/webhooks";
import { zapier } from "tidemark/outlets/zapier";
import { paypal } from "tidemark/paypal";
import { rest, state } from "tidemark/rest";
import { shopify } from "tidemark/shopify";
import { sns } from "tidemark/sns";
import { sqlite } from "tidemark/sqlite";
import { standardWebhooks } from "tidemark/standard-webhooks";
import { collection, strapi } from "tidemark/strapi";
import { stripe } from "tidemark/stripe";
import { testStore, testWorld } from "tidemark/testing";
import { verifyHmac } from "tidemark/verify";
import { Octokit } from "@octokit/rest";
import Stripe from "stripe";

const sync = createSync({
  providers: {
    stripe: stripe({ client: new Stripe("sk_test_x"), webhookSecret: "whsec_x", types: ["customer", "invoice"] }),
    github: github({ client: new Octokit(), webhookSecret: "x", repos: ["a/b"], types: ["issue"] }),
    gitlab: gitlab({ token: "x", webhookSecret: "x", projects: ["7"], types: ["issue", "merge_request"] }),
    strapi: strapi({
      ...{ url: "https://cms.example/api", token: "x", webhookSecret: "x" },
      types: { article: collection<{ title: string }>({ uid: "api::article.article", path: "articles" }) },
    }),
    app: sns({
      topics: "arn:aws:sns:eu-west-1:123456789012:notes",
      inner: standardWebhooks({
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        resources: { note: { fetch: async (id: string) => ({ id, text: "" }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } },
        probe: async () => {},
      }),
      hints: (message) => [{ type: "note", id: message }],
    }),
    paypal: paypal({ clientId: "x", clientSecret: "x", webhookId: "x", types: ["order", "capture"] }),
    shopify: shopify({ shops: ["a.myshopify.com"], token: "x", webhookSecret: "x", types: ["order"] }),
    live: rest({
      ...{ name: "LiveAPI", url: "https://api.example.com/v1/" },
      resources: {
        stream: { state: state<{ title: string }>(), fetch: "streams/{id}", list: { path: "streams" }, version: { time: "at" } },
      },
    }),
  },
  store: sqlite(":memory:"),
});
sync.subscribe("all", { initial: false }, (change) => {
  if (change.type === "stripe.invoice") change.after?.amount_due.toFixed();
  if (change.type === "github.issue") change.after?.title.toUpperCase();
  if (change.type === "gitlab.issue") change.after?.title.toUpperCase();
  if (change.type === "app.note") change.after?.text.toUpperCase();
  if (change.type === "live.stream") change.after?.title.toUpperCase();
  if (change.type === "paypal.capture") change.after?.status.toUpperCase();
  if (change.type === "shopify.order") change.after?.currentTotalPriceSet.shopMoney.amount.toUpperCase();
  if (change.type === "strapi.article") change.after?.title.concat(change.after.documentId);
  // @ts-expect-error: this type was not selected
  if (change.type === "stripe.charge") return;
});
sync.subscribe("some", { types: ["stripe.customer"] }, (change) => {
  const type: "stripe.customer" = change.type;
  return [type, change.before?.email];
});
webhooks(sync, {
  ...{ name: "crm", url: "https://crm.example/hooks", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
  types: ["stripe.customer"],
  data: (change) => ({ email: change.after?.email }),
});
nats(sync, { name: "bus", js: { publish: async () => ({}) }, types: ["github.issue"] });
rudderstack(sync, {
  ...{ name: "rudder", url: "https://data.example", writeKey: "x", types: ["stripe.invoice"] },
  user: ({ after }) => after && { userId: String(after.customer) },
});
export const zap = zapier(sync, {
  hooks: { list: () => [], add: () => {}, remove: () => {} },
  authorize: () => true,
});
type All = ChangeOf<{ stripe: ReturnType<typeof stripe<"customer">> }>;
export const typed = async (change: All) => (await sync.get("github.issue", "1"))?.state?.number ?? change.after?.email;
const telemetry = createTelemetry();
telemetry.watch(sync);
export const served = listener(createHandler(sync, { token: "a-token-of-some-length", authorize: () => ({ scope: "a" }) }));
export const config = defineConfig({
  providers: { github: github({ client: new Octokit(), webhookSecret: "x", repos: ["a/b"], types: ["issue"] }) },
  observe: telemetry.observe,
  urls: { github: "https://app.example/webhooks/github" },
  ready: (one) => one.subscribe("log", ({ after }) => after?.title),
});
export const others = [webhook(sync, "stripe"), testStore, testWorld, verifyHmac];
`;
/** As strict as an application can be; the published types themselves are checked, too. */
const compilerOptions = {
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
  ...{
    module: "nodenext",
    target: "es2023",
    lib: ["es2024", "esnext.disposable", "dom"],
    types: ["node"],
    noEmit: true,
  },
};

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = z.object({
  exports: z.record(z.string(), z.unknown()),
  devDependencies: z.record(z.string(), z.string()),
});
const { exports, devDependencies } = manifest.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const scratch = mkdtempSync(join(tmpdir(), "tidemark-pack-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** Answers what the command writes. If it fails, one line says what was tried, then its own words follow. */
function run(what: string, command: string, args: readonly string[], cwd: string): string {
  const shell = process.platform === "win32" && command === "npm";
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status === 0) return stdout;
  console.error(`The package is not fit to publish: ${what} failed.\n${error?.message ?? `${stdout}${stderr}`}`);
  process.exit(1);
}

interface Packed {
  tarball: string;
  /** In kilobytes. */
  size: number;
  unpacked: number;
}

/** The build comes first by itself, so that what npm answers is JSON and nothing else. */
function pack(): Packed {
  run("the build", "npm", ["run", "build"], root);
  const flags = ["--ignore-scripts", "--json", "--pack-destination", scratch];
  const answer = JSON.parse(run("npm pack", "npm", ["pack", ...flags], root));
  const shape = z.tuple([z.object({ filename: z.string(), size: z.number(), unpackedSize: z.number() })]);
  const [{ filename, size, unpackedSize }] = shape.parse(answer);
  return {
    tarball: join(scratch, filename),
    size: Math.round(size / 1_000),
    unpacked: Math.round(unpackedSize / 1_000),
  };
}

/** An empty project with the tarball and some packages in the versions of ours. */
function install(name: string, tarball: string, packages: readonly string[]): string {
  const cwd = join(scratch, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  const pinned = packages.map((one) => `${one}@${devDependencies[one]}`);
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  run(`npm install of the tarball (${name})`, "npm", ["install", ...flags, tarball, ...pinned], cwd);
  return cwd;
}

function importEntries(names: readonly string[], cwd: string): void {
  for (const name of names) {
    const how = name.endsWith(".json") ? ', { with: { type: "json" } }' : "";
    const script = `await import(${JSON.stringify(name)}${how});`;
    run(
      `importing "${name}" without the providers' clients`,
      process.execPath,
      ["--input-type=module", "-e", script],
      cwd,
    );
  }
}

/** The command as a stranger runs it: `npx tidemark demo`. */
function playDemo(cwd: string): void {
  const said = run("npx tidemark demo", "npx", ["--no-install", "tidemark", "demo", "--fast"], cwd);
  if (!/received, no differences/.test(said)) throw new Error(`npx tidemark demo ended otherwise:\n${said}`);
}

function typeCheck(cwd: string): void {
  writeFileSync(join(cwd, "consumer.ts"), consumer);
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["consumer.ts"] }));
  run("type-checking a consumer", process.execPath, [join(cwd, "node_modules/typescript/bin/tsc"), "-p", "."], cwd);
}

const names = Object.keys(exports).map((entry) => `tidemark${entry.slice(1)}`);
const { tarball, size, unpacked } = pack();
// What is for OpenTelemetry needs its API; nothing else needs anything that the package does not bring.
const bare = install("bare", tarball, []);
importEntries(
  names.filter((name) => name !== "tidemark/otel"),
  bare,
);
playDemo(bare);
const full = install("full", tarball, ["stripe", "@octokit/rest", "@opentelemetry/api", "typescript", "@types/node"]);
importEntries(["tidemark/otel"], full);
typeCheck(full);
console.log(
  `The package installs, its ${names.length} entries import, a consumer type-checks; ${size} kB packed, ${unpacked} kB unpacked.`,
);
