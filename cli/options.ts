/**
 * Options that several commands have.
 * @module
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { readConfig, syncOf } from "./config.ts";
import { type Io, Trouble } from "./io.ts";
import { remoteSource, type Source } from "./remote.ts";

/** A command with its examples, which `--help` shows below its options. */
export function command(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ npx tidemark ${example}`);
  return new Command(name).description(description).addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

export const configOption = () =>
  new Option("-c, --config <file>", "the configuration; else tidemark.config.ts here or above").env("TIDEMARK_CONFIG");
export const jsonOption = () => new Option("--json", "a line of JSON for each thing, for programs");
export const scopeOption = () => new Option("--scope <scope>", "only this scope");
export const urlOption = () =>
  new Option("--url <url>", "ask a running process over HTTP: where its handler is").env("TIDEMARK_URL");
export const tokenOption = () => new Option("--token <token>", "what its handler asks for").env("TIDEMARK_TOKEN");

export interface Where {
  config?: string;
  url?: string;
  token?: string;
}

/** Has a command look at a sync: at a running process if a URL is given, else through the configuration's store. */
export async function withSource<T>(io: Io, where: Where, work: (source: Source) => Promise<T>): Promise<T> {
  if (where.url !== undefined) return work(remoteSource(where.url, where.token));
  await using sync = syncOf(await readConfig(io, where.config));
  return await work(sync as unknown as Source);
}

export const list = (text: string): string[] => text.split(",").filter((one) => one !== "");

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("a whole number, please.");
  return Number(text);
}

/** @throws Trouble unless the configuration has this provider */
export function checkProvider(providers: object, name: string): void {
  if (Object.hasOwn(providers, name)) return;
  throw new Trouble(`there is no provider "${name}"; there are: ${Object.keys(providers).join(", ")}`);
}
