/** `parked`: what a handler could not take. */
import type { ParkedChange } from "tidemark";
import { command, withSource } from "../command.ts";
import { Mistyped, table } from "../io.ts";
import { jsonOption, scopeOption } from "../options.ts";
import { jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  retry?: boolean;
  skip?: string[];
  scope?: string;
  json?: boolean;
}

export const parkedCommand = ({ io, exit }: Kit) =>
  withSource(
    io,
    command("parked", "Lists the resources whose handler threw, has them tried again or passed over", [
      "parked billing",
      "parked billing --retry",
      "parked billing --skip stripe.invoice in_123",
    ])
      .argument("<subscription>")
      .option("--retry", "all of them are handled again now, by the process that runs the subscription")
      .option("--skip <type_and_id...>", "leaves out the change that this resource waits at")
      .addOption(scopeOption())
      .addOption(jsonOption()),
    (name: string, { retry, skip, scope = "", json }: Options) => {
      const ref = skip && { ...pairOf(skip), scope };
      return async (source) => {
        if (retry) return io.out(`${await source.retry(name)} are tried again\n`);
        if (!ref) {
          const parked = await source.parked(name);
          return io.out(json ? jsonLines(parked) : textOf(parked));
        }
        const done = await source.skip(name, ref);
        if (!done) exit(1);
        io.out(done ? `${plain(ref.id)} goes on with the next change\n` : `${plain(ref.id)} is not parked\n`);
      };
    },
  );

function pairOf([type, id, ...others]: readonly string[]): { type: string; id: string } {
  if (type !== undefined && id !== undefined && others.length === 0) return { type, id };
  throw new Mistyped("--skip takes a type and an id");
}

function textOf(parked: readonly ParkedChange[]): string {
  if (parked.length === 0) return "nothing is parked\n";
  const rows = parked.map((one) =>
    [one.type, one.scope, one.id, `${one.attempts}`, one.due.toISOString(), one.error].map(plain),
  );
  return `${table([["type", "scope", "id", "attempts", "tried again", "error"], ...rows])}\n`;
}
