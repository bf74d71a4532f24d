/** Readers at the end of a log that grows fast: nothing unseen, nothing out of order. `PG_CHANGES=1000000` for a longer campaign. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { postgres } from "tidemark/postgres";
import { figure } from "../figure.ts";
import { createGround } from "../postgres.ts";

const CHANGES = Number(process.env["PG_CHANGES"] ?? 40_000);
const WRITERS = 6;
const PAGE = 500;

function startWriter(args: readonly string[]): Promise<void> {
  const file = fileURLToPath(new URL("writer.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@tidemark/source", "--no-warnings", file, ...args]);
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(errors))));
  });
}

test(`${CHANGES} changes by ${WRITERS} processes, 3 readers at the end of the log: 0 unseen, 0 inversions`, async (t) => {
  const { pool, schema, url, clear } = await createGround(9);
  const open = () => postgres({ pool, schema });
  const store = open();
  await store.open();
  t.after(async () => {
    await store.close();
    await clear();
  });
  let writing = true;
  let problems = 0;
  /** Reads on from where it is, checks, and answers how far it came. */
  const createReader = () => {
    let position = 0;
    const ticks = new Map<string, number>();
    const prints = new Map<string, string | null>();
    return async (from: typeof store) => {
      const entries = await from.entries({ after: position, limit: PAGE });
      for (const { position: next, id, tick, before, state } of entries) {
        const known = ticks.get(id) ?? 0;
        if (next !== position + 1 || tick <= known || before !== (prints.get(id) ?? null)) problems++;
        position = next;
        ticks.set(id, tick);
        prints.set(id, state);
      }
      return { position, more: entries.length > 0 };
    };
  };
  const isOver = async (position: number) => !writing && (await store.head()).position === position;
  const polling = async () => {
    for (const read = createReader(); ; ) {
      const { position, more } = await read(store);
      if (!more && (await isOver(position))) return position;
      if (!more) await pause(1);
    }
  };
  const listening = async () => {
    let wake = () => {};
    const own = open();
    const stop = own.listen?.(() => wake());
    for (const read = createReader(); ; ) {
      // Before it looks: what comes while it does wakes it.
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const { position, more } = await read(own);
      if (more) continue;
      if (await isOver(position)) {
        stop?.();
        await own.close();
        return position;
      }
      await Promise.race([woken, pause(200)]);
    }
  };
  const restarting = async () => {
    for (const read = createReader(); ; ) {
      const own = open();
      for (let page = 0; page < 5; page++) await read(own);
      const { position, more } = await read(own);
      await own.close();
      if (!more && (await isOver(position))) return position;
    }
  };
  const begun = performance.now();
  const share = String(Math.ceil(CHANGES / WRITERS));
  const writers = Promise.all(Array.from({ length: WRITERS }, (_, i) => startWriter([url, schema, `w${i}`, share])));
  const readers = Promise.all([polling(), listening(), restarting()]);
  await writers.finally(() => {
    writing = false;
  });
  const seconds = (performance.now() - begun) / 1_000;
  const ends = await readers;
  const { position } = await store.head();
  assert.equal(problems, 0);
  assert.deepEqual(ends, [position, position, position]);
  assert.equal(position, WRITERS * Number(share));
  figure(t, "F9", `${position} changes in ${seconds.toFixed(1)} s: 0 unseen, 0 inversions`);
});
