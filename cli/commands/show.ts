/** `show`: one resource, and how it got there. */
import { Option } from "commander";
import { command, withSource } from "../command.ts";
import { jsonOption, scopeOption, wholeNumber } from "../options.ts";
import { ago, changeLine, jsonLines, jsonOf } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  scope?: string;
  maxAge?: number;
  history?: boolean;
  json?: boolean;
}

export const showCommand = ({ io, exit }: Kit) =>
  withSource(
    io,
    command("show", "Shows what is recorded of a resource", [
      "show stripe.invoice in_123",
      "show github.issue acme/app#7 --max-age 0",
      "show stripe.invoice in_123 --history",
    ])
      .argument("<type>", "as in stripe.invoice")
      .argument("<id>")
      .addOption(scopeOption())
      .addOption(
        new Option("--max-age <ms>", "at least that fresh: asks the service if need be").argParser(wholeNumber),
      )
      .option("--history", "the changes that the log still holds, the oldest first")
      .addOption(jsonOption()),
    (type: string, id: string, { scope, maxAge, history, json }: Options) =>
      async (source) => {
        const where = scope === undefined ? {} : { scope };
        if (history) {
          for await (const change of source.history(type, id, where)) {
            io.out(json ? jsonLines([change]) : changeLine(io, change));
          }
          return;
        }
        const known = await source.get(type, id, { ...where, ...(maxAge !== undefined && { maxAge }) });
        if (!known) {
          io.err(`${type} ${id} was never seen\n`);
          return exit(1);
        }
        if (json) return io.out(jsonLines([known]));
        io.out(known.state === null ? "gone\n" : `${jsonOf(known.state, 2)}\n`);
        io.err(`as of ${new Date(known.at).toISOString()}, ${ago(known.at, Date.now())}\n`);
      },
  );
