/**
 * Keeps the engine's process: starts it, kills it, starts it again where the demo's cursor is.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order, Report, Settings } from "./messages.ts";

const ENGINE = fileURLToPath(new URL("./engine.ts", import.meta.url));
/** Milliseconds that it may take to start, or to end in good order. */
const PATIENCE = 15_000;

export interface Supervisor {
  /** Starts the process. Resolves to the port where it listens. */
  start(settings: Settings): Promise<number>;
  /** `kill -9`: no handler runs, nothing is flushed. Resolves when all it had said was heard. */
  kill(): Promise<void>;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

/**
 * @param heard is told what the process says
 * @param died is told when it ended though nobody wanted it to; why, it has written itself
 */
export function createSupervisor(heard: (report: Report) => void, died: () => void): Supervisor {
  let child: ChildProcess | undefined;

  /** Resolves when the process is gone and its last message was read. */
  const gone = async (process: ChildProcess) => {
    const exits = process.exitCode === null && process.signalCode === null ? once(process, "exit") : undefined;
    await Promise.all([exits, process.connected ? once(process, "disconnect") : undefined]);
  };
  const tell = (process: ChildProcess, order: Order) => process.send(order);

  return {
    async start(settings) {
      const process = fork(ENGINE, { serialization: "advanced" });
      child = process;
      process.once("exit", () => {
        if (child !== process) return;
        child = undefined;
        died();
      });
      const port = new Promise<number>((resolve, reject) => {
        process.on("message", (report: Report) => {
          if (report.kind === "listening") resolve(report.port);
          heard(report);
        });
        process.once("exit", () => reject(new Error("the engine's process ended before it listened")));
        setTimeout(() => reject(new Error(`the engine did not start within ${PATIENCE} ms`)), PATIENCE).unref();
      });
      tell(process, { do: "start", settings });
      return port;
    },
    async kill() {
      if (!child) return;
      const process = child;
      child = undefined;
      const ended = gone(process);
      process.kill("SIGKILL");
      await ended;
    },
    async stop() {
      if (!child) return;
      const process = child;
      child = undefined;
      const ended = gone(process);
      tell(process, { do: "stop" });
      const patience = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
      await ended;
      clearTimeout(patience);
    },
  };
}
