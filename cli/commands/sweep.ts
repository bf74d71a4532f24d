/** `sweep`: lists everything now, and repairs what webhooks and polls missed. */
import type { SweepReport } from "tidemark";
import { command, withSource } from "../command.ts";
import { table } from "../io.ts";
import { jsonOption, scopeOption } from "../options.ts";
import { jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";
import { showProgress } from "../progress.ts";

export const sweepCommand = ({ io }: Kit) =>
  withSource(
    io,
    command("sweep", "Lists everything now, and reads what is missing", [
      "sweep",
      "sweep stripe.invoice",
      "sweep github.issue --scope acme/app",
      "sweep --url https://app.example.com/sync --token $TOKEN",
    ])
      .argument("[type]", "only this type")
      .addOption(scopeOption())
      .addOption(jsonOption()),
    (type: string | undefined, { scope, json }: { scope?: string; json?: boolean }) =>
      async (source) => {
        const done = showProgress(io, source);
        const reports = await source.sweep(type, scope === undefined ? {} : { scope }).finally(done);
        io.out(json ? jsonLines(reports) : textOf(reports));
      },
  );

function textOf(reports: readonly SweepReport[]): string {
  const rows = reports.map((one) => [one.type, one.scope, `${one.changes}`, `${one.suspects}`].map(plain));
  return `${table([["type", "scope", "changes", "suspects"], ...rows])}\n`;
}
