/**
 * What the peers need: databases in the PostgreSQL of this machine, and a Redis of our own.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { peer } from "../servers/peer.ts";

/** A connection string. */
export type Database = string;
type Defer = (end: () => unknown) => void;

const server = () => process.env["BENCH_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432";

/** Creates a database that is dropped in the end. */
export async function createDatabase(name: string, defer: Defer): Promise<Database> {
  const run = async (sql: string) => {
    const client = new (peer("pg").Client)({ connectionString: `${server()}/postgres` });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`create database ${name}`);
  defer(() => run(`drop database if exists ${name} with (force)`));
  return `${server()}/${name}`;
}

/** Starts a Redis that syncs each write before it answers. Answers its port. */
export async function startRedis(directory: string, defer: Defer, preload?: string): Promise<number> {
  const port = await freePort();
  const options = ["--port", String(port), "--dir", directory, "--save", "", "--appendonly", "yes"];
  const durable = ["--appendfsync", "always", "--bind", "127.0.0.1", "--maxmemory-policy", "noeviction"];
  const env = { ...process.env, ...(preload !== undefined && { LD_PRELOAD: preload }) };
  const redis = spawn("redis-server", [...options, ...durable], { stdio: "ignore", env });
  const failed = new Promise<never>((_, reject) => redis.once("error", reject));
  defer(() => endProcess(redis));
  await Promise.race([listening(port), failed]);
  return port;
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("redis-server did not start");
}
