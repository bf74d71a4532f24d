/** A configuration as a user writes one: a provider whose truth is a file beside it, and a handler that may throw. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { AccessLost, defineConfig, type Provider, WebhookRejected } from "tidemark";
import { sqlite } from "tidemark/sqlite";

interface Note {
  id: string;
  text: string;
}

const folder = process.env["NOTES"] ?? ".";
const truth = (): Record<string, Note> => JSON.parse(readFileSync(`${folder}/notes.json`, "utf8"));

const notes: Provider<{ note: Note }> = {
  webhook({ headers, body }) {
    if (headers.get("signature") !== "good") throw new WebhookRejected("bad signature");
    return JSON.parse(Buffer.from(body).toString());
  },
  async probe() {
    if (existsSync(`${folder}/locked`)) throw new AccessLost("the token may not read notes");
  },
  endpoint: {
    async check(url) {
      if (existsSync(`${folder}/hook`) && readFileSync(`${folder}/hook`, "utf8") === url) return { ok: true };
      return { ok: false, fault: "missing", problem: "there is no hook" };
    },
    async ensure(url) {
      writeFileSync(`${folder}/hook`, url);
      return {};
    },
  },
  resources: {
    note: {
      fetch: async (id) => truth()[id] ?? null,
      list: async () => ({ items: Object.values(truth()), next: null }),
      id: ({ id }) => id,
      readLag: { fetch: 0, list: 0 },
    },
  },
};

export default defineConfig({
  providers: { notes },
  store: sqlite(`${folder}/tidemark.db`),
  urls: { notes: "https://app.example.com/webhooks/notes" },
  token: "a-token-of-some-length",
  ready(sync) {
    sync.subscribe("log", ({ id }) => {
      if (existsSync(`${folder}/broken`)) throw new Error("the handler is broken");
      appendFileSync(`${folder}/handled`, `${id}\n`);
    });
  },
});
