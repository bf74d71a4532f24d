/** `sweep`: lists everything now, and repairs what webhooks and polls missed. */
import { table } from "../io.ts";
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
import { showProgress } from "../progress.ts";

interface Options extends Where {
  scope?: string;
  json?: boolean;
}

export const sweepCommand = ({ io }: Kit) =>
  command("sweep", "Lists everything now, and reads what is missing", [
    "sweep",
    "sweep stripe.invoice",
    "sweep github.issue --scope acme/app",
    "sweep --url https://app.example.com/sync --token $TOKEN",
  ])
    .argument("[type]", "only this type")
    .addOption(scopeOption())
    .addOption(jsonOption())
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .action((type: string | undefined, { scope, json, ...where }: Options) =>
      withSource(io, where, async (source) => {
        const done = showProgress(io, source);
        const reports = await source.sweep(type, scope === undefined ? {} : { scope }).finally(done);
        if (json) return io.out(reports.map((report) => `${jsonOf(report)}\n`).join(""));
        const rows = reports.map((one) => [one.type, one.scope, `${one.changes}`, `${one.suspects}`].map(plain));
        io.out(`${table([["type", "scope", "changes", "suspects"], ...rows])}\n`);
      }),
    );
