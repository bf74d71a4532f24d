/** `show`: one resource, and how it got there. */
import { Option } from "commander";
import {
  command,
  configOption,
  jsonOption,
  scopeOption,
  tokenOption,
  urlOption,
  type Where,
  wholeNumber,
  withSource,
} from "../options.ts";
import { ago, changeLine, jsonOf } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options extends Where {
  scope?: string;
  maxAge?: number;
  history?: boolean;
  json?: boolean;
}

export const showCommand = ({ io, exit }: Kit) =>
  command("show", "Shows what is recorded of a resource", [
    "show stripe.invoice in_123",
    "show github.issue acme/app#7 --max-age 0",
    "show stripe.invoice in_123 --history",
  ])
    .argument("<type>", "as in stripe.invoice")
    .argument("<id>")
    .addOption(scopeOption())
    .addOption(new Option("--max-age <ms>", "at least that fresh: asks the service if need be").argParser(wholeNumber))
    .option("--history", "the changes that the log still holds, the oldest first")
    .addOption(jsonOption())
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .action(async (type: string, id: string, options: Options) => {
      const { scope, maxAge, history, json } = options;
      const where = scope === undefined ? {} : { scope };
      await withSource(io, options, async (source) => {
        if (history) {
          for await (const change of source.history(type, id, where)) {
            io.out(json ? `${jsonOf(change)}\n` : changeLine(io, change));
          }
          return;
        }
        const known = await source.get(type, id, { ...where, ...(maxAge !== undefined && { maxAge }) });
        if (!known) {
          io.err(`${type} ${id} was never seen\n`);
          return exit(1);
        }
        if (json) return io.out(`${jsonOf(known)}\n`);
        io.out(known.state === null ? "gone\n" : `${jsonOf(known.state, 2)}\n`);
        io.err(`as of ${new Date(known.at).toISOString()}, ${ago(known.at, Date.now())}\n`);
      });
    });
