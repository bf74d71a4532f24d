/** A Strapi with an application and an editor who write in it, and the place where its webhooks arrive. */
import { type Follower, follow, type Inbox, openInbox } from "./follower.ts";
import { install } from "./install.ts";
import { type Application, application, type Editor, editor } from "./people.ts";
import { type Server, startServer } from "./server.ts";

export const ARTICLE = "api::article.article";
const SECRET = "a secret of this run";

export interface Site {
  inbox: Inbox;
  server: Server;
  app: Application;
  person: Editor;
  /** Follows it through Tidemark. `pollEvery` in ms; without it there are none but the first polls. */
  follow(pollEvery?: number): Promise<Follower>;
  close(): Promise<void>;
}

/** @param database the URL of a Postgres; left out: SQLite */
export async function openSite(database?: string): Promise<Site> {
  const folder = install();
  const inbox = await openInbox();
  const server = await startServer(folder, { url: inbox.url, secret: SECRET }, database);
  return {
    ...{ inbox, server, app: application(server), person: await editor(server) },
    follow: (pollEvery) => follow(server, inbox, SECRET, pollEvery),
    async close() {
      await server.close();
      await inbox.close();
    },
  };
}

export const tell = (text: string): void => console.log(`  ${text}`);
export const counted = (via: ReadonlyMap<string, number>): string =>
  [...via].map(([name, n]) => `${n} by ${name}`).join(", ");
