/**
 * One process of a subject with its webhooks' address: in this process, or in one of its own that can be killed.
 * @module
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Hook } from "./service/dialect.ts";
import type { Service } from "./service/serve.ts";
import type { Place, Running, Subject } from "./subject.ts";

/** GitHub's middleware listens at one path alone; the others do not mind. */
const PATH = "/api/github/webhooks";

interface Server {
  port: number;
  close(): Promise<void>;
}

/** Serves what it is given until it is closed. */
export async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, close };
}

/** Sends a webhook as the service does. Answers the status. */
export async function send(port: number, hook: Hook, { dialect, account }: Service): Promise<number> {
  const body = JSON.stringify(hook.payload);
  const headers = { "content-type": "application/json", ...dialect.headersOf(hook, body, account.now) };
  const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST", body, headers });
  await response.arrayBuffer();
  return response.status;
}

export const isTaken = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300;

/** What a case does with a process. */
export class Process {
  readonly #running: Running;
  readonly #service: Service;
  readonly #refused: Hook[];
  readonly #server: Server;

  /** @param refused collects what was not answered with 2xx */
  static async start(running: Running, service: Service, refused: Hook[]): Promise<Process> {
    return new Process(running, service, refused, await serve(running.listener));
  }
  private constructor(running: Running, service: Service, refused: Hook[], server: Server) {
    this.#running = running;
    this.#service = service;
    this.#refused = refused;
    this.#server = server;
  }

  /** Sends a webhook. Answers the status, when it was answered. */
  async send(hook: Hook): Promise<number> {
    const status = await send(this.#server.port, hook, this.#service);
    if (!isTaken(status)) this.#refused.push(hook);
    return status;
  }
  settle = (): Promise<void> => this.#running.settle();
  /** Sends webhooks one after the other, each when all that the one before led to is done. */
  async take(...hooks: Hook[]): Promise<void> {
    for (const hook of hooks) {
      await this.send(hook);
      await this.settle();
    }
  }
  /** Does what is due by itself. Answers whether it went well. */
  look = (): Promise<boolean> =>
    this.#running.look().then(
      () => true,
      () => false,
    );
  states: Running["states"] = (kind, id) => this.#running.states(kind, id);
  async close(): Promise<void> {
    await this.#server.close();
    await this.#running.close();
  }
}

/** A process of its own, which takes webhooks until it is killed. */
export async function startChild(subject: Subject, place: Place) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const given = [subject.file, subject.name, JSON.stringify(place)];
  const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), given, { env, stdio: "ignore" });
  const died = once(child, "exit");
  const [port] = await Promise.race([
    once(child, "message"),
    died.then(([code]) => {
      throw new Error(`The process of ${subject.name} ended with ${code} before it took webhooks`);
    }),
  ]);
  return {
    port: port as number,
    async kill(): Promise<void> {
      child.kill("SIGKILL");
      await died;
    },
  };
}
