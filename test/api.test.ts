/** docs/api.md and its neighbours: every option and every member stands in its page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Where each interface that an application writes or reads is described. */
const PAGES: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  "docs/api.md": [
    ["src/api.ts", "Sync"],
    ["src/options.ts", "SyncOptions"],
    ["src/change.ts", "Change"],
    ["src/deliver.ts", "SubscribeOptions"],
    ["src/stream.ts", "ChangesOptions"],
    ["src/stream.ts", "NewestOptions"],
    ["src/resources.ts", "ResourcesOptions"],
    ["src/get.ts", "GetOptions"],
    ["src/get.ts", "Known"],
    ["src/deliver/parked.ts", "ParkedChange"],
    ["src/sweep/audit.ts", "AuditReport"],
    ["src/sweep/audit.ts", "Difference"],
    ["src/sweep/repair.ts", "SweepReport"],
    ["src/health.ts", "Health"],
    ["src/health.ts", "SubscriptionHealth"],
    ["src/health/types.ts", "TypeHealth"],
    ["src/pause.ts", "Paused"],
  ],
  "docs/backfill.md": [
    ["src/health/progress.ts", "Progress"],
    ["src/reconcile/gaps.ts", "Gap"],
  ],
  "docs/budget.md": [
    ["src/budget/budgets.ts", "BudgetHealth"],
    ["src/provider.ts", "Limits"],
    ["src/provider.ts", "Limit"],
  ],
  "docs/cli.md": [["src/config.ts", "Config"]],
  "docs/hooks.md": [
    ["src/hook/setup.ts", "SetupOptions"],
    ["src/hook/setup.ts", "SetupReport"],
    ["src/hook/health.ts", "HookHealth"],
  ],
  "docs/http.md": [
    ["src/http.ts", "HandlerOptions"],
    ["src/http/access.ts", "AccessOptions"],
  ],
  "docs/loss.md": [
    ["src/loss/rates.ts", "Loss"],
    ["src/loss/rates.ts", "Rates"],
  ],
  "docs/inspector.md": [["src/inspector/page.ts", "InspectorOptions"]],
  "docs/outlets.md": [
    ["src/outlet.ts", "OutletOptions"],
    ["src/outlet/event.ts", "EnvelopeOptions"],
    ["src/outlet/post.ts", "ReachOptions"],
    ["outlets/webhooks/index.ts", "WebhooksOptions"],
    ["outlets/nats/index.ts", "NatsOptions"],
    ["outlets/rudderstack/index.ts", "RudderstackOptions"],
    ["outlets/zapier/index.ts", "ZapierOptions"],
  ],
  "docs/telemetry.md": [["src/otel.ts", "TelemetryOptions"]],
  "docs/stores.md": [
    ["src/store/sqlite.ts", "SqliteOptions"],
    ["src/store/postgres.ts", "PostgresOptions"],
  ],
  "docs/testing.md": [
    ["src/testing/time.ts", "VirtualTimeOptions"],
    ["src/testing/world/options.ts", "WorldOptions"],
    ["src/testing/world/test.ts", "TestWorldOptions"],
  ],
  "docs/providers/github.md": [["providers/github/index.ts", "GitHubOptions"]],
  "docs/providers/gitlab.md": [["providers/gitlab/options.ts", "GitLabOptions"]],
  "docs/providers/paypal.md": [["providers/paypal/options.ts", "PayPalOptions"]],
  "docs/providers/rest.md": [
    ["providers/rest/options.ts", "RestOptions"],
    ["providers/rest/options.ts", "ResourceOptions"],
    ["providers/rest/options.ts", "ListOptions"],
    ["providers/rest/options.ts", "FetchOptions"],
    ["providers/rest/log.ts", "LogOptions"],
    ["providers/rest/updates.ts", "UpdatesOptions"],
    ["providers/rest/signature.ts", "WebhookOptions"],
  ],
  "docs/providers/shopify.md": [["providers/shopify/options.ts", "ShopifyOptions"]],
  "docs/providers/sns.md": [["providers/sns/options.ts", "SnsOptions"]],
  "docs/providers/standard-webhooks.md": [["providers/standard-webhooks/options.ts", "StandardWebhooksOptions"]],
  "docs/providers/strapi.md": [
    ["providers/strapi/options.ts", "StrapiOptions"],
    ["providers/strapi/types.ts", "TypeOptions"],
  ],
  "docs/providers/stripe.md": [["providers/stripe/options.ts", "StripeOptions"]],
  "docs/providers.md": [
    ["src/provider.ts", "Provider"],
    ["src/provider.ts", "Resource"],
    ["src/provider.ts", "Feed"],
    ["src/provider.ts", "Hint"],
    ["src/provider.ts", "Context"],
    ["src/provider.ts", "WebhookRequest"],
    ["src/provider.ts", "Endpoint"],
    ["src/client.ts", "ClientOptions"],
    ["src/client.ts", "RequestOptions"],
  ],
};

/** What an interface has, in the order of its text: the names that stand at its first level. */
function membersOf(file: string, name: string): string[] {
  const text = read(file).replace(/\/\*\*.*?\*\//gs, "");
  const start = text.search(new RegExp(`^export (?:interface|type) ${name}\\b`, "m"));
  assert.ok(start >= 0, `${file} has no ${name}`);
  const end = text.indexOf("\n}", start);
  return [...text.slice(start, end).matchAll(/^ {2}(?:readonly )?(\w+)\??[(:<]/gm)].map(([, member = ""]) => member);
}

test("every option and every member stands in its page", () => {
  const missing: string[] = [];
  let count = 0;
  for (const [page, interfaces] of Object.entries(PAGES)) {
    // Only what is written as code counts: half of the names are words, too.
    const code = [...read(page).matchAll(/```ts.*?```|`[^`\n]+`/gs)].map(([text]) => text).join("\n");
    for (const [file, name] of interfaces) {
      // A clock is for tests, and said once, of `createSync`.
      const members = membersOf(file, name).filter((member) => member !== "time" || name === "SyncOptions");
      assert.ok(members.length > 0, `${name} of ${file} has no members: is it written otherwise now?`);
      count += members.length;
      const lacking = members.filter((member) => !new RegExp(`\\b${member}\\b`).test(code));
      missing.push(...lacking.map((member) => `${name}.${member}: ${page}`));
    }
  }
  assert.ok(count > 150, `${count}`);
  assert.deepEqual(missing, []);
});

test("every entry of the package stands in the page of the interface", () => {
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));
  assert.ok(entries.length > 20);
  const page = read("docs/api.md");
  assert.deepEqual(
    entries.filter((entry) => !page.includes(`\`tidemark${entry.slice(1)}\``)),
    [],
  );
});
