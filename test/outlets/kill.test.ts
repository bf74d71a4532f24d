/** The process of an outlet is killed with -9 in the midst of its work: the next one goes on, and nothing is lost. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createTold } from "./kill.log.ts";
import { createReceiver } from "./receiver.ts";

const CHANGES = 300;

test("an outlet's process is killed twice: each change comes, what comes again has the same id, and each resource is in order", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-kill-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const receiver = await createReceiver(t);
  const log = createTold(join(folder, "out.db"));
  await log.write();
  await log.sync.stop();
  let child: ChildProcess;
  let starts = 0;
  // The hold of one that died is over after 90 seconds: the next one's clock is so far ahead.
  const start = () => {
    const args = [join(folder, "out.db"), receiver.url, String(starts++ * 100_000)];
    child = fork(fileURLToPath(new URL("kill.child.ts", import.meta.url)), args, { execArgv: process.execArgv });
  };
  const texts = new Map<string, string>();
  const order = new Map<string, string[]>();
  const done = new Promise<void>((complete) => {
    receiver.answer = ({ headers, body }) => {
      const id = String(headers["webhook-id"]);
      const { data } = JSON.parse(body);
      const said = `${data.id} ${data.after.text}`;
      assert.equal(texts.get(id) ?? said, said, "one id, one change");
      if (!texts.has(id)) order.set(data.id, [...(order.get(data.id) ?? []), data.after.text]);
      texts.set(id, said);
      if (texts.size === CHANGES) complete();
      return 204;
    };
  });
  start();
  t.after(() => child.kill("SIGKILL"));
  const kill = async (at: number) => {
    while (texts.size < at) await receiver.next();
    const ended = new Promise((closed) => child.once("exit", closed));
    child.kill("SIGKILL");
    await ended;
    start();
  };
  await kill(40);
  await kill(190);
  await done;
  assert.equal(order.size, 100);
  for (const [note, seen] of order) assert.deepEqual(seen, ["a", "b", "c"], note);
  assert.ok(receiver.accepted.length > CHANGES, "some came again");
});
