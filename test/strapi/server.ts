/** Strapi as a process: started with data of its own, stopped, killed, started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../postgres.ts";
import { environment } from "./install.ts";

/** A running Strapi. */
export interface Server {
  url: string;
  token: string;
  /** The folder of its data. */
  data: string;
  /** `kill -9`: what it had not sent is forgotten. */
  kill(): Promise<void>;
  /** After {@link Server.kill}: again, with the same data and port. */
  restart(): Promise<void>;
  /** Ends it, and removes its data. */
  close(): Promise<void>;
}

/** Starts one that sends its webhooks there, with SQLite or the given Postgres. */
export async function startServer(
  folder: string,
  webhook: { url: string; secret: string },
  database?: string,
): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "tidemark-strapi-data-"));
  mkdirSync(join(data, "public/uploads"), { recursive: true });
  const port = await freePort();
  const env = {
    ...environment(),
    ...{ NODE_ENV: "development", PORT: String(port), TEST_DATA: data },
    ...{ WEBHOOK_URL: webhook.url, WEBHOOK_SECRET: webhook.secret },
    ...(database !== undefined && { DATABASE_URL: database }),
  };
  let child = await launch(folder, env);
  return {
    ...{ url: `http://127.0.0.1:${port}`, token: readFileSync(join(data, "token"), "utf8"), data },
    kill: () => end(child, "SIGKILL"),
    async restart() {
      child = await launch(folder, env);
    },
    async close() {
      await end(child, "SIGTERM");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Resolves when it answers requests. */
async function launch(folder: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn("node", ["start.js"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      if (said.includes("started successfully")) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Strapi ended with ${code} before it was ready:\n${said}`)));
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(late);
}
