/**
 * The engine's process: Tidemark as an application has it, over SQLite, with a plain `node:http` server for webhooks.
 * It reports what it does to the demo, which keeps the cursor, and may kill it at any moment.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSync, type Feed, type Provider } from "tidemark";
import { github } from "tidemark/github";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { stripe } from "tidemark/stripe";
import { octokitAt, stripeAt, TOKENS } from "./clients.ts";
import { UNSTABLE } from "./emulators.ts";
import type { Order, Report, Settings } from "./messages.ts";

/** Resolves when the demo has it, whatever happens to this process then. */
const report = (message: Report) =>
  new Promise<void>((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, {}, () => resolve());
    else resolve();
  });

/**
 * The provider, for an emulator: polled more often than the real one would bear, and with no lag, for what answers
 * from one memory has no replica that could be behind.
 */
function tuned<P extends Provider>(provider: P, name: string, pollEvery: number): P {
  const readLag = { fetch: 0, list: 0 };
  const unstable: Readonly<Record<string, readonly string[]>> = UNSTABLE;
  const feeds = Object.entries(provider.feeds ?? {}).map(([key, feed]): [string, Feed] => [
    key,
    { ...feed, every: pollEvery },
  ]);
  const resources = Object.entries(provider.resources).map(([type, resource]) => {
    const volatile = [...(resource.volatile ?? []), ...(unstable[`${name}.${type}`] ?? [])];
    return [type, { ...resource, readLag, volatile }];
  });
  return { ...provider, feeds: Object.fromEntries(feeds), resources: Object.fromEntries(resources) };
}

async function start({
  file,
  port,
  after,
  repo,
  pollEvery,
  sweepEvery,
  ...at
}: Settings): Promise<() => Promise<void>> {
  const octokit = octokitAt(at.githubUrl, TOKENS.engine);
  const stripeClient = stripeAt(at.stripeUrl);
  octokit.hook.before("request", () => void report({ kind: "request" }));
  stripeClient.on("request", () => void report({ kind: "request" }));

  const sync = createSync({
    providers: {
      github: tuned(
        github({
          client: octokit,
          webhookSecret: at.githubSecret,
          repos: [repo],
          types: ["issue", "issue_comment", "label", "milestone"],
        }),
        "github",
        pollEvery,
      ),
      stripe: tuned(
        stripe({
          client: stripeClient,
          webhookSecret: at.stripeSecret,
          types: ["customer", "product", "price", "payment_intent", "charge"],
        }),
        "stripe",
        pollEvery,
      ),
    },
    store: sqlite(file),
    sweepEvery,
    observe: (event) => void report({ kind: "event", event }),
  });

  const routes = { "/github": webhook(sync, "github"), "/stripe": webhook(sync, "stripe") };
  const server = createServer((request, response) => {
    const answer = Object.entries(routes).find(([path]) => path === request.url)?.[1];
    if (answer) void answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await sync.start();
  void report({ kind: "listening", port: (server.address() as AddressInfo).port });

  const stopper = new AbortController();
  const following = (async () => {
    for await (const change of sync.changes({ after, follow: true, signal: stopper.signal })) {
      await report({ kind: "change", change });
    }
  })();
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    stopper.abort();
    await following;
    await sync.stop();
  };
}

let stop: (() => Promise<void>) | undefined;
process.on("message", async (order: Order) => {
  if (order.do === "start") stop = await start(order.settings);
  else {
    await stop?.();
    await report({ kind: "stopped" });
    process.disconnect();
  }
});
// Ctrl-C reaches every process of the terminal; the demo says when this one ends.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
