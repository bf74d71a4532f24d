/**
 * Child processes that answer calls: each server, the load and the stub of the API have a process of their own, so that
 * none of them spends the time of another's event loop.
 * @module
 */
import { type ChildProcess, fork } from "node:child_process";

// biome-ignore lint/suspicious/noExplicitAny: any function can be called from outside
type Calls = Record<string, (...args: any[]) => unknown>;
type Message = { id: number; name: string; args: unknown[] };
type Answer = { id: number; value?: unknown; error?: string };

export type Child<Api> = {
  [K in keyof Api]: Api[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

/** What a child is started with. `preload`: a library loaded before all others. */
export interface ChildOptions {
  args?: readonly string[];
  preload?: string;
  flags?: readonly string[];
}

/** Starts a module whose last line is `answerCalls(…)`. `defer` is told how to end it. */
export function startChild<Api>(
  module: URL,
  defer: (end: () => Promise<void>) => void,
  { args = [], preload, flags = [] }: ChildOptions = {},
): Child<Api> {
  const env = { ...process.env, NODE_ENV: "production", ...(preload !== undefined && { LD_PRELOAD: preload }) };
  const profiles = process.env["BENCH_PROFILES"];
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const execArgv = ["--conditions=@tidemark/source", "--no-warnings", ...profiling, ...flags];
  const child = fork(module, args, { env, execArgv, serialization: "advanced", stdio: ["ignore", 2, 2, "ipc"] });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let ended: Error | undefined;

  child.on("message", ({ id, value, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(`${module.pathname.split("/").pop()} ${args.join(" ")}: ${error}`));
  });
  child.on("exit", (code, signal) => {
    ended = new Error(`${module.pathname} ended with ${signal ?? code}`);
    for (const { reject } of waiting.values()) reject(ended);
  });
  defer(() => end(child));

  const call = (name: string, args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++last;
      waiting.set(id, { resolve, reject });
      child.send({ id, name, args } satisfies Message);
    });
  return new Proxy({} as Child<Api>, {
    // An async function that answers a child must not take it for a promise.
    get: (_, name) => (name === "then" ? undefined : (...args: unknown[]) => call(String(name), args)),
  });
}

/** Asks a child to end by letting go of the channel, and makes it end if it does not. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.disconnect();
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await gone;
  clearTimeout(timer);
}

/** In the child: answers calls until the parent lets go; then `close`, and the end. */
export function answerCalls(calls: Calls, close: () => unknown = () => {}): void {
  process.on("message", async ({ id, name, args }: Message) => {
    const answer: Answer = await Promise.resolve()
      .then(() => calls[name]?.(...args))
      .then(
        (value) => ({ id, value }),
        (error: Error) => ({ id, error: error?.stack ?? String(error) }),
      );
    if (process.connected) process.send?.(answer);
  });
  process.on("disconnect", async () => {
    try {
      await close();
    } finally {
      process.exit(0);
    }
  });
}
