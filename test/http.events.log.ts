/** What is served: a log in a file, that this process writes, another serves and a third one reads. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { createDesk, take } from "./desk.ts";
import { type Context, openBrowser, openServer } from "./http.events.kit.ts";

/** Cookies of who sees everything, and of who sees the scope "one". */
export const [ALL, ONE] = ["session=all", "session=one"];
export type Filter = { types?: ("desk.note" | "board.note")[]; scope?: string };

export async function setUp(t: Context) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-events-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "log.db");
  const [desk, board] = [0, 1].map(() => createDesk({ scopes: ["one", "two"], feed: false }));
  if (!desk || !board) throw new Error("never");
  const store = sqlite(file);
  const sync = createSync({ providers: { desk: desk.provider, board: board.provider }, store });
  t.after(() => sync.stop());
  let written = 0;
  return {
    store,
    server: await openServer(t, file),
    browser: await openBrowser(t),
    log: async (filter: Filter = {}, after: string | null = null) =>
      (await take(sync.changes({ ...filter, after, follow: false }))).map(({ cursor }) => cursor),
    /** Notes of both types in both scopes, one change each. */
    async write(changes: number) {
      for (let i = 0; i < changes; i++) {
        const n = written++;
        const [type, of] = n % 3 === 0 ? (["board.note", board] as const) : (["desk.note", desk] as const);
        const [id, scope] = [`n${n % 7}`, n % 2 === 0 ? "one" : "two"];
        of.put(id, `${n}`, scope);
        await sync.get(type, id, { scope, maxAge: 0 });
      }
    },
    /** So many notes of so many characters, quickly; each is a change. */
    async flood(notes: number, characters: number) {
      const ids = Array.from({ length: notes }, (_, i) => `${i}`);
      for (const id of ids) desk.put(id, id.padEnd(characters, "x"), "one");
      await Promise.all(ids.map((id) => sync.hint("desk.note", id, { scope: "one" })));
      await sync.drain();
    },
  };
}
