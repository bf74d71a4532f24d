/** Acknowledges webhooks as fast as it can until it is killed; each acknowledged one is a line on stdout. */
import { writeSync } from "node:fs";
import { createSync, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";

const [path = "", begin = "0"] = process.argv.slice(2);
const provider: Provider<{ thing: { id: string; at: number } }> = {
  limits: { rate: 1e6 },
  webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
  probe: async () => {},
  resources: {
    thing: { fetch: async (id) => ({ id, at: Date.now() }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } },
  },
};
const sync = createSync({ providers: { a: provider }, store: sqlite(path), concurrency: 16 });
await sync.start();
let next = Number(begin);
const post = async () => {
  for (;;) {
    const id = String(++next);
    const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
    if (status === 202) writeSync(1, `${id}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, post));
