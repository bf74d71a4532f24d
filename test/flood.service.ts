/** A back end that takes signed webhooks, in a process of its own. It tells its port, and when asked how far its log is. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSync, type Provider, WebhookRejected } from "tidemark";
import { webhook } from "tidemark/node";
import { sqlite } from "tidemark/sqlite";
import { verifyHmac } from "tidemark/verify";

export const SECRET = "flood-secret-of-the-test";

export type Told = { kind: "ready"; port: number } | { kind: "rest"; changes: number; mb: number };

if (import.meta.main) {
  const [path = ""] = process.argv.slice(2);
  const store = sqlite(path);
  const provider: Provider<{ thing: { id: string } }> = {
    limits: { rate: 1e6 },
    webhook({ headers, body }) {
      const holds = verifyHmac([SECRET], [body], headers.get("signature") ?? "");
      if (!holds) throw new WebhookRejected("the signature does not hold");
      const { id, event } = JSON.parse(Buffer.from(body).toString());
      return [{ type: "thing", id, event: { id: event, name: "thing.changed" } }];
    },
    probe: async () => {},
    resources: { thing: { fetch: async (id) => ({ id }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } },
  };
  const sync = createSync({ providers: { shop: provider }, store });
  const take = webhook(sync, "shop");
  const server = createServer((request, response) => void take(request, response));
  const tell = (told: Told) => process.send?.(told);
  process.on("message", async () => {
    const { position } = await store.head();
    tell({ kind: "rest", changes: position, mb: process.resourceUsage().maxRSS / 1_024 });
  });
  process.on("disconnect", () => process.exit());
  await sync.start();
  server.listen(0, "127.0.0.1", () => tell({ kind: "ready", port: (server.address() as AddressInfo).port }));
}
