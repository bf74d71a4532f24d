/** `doctor`: what is wrong with the database, the credentials, the hooks, the clocks, and what mends it. */
import { command, withSync } from "../command.ts";
import { type Finding, findings } from "../doctor.ts";
import { type Io, paint } from "../io.ts";
import { jsonOption } from "../options.ts";
import { jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

export const doctorCommand = ({ io, exit }: Kit) =>
  withSync(
    io,
    command("doctor", "Looks for what is wrong, and says what mends it; exit code 1 if something is", [
      "doctor",
      "doctor --json",
    ]).addOption(jsonOption()),
    ({ json }: { json?: boolean }) =>
      async (sync, config) => {
        for await (const finding of findings(sync, config, io.signal)) {
          if (!finding.ok) exit(1);
          io.out(json ? jsonLines([finding]) : textOf(io, finding));
        }
      },
  );

function textOf(io: Io, { ok, what, why, mend }: Finding): string {
  const mark = ok ? paint(io, "green", "ok   ") : paint(io, "red", "wrong");
  const lines = [`${mark} ${plain(what)}${why === undefined ? "" : `: ${plain(why)}`}`];
  if (mend !== undefined) lines.push(`      ${paint(io, "dim", plain(mend))}`);
  return `${lines.join("\n")}\n`;
}
