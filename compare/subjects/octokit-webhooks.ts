/**
 * `@octokit/webhooks` with its middleware, and the handler that is usually written for it: the issue of the payload
 * replaces the row.
 * @module
 */
import { peer } from "../../bench/servers/peer.ts";
import { GITHUB_SECRET, githubDialect } from "../service/github.ts";
import type { Place, Running, Subject } from "../subject.ts";
import { lockTables, queryOnce } from "./kit.ts";

const CREATE = "create table if not exists issue (number integer primary key, title text)";
const UPSERT = `insert into issue values ($1, $2) on conflict (number) do update set title = excluded.title`;

async function open({ database }: Place): Promise<Running> {
  const { Webhooks, createNodeMiddleware } = peer("@octokit/webhooks");
  const { Pool } = peer("pg");
  const pool = new Pool({ connectionString: database, max: 10 });
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const webhooks = new Webhooks({ secret: GITHUB_SECRET, log });
  type Event = { payload: { action: string; issue: { number: number; title?: string } } };
  webhooks.on("issues", async ({ payload: { action, issue } }: Event) => {
    if (action === "deleted") await pool.query("delete from issue where number = $1", [issue.number]);
    else await pool.query(UPSERT, [issue.number, issue.title]);
  });
  return {
    listener: createNodeMiddleware(webhooks, { log }),
    settle: async () => {},
    look: async () => {},
    async states(_, id) {
      const { rows } = await pool.query("select title from issue where number = $1", [id]);
      return rows.map(({ title }: { title: string | null }) => (title === null ? Number.NaN : Number(title)));
    },
    close: () => pool.end(),
  };
}

export const octokitWebhooks: Subject = {
  ...{ name: "octokit/webhooks", column: "octokit/webhooks", file: "octokit-webhooks", package: "@octokit/webhooks" },
  ...{ dialect: githubDialect, does: ["webhooks"], database: true, open },
  clear: (database) => queryOnce(database, `${CREATE}; truncate issue`),
  stall: ({ database = "" }) => lockTables(database, ["issue"]),
};
