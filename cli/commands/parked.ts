/** `parked`: what a handler could not take. */
import type { Providers, Sync } from "tidemark";
import { withSync } from "../config.ts";
import { table } from "../io.ts";
import { command, configOption, jsonOption, scopeOption } from "../options.ts";
import { plain } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  retry?: boolean;
  skip?: [string, string];
  scope?: string;
  json?: boolean;
  config?: string;
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
    .action((name: string, options: Options) =>
      withSync(io, options.config, async (sync) => {
        const { retry, skip, scope = "", json } = options;
        if (retry) return io.out(`${await sync.retry(name)} are tried again\n`);
        if (skip) {
          const [type, id] = skip;
          const done = await sync.skip(name, { type: type as never, scope, id });
          if (!done) exit(1);
          return io.out(done ? `${plain(id)} goes on with the next change\n` : `${plain(id)} is not parked\n`);
        }
        await list(sync, name, json, io.out);
      }),
    );

async function list(
  sync: Pick<Sync<Providers>, "parked">,
  name: string,
  json: boolean | undefined,
  out: (text: string) => void,
) {
  const parked = await sync.parked(name);
  if (json) return out(parked.map((one) => `${JSON.stringify(one)}\n`).join(""));
  if (parked.length === 0) return out("nothing is parked\n");
  const rows = parked.map((one) =>
    [one.type, one.scope, one.id, `${one.attempts}`, one.due.toISOString(), one.error].map(plain),
  );
  out(`${table([["type", "scope", "id", "attempts", "tried again", "error"], ...rows])}\n`);
}
