/** `dev`: runs a configuration: the loops, the handler over HTTP, and the changes on screen. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Option } from "commander";
import type { Config } from "tidemark";
import { createHandler } from "tidemark/http";
import { listener } from "tidemark/node";
import { command } from "../command.ts";
import { readConfig, syncOf } from "../config.ts";
import { type Io, paint, Trouble } from "../io.ts";
import { configOption, jsonOption, wholeNumber } from "../options.ts";
import { changeLine, jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  config?: string;
  port?: number;
  json?: boolean;
}

export const devCommand = ({ io }: Kit) =>
  command("dev", "Runs tidemark.config.ts: takes webhooks, polls, sweeps, and shows the changes", [
    "dev",
    "dev --port 8080",
    "dev --json | jq -c '[.type, .id]'",
  ])
    .addOption(
      new Option("-p, --port <port>", "where it listens; else the configuration's, else 3000").argParser(wholeNumber),
    )
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText("after", `\nA configuration:\n${CONFIG}`)
    .action(async ({ config: named, port, json }: Options) => {
      const config = await readConfig(io, named);
      await using sync = syncOf({ ...config, observe: observed(io, config) });
      const token = tokenOf(io, config);
      const handler = createHandler(sync, { token, operate: true, inspector: true });
      // What the start finds is shown, too.
      const before = sync.changes({ from: "now", follow: false });
      for await (const _ of before);
      await config.ready?.(sync as never);
      await sync.start();
      const server = createServer(listener(handler));
      const host = config.listen?.host ?? "127.0.0.1";
      const url = await listen(server, port ?? config.listen?.port ?? PORT, host);
      for (const name of Object.keys(config.providers)) io.err(`webhooks of ${name}: ${url}/webhooks/${name}\n`);
      io.err(`changes: ${url}/changes\n`);
      io.err(`inspector: ${inspectorOf(url, token)}\nCtrl-C ends it\n`);
      try {
        for await (const change of sync.changes({ after: before.cursor, signal: io.signal })) {
          io.out(json ? jsonLines([change]) : changeLine(io, change));
        }
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });

const PORT = 3_000;

/** What goes wrong is said as it happens. */
const observed =
  (io: Io, config: Config): NonNullable<Config["observe"]> =>
  (event) => {
    config.observe?.(event);
    if (event.kind === "webhook" && event.status >= 400) {
      io.err(
        `${paint(io, "yellow", "webhook")} of ${event.provider} answered ${event.status}: ${plain(event.reason ?? "")}\n`,
      );
    }
    if (event.kind === "failed")
      io.err(
        `${paint(io, "yellow", event.what)}${event.scope ? ` ${plain(event.scope)}` : ""}: ${plain(event.error)}\n`,
      );
  };

/** Without a token of its own it has one for this run, so that nobody else on this machine sees the changes. */
function tokenOf(io: Io, config: Config): string | readonly string[] {
  const token = config.token ?? io.env["TIDEMARK_TOKEN"];
  if (token !== undefined) return token;
  const made = randomBytes(24).toString("base64url");
  io.err(`token for this run: ${made}   set TIDEMARK_TOKEN to keep one\n`);
  return made;
}

/**
 * The page takes the token out of its address before anything else, and a fragment is never sent. Where `dev` listens for
 * everybody the page is for this machine all the same.
 */
function inspectorOf(url: string, token: string | readonly string[]): string {
  const page = new URL("/inspector", url);
  if (page.hostname === "0.0.0.0" || page.hostname === "[::]") page.hostname = "127.0.0.1";
  page.hash = `token=${encodeURIComponent([token].flat()[0] ?? "")}`;
  return page.href;
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? `port ${port} is taken: choose another with --port` : cause.message;
      reject(new Trouble(why, { cause }));
    });
    server.listen(port, host, () => {
      const { address, port: bound, family } = server.address() as AddressInfo;
      resolve(`http://${family === "IPv6" ? `[${address}]` : address}:${bound}`);
    });
  });
}

const CONFIG = `
  import { defineConfig } from "tidemark";
  import { github } from "tidemark/github";
  import { Octokit } from "@octokit/rest";

  export default defineConfig({
    providers: {
      github: github({
        client: new Octokit({ auth: process.env.GITHUB_TOKEN }),
        webhookSecret: process.env.GITHUB_WEBHOOK_SECRET ?? "",
        repos: ["acme/app"],
      }),
    },
    ready(sync) {
      sync.subscribe("log", (change) => console.log(change.type, change.id));
    },
  });
`;
