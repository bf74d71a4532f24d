/** `audit`: compares what is recorded with what the services say, and writes nothing. */
import type { AuditReport } from "tidemark";
import { command, withSource } from "../command.ts";
import { type Io, paint, table } from "../io.ts";
import { jsonOption, scopeOption } from "../options.ts";
import { jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

export const auditCommand = ({ io, exit }: Kit) =>
  withSource(
    io,
    command("audit", "Compares what is recorded with the services; exit code 1 if they differ", [
      "audit",
      "audit stripe.subscription --json",
    ])
      .argument("[type]", "only this type")
      .addOption(scopeOption())
      .addOption(jsonOption()),
    (type: string | undefined, { scope, json }: { scope?: string; json?: boolean }) =>
      async (source) => {
        const reports = await source.audit(type, scope === undefined ? {} : { scope });
        if (reports.some(({ differences }) => differences.length > 0)) exit(1);
        io.out(json ? jsonLines(reports) : textOf(io, reports));
      },
  );

/** Differences of one type and scope that are named. */
const NAMED = 20;

function textOf(io: Io, reports: readonly AuditReport[]): string {
  const rows = reports.map((one) =>
    [one.type, one.scope, `${one.checked}`, `${one.differences.length}`, `${one.unclear}`].map(plain),
  );
  const named = reports.flatMap(({ type, differences }) => {
    const lines = differences.slice(0, NAMED).map(({ id, how }) => `${paint(io, "red", how)} ${type} ${plain(id)}`);
    return differences.length > NAMED ? [...lines, `and ${differences.length - NAMED} more of ${type}`] : lines;
  });
  return [table([["type", "scope", "checked", "different", "unclear"], ...rows]), ...named, ""].join("\n");
}
