/**
 * Servers, the load and the stub, as children of a subject.
 * @module
 */
import { type Bench, POSTGRES } from "./bench.ts";
import { type Child, startChild } from "./child.ts";
import type { Load } from "./load.ts";
import type { Server, ServerOptions } from "./server.ts";
import type { Stub } from "./stub.ts";

export interface Running {
  name: string;
  port: number;
  server: Child<Server>;
}

export const startLoad = (bench: Bench): Child<Load> =>
  startChild<Load>(new URL("load.ts", import.meta.url), bench.defer);

export async function startStub(bench: Bench, size = 0): Promise<{ stub: Child<Stub>; api: number }> {
  const stub = startChild<Stub>(new URL("stub.ts", import.meta.url), bench.defer);
  return { stub, api: await stub.start(size) };
}

/** Starts `servers/<module>.ts` in a process of its own. */
export async function startServer(
  bench: Bench,
  { name, module, preload }: { name: string; module: string; preload?: string | undefined },
  options: Omit<ServerOptions, "directory">,
): Promise<Running> {
  const directory = bench.directory();
  const child = { args: [module], ...(preload !== undefined && { preload }) };
  const server = startChild<Server>(new URL("server.ts", import.meta.url), bench.defer, child);
  return { name, server, port: await server.start({ ...options, directory }) };
}

/** This engine on a database of its own. */
export const startOnPostgres = (bench: Bench, options: Omit<ServerOptions, "directory">): Promise<Running[]> =>
  startPeer(bench, POSTGRES, async () =>
    startServer(bench, { name: POSTGRES, module: "tidemark" }, { ...options, database: await bench.database() }),
  );

/** Starts a peer, or what else not every machine has; if what it needs is not there, says so and leaves it out. */
export async function startPeer<T = Running>(bench: Bench, name: string, start: () => Promise<T>): Promise<T[]> {
  try {
    return [await start()];
  } catch (error) {
    bench.note(`${name} left out: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    return [];
  }
}
