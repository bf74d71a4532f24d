/** An application that follows Strapi through Tidemark, and what its stream comes to. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { createSync } from "tidemark";
import { webhook } from "tidemark/node";
import { collection, media, single, strapi } from "tidemark/strapi";
import { memory } from "../desk.ts";
import { type Row, truthOf } from "./people.ts";
import type { Server } from "./server.ts";

const both = ["draft", "published"] as const;
const types = {
  article: collection({ uid: "api::article.article", path: "articles", statuses: both }),
  note: collection({ uid: "api::note.note", path: "notes", populate: ["article"] }),
  homepage: single({ uid: "api::homepage.homepage", path: "homepage", statuses: both }),
  page: collection({ uid: "api::page.page", path: "pages", statuses: both, localized: true }),
  file: media(),
};

/** Where webhooks arrive, whichever test is on. */
export interface Inbox {
  url: string;
  /** What is done with each. */
  take: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** How many came, and how many of them without an entry. */
  arrived: number;
  empty: number;
  close(): Promise<void>;
}

export async function openInbox(): Promise<Inbox> {
  const server = createServer((request, response) => {
    inbox.arrived++;
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (body.endsWith('"entry":null}')) inbox.empty++;
    });
    inbox.take(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const inbox: Inbox = {
    ...{ url: `http://127.0.0.1:${port}/webhooks/strapi`, arrived: 0, empty: 0, take: drop },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return inbox;
}

/** A webhook is lost. */
export const drop = (request: IncomingMessage): void => void request.socket.destroy();

/** Follows a Strapi, and resolves when all that is there is in the stream. There are none but the first polls without `pollEvery`. */
export async function follow(server: Server, inbox: Inbox, secret: string, pollEvery = 86_400_000) {
  const provider = strapi({ url: `${server.url}/api`, token: server.token, webhookSecret: secret, types, pollEvery });
  const sync = createSync({ providers: { strapi: { ...provider, limits: { rate: 200 } } }, store: memory() });
  const state = new Map<string, Row>();
  /** How many changes were found, by what: since it first had all. */
  const via = new Map<string, number>();
  sync.subscribe("test", (change) => {
    const key = `${change.type.slice("strapi.".length)} ${change.id}`;
    const after = change.after as Row | null;
    via.set(change.via, (via.get(change.via) ?? 0) + 1);
    const before = state.get(key);
    // A row's number grows with each publication, its time with each update of that row.
    if (before && after)
      assert.ok(after.id > before.id || (after.id === before.id && after.updatedAt >= before.updatedAt));
    if (after) state.set(key, after);
    else state.delete(key);
  });
  inbox.take = webhook(sync, "strapi");
  await sync.start();
  await sync.synced();
  const differs = async (): Promise<string[]> => {
    const truth = await truthOf(server);
    const keys = new Set([...truth.keys(), ...state.keys()]);
    return [...keys].filter((key) => !isDeepStrictEqual(state.get(key), truth.get(key)));
  };
  const follower = {
    ...{ sync, state, via },
    /** Waits until the stream has come to Strapi's truth, and answers after how many ms. */
    async settled(most = 30_000): Promise<number> {
      const begun = Date.now();
      let wrong = await differs();
      while (wrong.length > 0 && Date.now() - begun < most) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        wrong = await differs();
      }
      assert.deepEqual(wrong, [], "the stream is not what Strapi has");
      return Date.now() - begun;
    },
    differs,
    [Symbol.asyncDispose]: () => sync.stop(),
  };
  await follower.settled();
  via.clear();
  return follower;
}
export type Follower = Awaited<ReturnType<typeof follow>>;
