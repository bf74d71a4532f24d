/**
 * Finds and reads `tidemark.config.ts`.
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Config, createSync, type Sync } from "tidemark";
import { type Io, Trouble } from "./io.ts";

const NAMES = ["tidemark.config.ts", "tidemark.config.mts", "tidemark.config.js", "tidemark.config.mjs"];

/** The configuration that is named, or that stands here or above. */
function findConfig({ cwd }: Io, named: string | undefined): string {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw new Trouble(`there is no ${path}`);
  }
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find(existsSync);
    if (found) return found;
    if (folder === dirname(folder)) break;
  }
  throw new Trouble(`no ${NAMES[0]} here or above: write one, see \`tidemark dev --help\`, or name it with --config`);
}

/** @throws Trouble if there is none, or it is none */
export async function readConfig(io: Io, named?: string): Promise<Config> {
  const path = findConfig(io, named);
  // One that was found above is of another folder: what it names, the store first of all, is beside it, as it is for the application.
  if (named === undefined && dirname(path) !== io.cwd) process.chdir(dirname(path));
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new Trouble(`${path} cannot be loaded: ${whyNot(cause)}`, { cause });
  }
  const config = module.default;
  if (typeof config !== "object" || config === null || !("providers" in config)) {
    throw new Trouble(
      `${path} has no default export with providers: export default defineConfig({ providers: { … } })`,
    );
  }
  return config as Config;
}

/** What Node says of a file that it cannot read; where that is one of two things that meet people at first, what mends it. */
function whyNot(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node.js reads TypeScript from 22.18 on, and this is ${process.version}: take 22.19 or later`;
  }
  if (cause instanceof SyntaxError && /outside a module|Unexpected token 'export'/.test(message)) {
    return "it is taken for CommonJS: `npm pkg set type=module` says what it is, and so does the name tidemark.config.mts";
  }
  return message;
}

/** The sync of a configuration. Its loops do not run. */
export function syncOf(config: Config): Sync<Config["providers"]> {
  const { listen: _listen, token: _token, urls: _urls, ready: _ready, ...options } = config;
  return createSync(options);
}
