/** A NATS server of the test's own: a port and a store of its own, killed with -9 and started again. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, nanos } from "@nats-io/transport-node";
import type { Context } from "./outlet.kit.ts";

const STREAM = "CHANGES";
/** Bytes of a message at most, so that one can be too large. */
export const LARGEST = 20_000;

/** Where the server is: `NATS_SERVER`, or on the path, where Debian puts it, too. Undefined: nowhere. */
export function natsServer(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/bin"];
  return [process.env["NATS_SERVER"], ...folders.map((one) => join(one, "nats-server"))].find(
    (one) => one && existsSync(one),
  );
}

/** Why the tests with a server do not run here; false: they do. In CI they must. */
export const without: string | false =
  natsServer() || process.env["CI"] ? false : "there is no nats-server: install it, or say where it is in NATS_SERVER";

/** @param window milliseconds for which the stream knows a message that comes again; 0: as long as NATS does, two minutes */
export async function startNats(t: Context, { window = 0 } = {}) {
  const program = natsServer();
  if (!program) throw new Error("there is no nats-server: install it, or say where it is in NATS_SERVER");
  const store = mkdtempSync(join(tmpdir(), "tidemark-nats-"));
  const port = await freePort();
  let server: ReturnType<typeof spawn> | undefined;
  const kill = () =>
    new Promise<unknown>((ended) => {
      if (!server || server.exitCode !== null || server.signalCode !== null) return ended(undefined);
      server.once("exit", ended);
      server.kill("SIGKILL");
    });
  /** Resolves when it says that it is ready. */
  const start = () =>
    new Promise<void>((ready, failed) => {
      const child = spawn(program, ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", store], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      server = child;
      let said = "";
      child.stderr.on("data", (chunk) => {
        said += chunk;
        if (said.includes("Server is ready")) ready();
      });
      child.once("exit", () => failed(new Error(`nats-server ended: ${said.slice(-500)}`)));
    });
  await start();
  const connection = await connect({
    ...{ servers: `127.0.0.1:${port}`, maxReconnectAttempts: -1, reconnectTimeWait: 20, reconnectJitter: 0 },
  });
  t.after(async () => {
    await connection.close().catch(() => {});
    await kill();
    rmSync(store, { recursive: true, force: true });
  });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    ...{
      name: STREAM,
      subjects: ["tidemark.>"],
      max_msg_size: LARGEST,
      num_replicas: 1,
      duplicate_window: nanos(window),
    },
  });

  return {
    js: jetstream(connection, { timeout: 1_000 }),
    kill,
    /** Starts it again. Resolves when the client is connected again, and the stream is there. */
    async start() {
      await start();
      for (;;) {
        try {
          await connection.flush();
          await manager.streams.info(STREAM);
          return;
        } catch {
          // Not connected yet, or the stream is being recovered: the next answer tells.
        }
      }
    },
    /** All messages of the stream, in order. */
    async messages(): Promise<{ id: string; subject: string; body: string }[]> {
      const { state } = await manager.streams.info(STREAM);
      const consumer = await jetstream(connection).consumers.get(STREAM);
      const all: { id: string; subject: string; body: string }[] = [];
      while (all.length < state.messages) {
        for await (const message of await consumer.fetch({
          max_messages: state.messages - all.length,
          expires: 5_000,
        })) {
          all.push({ id: message.headers?.get("Nats-Msg-Id") ?? "", subject: message.subject, body: message.string() });
        }
      }
      return all;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
