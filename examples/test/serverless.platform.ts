/**
 * What AWS Lambda is to a function: an instance is a process that has one event at a time, is frozen (SIGSTOP) at the moment
 * when it has answered, goes on (SIGCONT) with the next event, and may be ended (SIGKILL) at any time. It speaks the Runtime API.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const RUNTIME = fileURLToPath(new URL("serverless.runtime.ts", import.meta.url));

/** Milliseconds after which an instance that does not answer is ended, as at its timeout. */
const LIMIT = 30_000;

interface Instance {
  handler: string;
  child: ChildProcess;
  /** It asks for an event. */
  asks?: ServerResponse | undefined;
  event?: { id: string; body: string; deadline: number; kill: number | undefined } | undefined;
  /** When it was given its event, and what ends it in the midst of it. */
  given?: number;
  timer?: NodeJS.Timeout;
  /** undefined: it failed, or was ended. */
  over(answer: string | undefined): void;
}

export interface Invocation {
  /** Milliseconds of the instance's clock that it has. */
  timeout: number;
  /** When the instance is killed in the midst of it: a share (0 to 1) of what the last one that answered took for such an event. */
  kill?: number;
}

/** @param now the clock of the instances */
export async function openPlatform(env: NodeJS.ProcessEnv, now: () => number) {
  const instances = new Map<string, Instance>();
  const frozen: Instance[] = [];
  /** Milliseconds that the last one that answered took, per handler: a kill after fixed ones meets a quick machine's at rest. */
  const took = new Map<string, number>();
  const counts = { started: 0, thawed: 0, killed: 0, failed: 0 };

  const server = createServer(async (request, response) => {
    const [, key = "", , , , id = "", what = id] = (request.url ?? "").split("/");
    const instance = instances.get(key);
    if (what === "next" && instance) {
      instance.asks = response;
      return give(instance);
    }
    let body = "";
    for await (const part of request) body += part;
    // Before it can do anything more.
    instance?.child.kill("SIGSTOP");
    response.writeHead(202).end();
    if (what === "error") counts.failed++;
    else if (instance?.given) took.set(instance.handler, performance.now() - instance.given);
    instance?.over(what === "error" ? undefined : body);
  });
  // A connection that a frozen instance has stays.
  server.keepAliveTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;

  function give(instance: Instance): void {
    const { asks, event } = instance;
    if (!asks || !event) return;
    const headers = { "lambda-runtime-aws-request-id": event.id, "lambda-runtime-deadline-ms": `${event.deadline}` };
    asks.writeHead(200, { "content-type": "application/json", ...headers }).end(event.body);
    const limit = event.kill === undefined ? LIMIT : event.kill * (took.get(instance.handler) ?? 0);
    const timer = setTimeout(() => instance.child.kill("SIGKILL"), limit);
    Object.assign(instance, { asks: undefined, event: undefined, given: performance.now(), timer });
  }

  function begin(handler: string): Instance {
    const key = `${++counts.started}`;
    const own = { _HANDLER: handler, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}/${key}` };
    const child = spawn(process.execPath, [...process.execArgv, RUNTIME], {
      env: { ...env, ...own },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const instance: Instance = { handler, child, over: () => {} };
    instances.set(key, instance);
    child.once("exit", () => {
      instances.delete(key);
      instance.over(undefined);
    });
    return instance;
  }

  function thaw(handler: string): Instance | undefined {
    const at = frozen.findIndex((one) => one.handler === handler && one.child.signalCode === null);
    const [instance] = at < 0 ? [] : frozen.splice(at, 1);
    instance?.child.kill("SIGCONT");
    if (instance) counts.thawed++;
    return instance;
  }

  const end = async ({ child }: Instance) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };

  return {
    counts,
    /** Resolves to what the handler answered; undefined: it failed, or the instance was ended before. */
    async invoke(handler: string, event: unknown, { timeout, kill }: Invocation): Promise<unknown> {
      const instance = thaw(handler) ?? begin(handler);
      const body = await new Promise<string | undefined>((resolve) => {
        instance.over = resolve;
        instance.event = { id: crypto.randomUUID(), body: JSON.stringify(event), deadline: now() + timeout, kill };
        give(instance);
      });
      clearTimeout(instance.timer);
      if (instance.child.signalCode === null && instance.child.exitCode === null) frozen.push(instance);
      else counts.killed++;
      return body === undefined ? undefined : JSON.parse(body);
    },
    /** Ends an instance that is frozen, as it is done when there is nothing for it. */
    async shrink() {
      const instance = frozen.shift();
      if (instance) await end(instance);
    },
    async close() {
      await Promise.all([...instances.values()].map(end));
      server.closeAllConnections();
      server.close();
    },
  };
}
