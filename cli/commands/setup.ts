/** `setup`: sees to it that the services send their webhooks here. */
import { Option } from "commander";
import type { Config, SetupReport } from "tidemark";
import { command, withSync } from "../command.ts";
import { type Io, Mistyped, paint, Trouble } from "../io.ts";
import { jsonOption, scopeOption } from "../options.ts";
import { jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

interface Options {
  url?: string;
  scope?: string;
  repair: boolean;
  json?: boolean;
}

export const setupCommand = ({ io, exit }: Kit) =>
  withSync(
    io,
    command("setup", "Makes and mends the webhooks of a service; exit code 1 if something is still wrong", [
      "setup",
      "setup stripe --url https://app.example.com/webhooks/stripe",
      "setup --no-repair",
    ])
      .argument("[provider]", "else all that have a URL in the configuration")
      .addOption(new Option("--url <url>", "where its webhooks go; else `urls` of the configuration"))
      .addOption(scopeOption())
      .option("--no-repair", "only look")
      .addOption(jsonOption()),
    (provider: string | undefined, { url, scope, repair, json }: Options) => {
      if (provider === undefined && url !== undefined) throw new Mistyped("--url is of one provider: name it");
      return async (sync, config) => {
        for (const name of namesOf(config, provider)) {
          const to = url ?? config.urls?.[name];
          if (to === undefined)
            throw new Trouble(`where do the webhooks of ${name} go? --url, or urls in the configuration`);
          const options = { url: to, repair, ...(scope !== undefined && { scope }) };
          const reports = await sync.setup(name, options);
          if (reports.some(({ ok }) => !ok)) exit(1);
          for (const report of reports)
            io.out(json ? jsonLines([{ provider: name, ...report }]) : textOf(io, name, report));
        }
      };
    },
  );

/** The provider that is named, or all whose webhooks have somewhere to go. */
function namesOf({ providers, urls = {} }: Config, provider: string | undefined): string[] {
  if (provider !== undefined && !Object.hasOwn(providers, provider)) {
    throw new Trouble(`there is no provider "${provider}"; there are: ${Object.keys(providers).join(", ")}`);
  }
  const names = provider === undefined ? Object.keys(urls) : [provider];
  if (names.length === 0)
    throw new Trouble("nobody said where webhooks go: name a provider and --url, or write urls into the configuration");
  return names;
}

/** A secret is shown this once, to the person who asked for the hook. */
function textOf(io: Io, name: string, { scope, ok, found, repaired, problem, secret }: SetupReport): string {
  const where = plain(scope === "" ? name : `${name} ${scope}`);
  const mark = ok ? paint(io, "green", repaired ? "mended" : "right ") : paint(io, "red", "wrong ");
  const why = problem ?? (repaired ? `it was ${found ?? "not right"}` : "");
  const lines = [`${mark} ${where}${why === "" ? "" : `: ${plain(why)}`}`];
  if (secret !== undefined) lines.push(`       its secret, told this once: ${secret}`);
  return `${lines.join("\n")}\n`;
}
