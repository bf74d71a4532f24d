/** What all functions share: one provider, one Postgres, and a table of the application that is as the issues at GitHub are. */
import { Octokit } from "@octokit/rest";
import pg from "pg";
import { createSync } from "tidemark";
import { github } from "tidemark/github";
import { postgres } from "tidemark/postgres";

const { DATABASE_URL, GITHUB_TOKEN, GITHUB_WEBHOOK_SECRET, GITHUB_REPO = "acme/app", GITHUB_API_URL } = process.env;
if (!DATABASE_URL || !GITHUB_TOKEN || !GITHUB_WEBHOOK_SECRET) {
  throw new Error("Set DATABASE_URL, GITHUB_TOKEN, GITHUB_WEBHOOK_SECRET and GITHUB_REPO (owner/name).");
}

/** An instance has one request at a time, and there may be a thousand instances: three clients each, no more. */
export const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 3 });

export const sync = createSync({
  providers: {
    github: github({
      client: new Octokit({ auth: GITHUB_TOKEN, ...(GITHUB_API_URL && { baseUrl: GITHUB_API_URL }) }),
      webhookSecret: GITHUB_WEBHOOK_SECRET,
      repos: [GITHUB_REPO],
      types: ["issue"],
    }),
  },
  store: postgres({ pool }),
  observe(event) {
    if (event.kind === "failed") console.error(`${event.what}: ${event.error}`);
  },
});

/** In the transaction that moves its place in the log: a function that is killed in the midst has done nothing, or all of it. */
sync.subscribe("issues", { types: ["github.issue"], transaction: true }, async ({ id, after }, tx) => {
  if (after === null) await tx.query("delete from issue where id = $1", [id]);
  else
    await tx.query(
      `insert into issue (id, title, state) values ($1, $2, $3)
       on conflict (id) do update set title = excluded.title, state = excluded.state`,
      [id, after.title, after.state],
    );
});
