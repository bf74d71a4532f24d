/** A Postgres server and a replica of it that follows asynchronously: what the machine's own binaries can, where it has them. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../postgres.ts";

/** The folder of the newest server's binaries; undefined where there are none. */
export const binaries = globSync("/usr/lib/postgresql/*/bin")
  .filter((folder) => existsSync(join(folder, "pg_basebackup")))
  .sort((a, b) => Number.parseInt(a.slice(20), 10) - Number.parseInt(b.slice(20), 10))
  .at(-1);

export interface Pair {
  /** The port of the one that takes writes. */
  port(): number;
  /** Resolves when the replica has all that was committed. */
  follow(): Promise<void>;
  /** From now on the replica gets nothing. */
  cut(): Promise<void>;
  /** The primary stops as in a power cut, and the replica takes its place. */
  failOver(): void;
  remove(): void;
}

export async function startPair(bin: string): Promise<Pair> {
  const directory = mkdtempSync(join(tmpdir(), "tidemark-pair-"));
  chmodSync(directory, 0o777);
  // A server refuses to run as root.
  const as = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  const run = (name: string, ...args: string[]) => {
    const [program = "", ...rest] = [...as, join(bin, name), ...args];
    const { status, stderr } = spawnSync(program, rest, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  };
  const [first, second] = [join(directory, "first"), join(directory, "second")];
  const ports = [await freePort(), await freePort()] as const;
  const log = (data: string) => ["-D", data, "-w", "-l", `${data}.log`];
  const start = (data: string, port: number) =>
    run("pg_ctl", "start", ...log(data), "-o", `-p ${port} -k ${directory} -c fsync=off -c listen_addresses=127.0.0.1`);
  run("initdb", "-D", first, "-U", "postgres", "-A", "trust", "--no-sync");
  start(first, ports[0]);
  run("pg_basebackup", "-h", "127.0.0.1", "-p", `${ports[0]}`, "-U", "postgres", "-D", second, "-R", "-c", "fast");
  start(second, ports[1]);

  const query = async (port: number, sql: string) => {
    const client = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` });
    await client.connect();
    try {
      return (await client.query(sql)).rows[0];
    } finally {
      await client.end();
    }
  };
  let current: 0 | 1 = 0;
  return {
    port: () => ports[current],
    async follow() {
      const { at } = await query(ports[0], "select pg_current_wal_lsn() as at");
      const has = `select coalesce(pg_last_wal_replay_lsn() >= '${at}', false) as has`;
      while (!(await query(ports[1], has)).has);
    },
    async cut() {
      await query(ports[1], "alter system set primary_conninfo = ''");
      await query(ports[1], "select pg_reload_conf()");
      while (Number((await query(ports[1], "select count(*) as n from pg_stat_wal_receiver")).n) > 0);
    },
    failOver() {
      run("pg_ctl", "stop", "-D", first, "-m", "immediate");
      run("pg_ctl", "promote", "-D", second, "-w");
      current = 1;
    },
    remove() {
      for (const data of [first, second]) {
        if (existsSync(join(data, "postmaster.pid"))) run("pg_ctl", "stop", "-D", data, "-m", "immediate");
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
