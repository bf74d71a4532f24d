/** One engine per process: Next.js loads modules anew for each bundle, and in development after each change. */
import { Octokit } from "@octokit/rest";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { sqlite } from "tidemark/sqlite";

function open() {
  const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPO = "acme/app" } = process.env;
  const { GITHUB_TOKEN = "", GITHUB_WEBHOOK_SECRET = "", TIDEMARK_DB = "tidemark.db" } = process.env;
  const sync = createSync({
    providers: {
      github: github({
        client: new Octokit({ auth: GITHUB_TOKEN, baseUrl: GITHUB_API_URL }),
        webhookSecret: () => GITHUB_WEBHOOK_SECRET,
        repos: [GITHUB_REPO],
        types: ["issue"],
      }),
    },
    store: sqlite(TIDEMARK_DB),
  });
  sync.subscribe("print", ({ id, after, via, initial }) => {
    console.log(`issue ${id}: ${after ? `${after.state}, ${after.title}` : "gone"} (${initial ? "was there" : via})`);
  });
  return sync;
}

const kept = globalThis as { tidemark?: ReturnType<typeof open> };
kept.tidemark ??= open();
export const sync = kept.tidemark;
