/** `replay`: has a subscription go on from an earlier place. */
import { Option } from "commander";
import { command, type Where, withSource } from "../command.ts";
import { Mistyped } from "../io.ts";
import type { Kit } from "../program.ts";

interface Options extends Where {
  after?: string;
  fromStart?: boolean;
}

export const replayCommand = ({ io }: Kit) =>
  withSource(
    io,
    command("replay", "Has a subscription handle the changes after a cursor again", [
      "replay billing --after 3f2a91c0d4e5b687.1200.1763712000000000",
      "replay billing --from-start",
    ])
      .argument("<subscription>")
      .addOption(new Option("--after <cursor>", "the change after which it goes on").conflicts("fromStart"))
      .option("--from-start", "all that the log holds"),
    (name: string, { after, fromStart, url }: Options) => {
      if (after === undefined && !fromStart) throw new Mistyped("say from where: --after <cursor>, or --from-start");
      return async (source) => {
        // Rewound before it ever ran, a name that is typed wrongly would be a subscription from then on. A process refuses it itself.
        if (url === undefined) await source.parked(name);
        await source.rewind(name, after ?? null);
        io.out(`${name} goes on ${after === undefined ? "from the beginning of the log" : `after ${after}`}\n`);
      };
    },
  );
