/**
 * What the commands have in common: a name with its examples, and what they look at.
 * @module
 */
import { Command } from "commander";
import type { Config, Sync } from "tidemark";
import { readConfig, syncOf } from "./config.ts";
import type { Io } from "./io.ts";
import { configOption, tokenOption, urlOption } from "./options.ts";
import { remoteSource, type Source } from "./remote.ts";

/** A command with its examples, which `--help` shows below its options. */
export function command(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ npx tidemark ${example}`);
  return new Command(name).description(description).addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** Where a command looks. */
export interface Where {
  config?: string;
  url?: string;
  token?: string;
}

/**
 * Has a command look at a sync: at a running process if a URL is given, else through the configuration's store.
 * @param read takes the arguments, then the options. What is typed wrongly it tells before anything is looked for
 */
export function withSource<Typed extends unknown[]>(
  io: Io,
  command: Command,
  read: (...typed: Typed) => (source: Source) => Promise<void>,
): Command {
  const options = [configOption(), urlOption(), tokenOption()];
  for (const option of options) command.addOption(option);
  return command.action(async (...typed: Typed) => {
    const look = read(...typed);
    const { config, url, token } = command.opts<Where>();
    if (url !== undefined) return look(remoteSource(url, token));
    await using sync = syncOf(await readConfig(io, config));
    await look(sync as unknown as Source);
  });
}

/**
 * Has a command work on the sync of a configuration, and lets it go.
 * @param read as in {@link withSource}
 */
export function withSync<Typed extends unknown[]>(
  io: Io,
  command: Command,
  read: (...typed: Typed) => (sync: Sync<Config["providers"]>, config: Config) => Promise<void>,
): Command {
  return command.addOption(configOption()).action(async (...typed: Typed) => {
    const work = read(...typed);
    const config = await readConfig(io, command.opts<Where>().config);
    await using sync = syncOf(config);
    await work(sync, config);
  });
}
