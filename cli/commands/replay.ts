/** `replay`: has a subscription go on from an earlier place. */
import { Option } from "commander";
import { withSync } from "../config.ts";
import { Trouble } from "../io.ts";
import { command, configOption } from "../options.ts";
import type { Kit } from "../program.ts";

export const replayCommand = ({ io }: Kit) =>
  command("replay", "Has a subscription handle the changes after a cursor again", [
    "replay billing --after 3f2a91c0d4e5b687.1200.1763712000000000",
    "replay billing --from-start",
  ])
    .argument("<subscription>")
    .addOption(new Option("--after <cursor>", "the change after which it goes on").conflicts("fromStart"))
    .option("--from-start", "all that the log holds")
    .addOption(configOption())
    .action((name: string, { after, fromStart, config }: { after?: string; fromStart?: boolean; config?: string }) => {
      if (after === undefined && !fromStart) throw new Trouble("say from where: --after <cursor>, or --from-start");
      return withSync(io, config, async (sync) => {
        await sync.rewind(name, after ?? null);
        io.out(`${name} goes on ${after === undefined ? "from the beginning of the log" : `after ${after}`}\n`);
      });
    });
