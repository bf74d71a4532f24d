/** `tail`: the stream, as it comes. */
import { Option } from "commander";
import { command, withSource } from "../command.ts";
import { jsonOption, list, scopeOption } from "../options.ts";
import { changeLine, jsonLines } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  types?: string[];
  scope?: string;
  after?: string;
  from?: "start" | "now";
  follow: boolean;
  json?: boolean;
}

export const tailCommand = ({ io }: Kit) =>
  withSource(
    io,
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
        new Option("--from <where>", "without a cursor; else now, and with --no-follow start").choices([
          "start",
          "now",
        ]),
      )
      .option("--no-follow", "end at the end of the log")
      .addOption(jsonOption()),
    ({ types, scope, after, from, follow, json }: Options) =>
      async (source) => {
        const filter = { ...(types && { types }), ...(scope !== undefined && { scope }) };
        const begin = { after: after ?? null, from: from ?? (follow ? "now" : "start") } as const;
        for await (const change of source.changes({ ...filter, ...begin, follow, signal: io.signal })) {
          io.out(json ? jsonLines([change]) : changeLine(io, change));
        }
      },
  );
