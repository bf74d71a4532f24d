/** `parked`: what a handler could not take. */
import { Mistyped, table } from "../io.ts";
import {
  command,
  configOption,
  jsonOption,
  scopeOption,
  tokenOption,
  urlOption,
  type Where,
  withSource,
} from "../options.ts";
import { jsonOf, plain } from "../print.ts";
import type { Kit } from "../program.ts";
import type { Source } from "../remote.ts";

interface Options extends Where {
  retry?: boolean;
  skip?: string[];
  scope?: string;
  json?: boolean;
}

export const parkedCommand = ({ io, exit }: Kit) =>
  command("parked", "Lists the resources whose handler threw, has them tried again or passed over", [
    "parked billing",
    "parked billing --retry",
    "parked billing --skip stripe.invoice in_123",
  ])
    .argument("<subscription>")
    .option("--retry", "all of them are handled again now, by the process that runs the subscription")
    .option("--skip <type_and_id...>", "leaves out the change that this resource waits at")
    .addOption(scopeOption())
    .addOption(jsonOption())
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .action((name: string, options: Options) => {
      const { retry, skip, scope = "", json } = options;
      const ref = skip && { ...pairOf(skip), scope };
      return withSource(io, options, async (source) => {
        if (retry) return io.out(`${await source.retry(name)} are tried again\n`);
        if (!ref) return list(source, name, json, io.out);
        const done = await source.skip(name, ref);
        if (!done) exit(1);
        io.out(done ? `${plain(ref.id)} goes on with the next change\n` : `${plain(ref.id)} is not parked\n`);
      });
    });

function pairOf([type, id, ...others]: readonly string[]): { type: string; id: string } {
  if (type !== undefined && id !== undefined && others.length === 0) return { type, id };
  throw new Mistyped("--skip takes a type and an id");
}

async function list(
  source: Pick<Source, "parked">,
  name: string,
  json: boolean | undefined,
  out: (text: string) => void,
) {
  const parked = await source.parked(name);
  if (json) return out(parked.map((one) => `${jsonOf(one)}\n`).join(""));
  if (parked.length === 0) return out("nothing is parked\n");
  const rows = parked.map((one) =>
    [one.type, one.scope, one.id, `${one.attempts}`, one.due.toISOString(), one.error].map(plain),
  );
  out(`${table([["type", "scope", "id", "attempts", "tried again", "error"], ...rows])}\n`);
}
