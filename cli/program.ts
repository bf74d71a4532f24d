/**
 * The commands, and what becomes of their errors.
 *
 *   exit code   0 well    1 something is wrong: drift, alarms, a trouble    2 the command was typed wrongly
 * @module
 */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { auditCommand } from "./commands/audit.ts";
import { completionCommand } from "./commands/completion.ts";
import { demoCommand } from "./commands/demo.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { healthCommand } from "./commands/health.ts";
import { parkedCommand } from "./commands/parked.ts";
import { replayCommand } from "./commands/replay.ts";
import { setupCommand } from "./commands/setup.ts";
import { showCommand } from "./commands/show.ts";
import { sweepCommand } from "./commands/sweep.ts";
import { tailCommand } from "./commands/tail.ts";
import { type Io, Mistyped, paint, Trouble } from "./io.ts";

const { version } = createRequire(import.meta.url)("tidemark/package.json") as { version: string };

/** How a command is made: it adds itself, and sets the exit code if that is not 0. */
export interface Kit {
  io: Io;
  exit(code: number): void;
}

const COMMANDS = [
  ...[demoCommand, devCommand, tailCommand, showCommand, healthCommand, sweepCommand, auditCommand],
  ...[setupCommand, replayCommand, parkedCommand, doctorCommand, completionCommand],
];

export function createProgram(kit: Kit): Command {
  const { io } = kit;
  const program = new Command("tidemark")
    .description("One durable, ordered stream of typed changes from the services you use.")
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(paint(io, "red", text)),
    });
  for (const command of COMMANDS) program.addCommand(command(kit).copyInheritedSettings(program));
  return program;
}

/** Runs a command line. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const program = createProgram({
    io,
    exit(next) {
      code = next;
    },
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // What a person can mend is a sentence; of the rest the stack tells where to look.
    const plain = error instanceof Trouble || error instanceof TypeError || isOwn(error);
    const text = error instanceof Error ? (plain ? error.message : (error.stack ?? error.message)) : String(error);
    io.err(`${paint(io, "red", "error")} ${text}\n`);
    return error instanceof Mistyped ? 2 : 1;
  }
}

const OWN = ["StoreError", "CursorLost", "AccessLost", "RetryLater", "TimeoutError", "PluginError"];
const isOwn = (error: unknown): boolean => error instanceof Error && OWN.includes(error.name);
