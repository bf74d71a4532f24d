/** `setup`: sees to it that the services send their webhooks here. */
import { Option } from "commander";
import type { SetupReport } from "tidemark";
import { withSync } from "../config.ts";
import { type Io, Mistyped, paint, Trouble } from "../io.ts";
import { checkProvider, command, configOption, jsonOption, scopeOption } from "../options.ts";
import { jsonOf, plain } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  url?: string;
  scope?: string;
  repair: boolean;
  json?: boolean;
  config?: string;
}

export const setupCommand = ({ io, exit }: Kit) =>
  command("setup", "Makes and mends the webhooks of a service; exit code 1 if something is still wrong", [
    "setup",
    "setup stripe --url https://app.example.com/webhooks/stripe",
    "setup --no-repair",
  ])
    .argument("[provider]", "else all that have a URL in the configuration")
    .addOption(new Option("--url <url>", "where its webhooks go; else `urls` of the configuration"))
    .addOption(scopeOption())
    .option("--no-repair", "only look")
    .addOption(jsonOption())
    .addOption(configOption())
    .action((provider: string | undefined, { url, scope, repair, json, config: named }: Options) => {
      if (provider === undefined && url !== undefined) throw new Mistyped("--url is of one provider: name it");
      return withSync(io, named, async (sync, config) => {
        if (provider !== undefined) checkProvider(config.providers, provider);
        const names = provider === undefined ? Object.keys(config.urls ?? {}) : [provider];
        if (names.length === 0)
          throw new Trouble(
            "nobody said where webhooks go: name a provider and --url, or write urls into the configuration",
          );
        for (const name of names) {
          const to = url ?? config.urls?.[name];
          if (to === undefined)
            throw new Trouble(`where do the webhooks of ${name} go? --url, or urls in the configuration`);
          const options = { url: to, repair, ...(scope !== undefined && { scope }) };
          const reports = await sync.setup(name, options);
          if (reports.some(({ ok }) => !ok)) exit(1);
          for (const report of reports)
            io.out(json ? `${jsonOf({ provider: name, ...report })}\n` : textOf(io, name, report));
        }
      });
    });

/** A secret is shown this once, to the person who asked for the hook. */
function textOf(io: Io, name: string, { scope, ok, found, repaired, problem, secret }: SetupReport): string {
  const where = plain(scope === "" ? name : `${name} ${scope}`);
  const mark = ok ? paint(io, "green", repaired ? "mended" : "right ") : paint(io, "red", "wrong ");
  const why = problem ?? (repaired ? `it was ${found ?? "not right"}` : "");
  const lines = [`${mark} ${where}${why === "" ? "" : `: ${plain(why)}`}`];
  if (secret !== undefined) lines.push(`       its secret, told this once: ${secret}`);
  return `${lines.join("\n")}\n`;
}
