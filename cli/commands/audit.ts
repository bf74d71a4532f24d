/** `audit`: compares what is recorded with what the services say, and writes nothing. */
import { paint, table } from "../io.ts";
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

interface Options extends Where {
  scope?: string;
  json?: boolean;
}

/** Differences of one type and scope that are named. */
const NAMED = 20;

export const auditCommand = ({ io, exit }: Kit) =>
  command("audit", "Compares what is recorded with the services; exit code 1 if they differ", [
    "audit",
    "audit stripe.subscription --json",
  ])
    .argument("[type]", "only this type")
    .addOption(scopeOption())
    .addOption(jsonOption())
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(tokenOption())
    .action((type: string | undefined, { scope, json, ...where }: Options) =>
      withSource(io, where, async (source) => {
        const reports = await source.audit(type, scope === undefined ? {} : { scope });
        if (reports.some(({ differences }) => differences.length > 0)) exit(1);
        if (json) return io.out(reports.map((report) => `${jsonOf(report)}\n`).join(""));
        const rows = reports.map((one) =>
          [one.type, one.scope, `${one.checked}`, `${one.differences.length}`, `${one.unclear}`].map(plain),
        );
        io.out(`${table([["type", "scope", "checked", "different", "unclear"], ...rows])}\n`);
        for (const { type: name, differences } of reports) {
          for (const { id, how } of differences.slice(0, NAMED))
            io.out(`${paint(io, "red", how)} ${name} ${plain(id)}\n`);
          if (differences.length > NAMED) io.out(`and ${differences.length - NAMED} more of ${name}\n`);
        }
      }),
    );
