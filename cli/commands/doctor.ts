/** `doctor`: what is wrong with the database, the credentials, the hooks, the clocks, and what mends it. */
import { withSync } from "../config.ts";
import { type Finding, findings } from "../doctor.ts";
import { type Io, paint } from "../io.ts";
import { command, configOption, jsonOption } from "../options.ts";
import { jsonOf, plain } from "../print.ts";
import type { Kit } from "../program.ts";

export const doctorCommand = ({ io, exit }: Kit) =>
  command("doctor", "Looks for what is wrong, and says what mends it; exit code 1 if something is", [
    "doctor",
    "doctor --json",
  ])
    .addOption(jsonOption())
    .addOption(configOption())
    .action(({ json, config: named }: { json?: boolean; config?: string }) =>
      withSync(io, named, async (sync, config) => {
        for await (const finding of findings(sync, config, io.signal)) {
          if (!finding.ok) exit(1);
          io.out(json ? `${jsonOf(finding)}\n` : textOf(io, finding));
        }
      }),
    );

function textOf(io: Io, { ok, what, why, mend }: Finding): string {
  const mark = ok ? paint(io, "green", "ok   ") : paint(io, "red", "wrong");
  const lines = [`${mark} ${plain(what)}${why === undefined ? "" : `: ${plain(why)}`}`];
  if (mend !== undefined) lines.push(`      ${paint(io, "dim", plain(mend))}`);
  return `${lines.join("\n")}\n`;
}
