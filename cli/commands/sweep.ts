/** `sweep`: lists everything now, and repairs what webhooks and polls missed. */
import { withSync } from "../config.ts";
import { table } from "../io.ts";
import { command, configOption, jsonOption, scopeOption } from "../options.ts";
import type { Kit } from "../program.ts";
import { showProgress } from "../progress.ts";

interface Options {
  scope?: string;
  json?: boolean;
  config?: string;
}

export const sweepCommand = ({ io }: Kit) =>
  command("sweep", "Lists everything now, and reads what is missing", [
    "sweep",
    "sweep stripe.invoice",
    "sweep github.issue --scope acme/app",
  ])
    .argument("[type]", "only this type")
    .addOption(scopeOption())
    .addOption(jsonOption())
    .addOption(configOption())
    .action((type: string | undefined, { scope, json, config }: Options) =>
      withSync(io, config, async (sync) => {
        const done = showProgress(io, sync);
        const reports = await sync.sweep(type as never, scope === undefined ? {} : { scope }).finally(done);
        if (json) return io.out(reports.map((report) => `${JSON.stringify(report)}\n`).join(""));
        const rows = reports.map((one) => [one.type, one.scope, `${one.changes}`, `${one.suspects}`]);
        io.out(`${table([["type", "scope", "changes", "suspects"], ...rows])}\n`);
      }),
    );
