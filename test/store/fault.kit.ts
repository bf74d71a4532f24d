/** An engine on a file, webhooks for it, and a disk of its own that a test may fill and lock. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createSync, type Provider, type Store } from "tidemark";
import { systemTime, type Time } from "../../src/time.ts";

const mount = (...args: string[]) => spawnSync("mount", args, { encoding: "utf8" });

export interface Disk {
  path: string;
  /** Takes all the room that is left, or gives it back. */
  fill(): void;
  empty(): void;
  /** The whole of it cannot be written, or can. Nothing may be open on it. */
  protect(is: boolean): void;
  remove(): void;
}

/** A file system of a test's own, in memory; undefined where none can be mounted. */
export function createDisk(size: string): Disk | undefined {
  const path = mkdtempSync(join(tmpdir(), "tidemark-disk-"));
  const remove = () => rmSync(path, { recursive: true, force: true });
  if (mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path).status !== 0) {
    remove();
    return undefined;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    fill() {
      const file = openSync(ballast, "w");
      const fill = (bytes: number) => {
        for (const chunk = Buffer.alloc(bytes); ; ) writeSync(file, chunk);
      };
      for (const bytes of [1 << 20, 1 << 12, 1]) assert.throws(() => fill(bytes), { code: "ENOSPC" });
      closeSync(file);
    },
    empty: () => rmSync(ballast),
    protect(is) {
      const { status, stderr } = mount("-o", `remount,${is ? "ro" : "rw"}`, path);
      assert.equal(status, 0, stderr);
    },
    remove() {
      // What is still open on it keeps it until it is closed.
      spawnSync("umount", ["-l", path]);
      remove();
    },
  };
}

/** Holds the lock of a file, as another process. `release` resolves when it is free. */
export async function lock(path: string): Promise<{ release(): Promise<void> }> {
  const script = `
    const db = new (require("node:sqlite").DatabaseSync)(${JSON.stringify(path)}, { timeout: 60_000 });
    db.exec("begin immediate");
    process.stdin.on("end", () => db.close()).resume();
    console.log("locked");`;
  const child = spawn(process.execPath, ["--no-warnings", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return {
    release() {
      child.stdin.end();
      return new Promise((resolve) => child.once("close", () => resolve()));
    },
  };
}

/** Runs sixty times as fast: what a full disk had leased is free again after three seconds, not minutes. */
const RATE = 60;
const begun = systemTime.now();
export const quick: Time = {
  ...systemTime,
  now: () => begun + (systemTime.now() - begun) * RATE,
  after: (ms, run, hold) => systemTime.after(ms / RATE, run, hold),
};

export interface Intake {
  /** Resources whose webhook was answered 202. Each has one, so that who lost it could not find out. */
  acknowledged: string[];
  /** Posts so many webhooks at once. Answers how many were answered with each status. */
  post(count: number): Promise<Map<number, number>>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Waits until all that was acknowledged is recorded. */
  settle(): Promise<void>;
}

export function createIntake(store: Store, name = "w"): Intake {
  const provider: Provider<{ thing: { id: string } }> = {
    limits: { rate: 1e6 },
    webhook: ({ body }) => [{ type: "thing", id: Buffer.from(body).toString() }],
    probe: async () => {},
    resources: { thing: { fetch: async (id) => ({ id }), id: ({ id }) => id, readLag: { fetch: 0, list: 0 } } },
  };
  const sync = createSync({ providers: { a: provider }, store, time: quick });
  const acknowledged: string[] = [];
  let posted = 0;
  const postOne = async () => {
    const id = `${name}${++posted}`;
    const { status } = await sync.webhook("a", new Request("http://x/", { method: "POST", body: id }));
    if (status === 202) acknowledged.push(id);
    return status;
  };
  const isRecorded = async () => {
    const ids = new Set<string>();
    for (let after = 0, page = await store.entries({ after, limit: 10_000 }); page.length > 0; ) {
      for (const [i, { position, id }] of page.entries()) {
        assert.equal(position, after + i + 1, "positions have no gap");
        ids.add(id);
      }
      after = page.at(-1)?.position ?? after;
      page = await store.entries({ after, limit: 10_000 });
    }
    return acknowledged.filter((id) => !ids.has(id));
  };
  return {
    acknowledged,
    async post(count) {
      const statuses = new Map<number, number>();
      for (const status of await Promise.all(Array.from({ length: count }, postOne))) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      return statuses;
    },
    start: () => sync.start(),
    stop: () => sync.stop(),
    async settle() {
      const end = Date.now() + 60_000;
      for (let lost = await isRecorded(); lost.length > 0; lost = await isRecorded()) {
        assert.ok(
          Date.now() < end,
          `acknowledged, and not recorded: ${lost.slice(0, 5)} and others, ${lost.length} in all`,
        );
        await pause(50);
      }
    },
  };
}
