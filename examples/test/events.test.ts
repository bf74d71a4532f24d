/** A browser's `EventSource` at each host, which is killed with -9 while changes are written: each comes once, in order. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { openBrowser, openServer } from "../../test/http.events.kit.ts";
import { notes } from "./events.notes.ts";

const program = new URL("events.host.ts", import.meta.url);

for (const host of ["express", "fastify", "hono"]) {
  test(`${host}: an EventSource has every change once, across two kills`, { timeout: 60_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-events-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "log.db");
    const desk = notes();
    const sync = createSync({ providers: { desk: desk.provider }, store: sqlite(file) });
    t.after(() => sync.stop());
    let written = 0;
    const write = async (changes: number) => {
      for (const end = written + changes; written < end; written++) {
        desk.put(`${written % 5}`, `${written}`);
        await sync.get("desk.note", `${written % 5}`, { maxAge: 0 });
      }
    };
    await write(5);
    const server = await openServer(t, file, program, [host]);
    const browser = await openBrowser(t);
    const url = `${server.url}/sync/changes`;
    const refused = await browser.open("refused", url, "session=forged");
    assert.deepEqual([refused.open, refused.closed], [false, true]);
    const source = await browser.open("all", url, "session=all");
    for (const seen of [15, 45]) {
      await write(20);
      await browser.until(() => source.ids.length >= seen);
      await server.kill();
      await write(10);
      await server.start();
    }
    await write(5);
    await browser.until(() => source.ids.length >= written);
    const log: string[] = [];
    for await (const { cursor } of sync.changes({ follow: false })) log.push(cursor);
    assert.deepEqual(source.ids, log);
    assert.deepEqual([log.length, source.cuts >= 2, source.closed], [written, true, false]);
  });
}
