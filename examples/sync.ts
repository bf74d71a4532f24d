/** What every example shares: one provider, one subscription. The hosts differ only in how a webhook gets in. */
import { Octokit } from "@octokit/rest";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { sqlite } from "tidemark/sqlite";

const {
  GITHUB_API_URL = "https://api.github.com",
  GITHUB_REPO = "acme/app",
  GITHUB_TOKEN = "",
  GITHUB_WEBHOOK_SECRET = "",
  TIDEMARK_DB = "tidemark.db",
} = process.env;
if (GITHUB_TOKEN === "" || GITHUB_WEBHOOK_SECRET === "") {
  throw new Error(
    "Set GITHUB_TOKEN, GITHUB_WEBHOOK_SECRET and GITHUB_REPO (owner/name): see the README beside this file.",
  );
}

export const sync = createSync({
  providers: {
    github: github({
      client: new Octokit({ auth: GITHUB_TOKEN, baseUrl: GITHUB_API_URL }),
      webhookSecret: GITHUB_WEBHOOK_SECRET,
      repos: [GITHUB_REPO],
      types: ["issue"],
    }),
  },
  store: sqlite(TIDEMARK_DB),
  observe(event) {
    if (event.kind === "webhook" && event.status >= 400)
      console.error(`webhook: ${event.status} ${event.reason ?? ""}`);
    if (event.kind === "failed") console.error(`${event.what}: ${event.error}`);
  },
});

sync.subscribe("print", ({ id, after, via, initial }) => {
  console.log(`issue ${id}: ${after ? `${after.state}, ${after.title}` : "gone"} (${initial ? "was there" : via})`);
});

/** Runs `stop` once, when the process is asked to end: no new request first, then what is under way, then the store. */
export function onExit(stop: () => Promise<unknown>): void {
  const end = () => {
    stop()
      .then(() => sync.stop())
      .then(() => process.exit(0));
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
