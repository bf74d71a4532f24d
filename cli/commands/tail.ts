/** `tail`: the stream, as it comes. */
import { Option } from "commander";
import {
  command,
  configOption,
  jsonOption,
  list,
  scopeOption,
  tokenOption,
  urlOption,
  type Where,
  withSource,
} from "../options.ts";
import { changeLine, jsonOf } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options extends Where {
  types?: string[];
  scope?: string;
  after?: string;
  from?: "start" | "now";
  follow: boolean;
  json?: boolean;
}

export const tailCommand = ({ io }: Kit) =>
  command("tail", "Shows the changes as they come, until Ctrl-C", [
    "tail",
    "tail --types stripe.invoice,stripe.customer --json | jq .after.status",
    "tail --no-follow",
    "tail --url https://app.example.com/sync --token $TOKEN",
  ])
    .addOption(new Option("--types <types>", "only these, with commas between").argParser(list))
    .addOption(scopeOption())
    .addOption(new Option("--after <cursor>", "resume after this change"))
    .addOption(
      new Option("--from <where>", "without a cursor; else now, and with --no-follow start").choices(["start", "now"]),
    )
    .option("--no-follow", "end at the end of the log")
    .addOption(jsonOption())
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .action((options: Options) =>
      withSource(io, options, async (source) => {
        const { types, scope, after = null, follow, json } = options;
        const { from = follow ? "now" : "start" } = options;
        const filter = { ...(types && { types }), ...(scope !== undefined && { scope }) };
        for await (const change of source.changes({ ...filter, after, from, follow, signal: io.signal })) {
          io.out(json ? `${jsonOf(change)}\n` : changeLine(io, change));
        }
      }),
    );
