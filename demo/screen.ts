/**
 * What is seen: colours on a terminal (not with NO_COLOR, not in a file), and lines of at most 96 characters.
 * @module
 */
import { styleText } from "node:util";
import type { Change } from "tidemark";
import { type Line, rowsOf, seconds } from "./summary.ts";
import { fit, foundBy, signOf, whatOf } from "./tell.ts";

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });
const write = (line = "") => void process.stdout.write(`${line}\n`);

const SIGNS: Readonly<Record<string, Style>> = { "+": "green", "-": "red", "~": "yellow" };
const FOUND: Readonly<Record<string, Style>> = {
  webhook: "green",
  poll: "cyan",
  sweep: "magenta",
  "first look": "dim",
};

export interface Screen {
  intro(): void;
  /** Where the inspector is, for as long as the demo runs. */
  inspector(url: string): void;
  phase(title: string, text: string): void;
  change(change: Change<string, object>, late: number | undefined): void;
  /** Something on the way that is no change. */
  note(sign: string, text: string): void;
  summary(lines: readonly Line[], different: readonly string[]): void;
}

/** @param begin when the demo began, in milliseconds since 1970 */
export function createScreen(begin: number, seed: number): Screen {
  let phases = 0;
  const clock = () => paint("dim", seconds(Date.now() - begin).padStart(7));
  return {
    intro() {
      write();
      write(paint("bold", "Tidemark: a webhook says where to look, the API says what is, a reconciler finds the rest"));
      write();
      write("  GitHub and Stripe run on this machine as emulators; people work with them all the time.");
      write("  Their webhooks cross a bad network: 30 % are lost, 20 % come twice, all come late and in");
      write("  any order. Tidemark runs in a process of its own, which is killed in the middle with");
      write("  kill -9. At the end, what its stream told is compared with both providers, field by field.");
      write();
      const legend = Object.entries(SIGNS).map(([sign, style]) => paint(style, sign));
      write(`  ${legend[0]} created  ${legend[2]} changed  ${legend[1]} deleted    seed ${seed}, Ctrl-C ends it`);
    },
    inspector(url) {
      write(`  Watch it: ${paint("cyan", url)}`);
      write();
    },
    phase(title, text) {
      phases++;
      write();
      write(`${paint("bold", `${phases}  ${title}`)}   ${paint("dim", text)}`);
      write();
    },
    change(change, late) {
      const sign = signOf(change);
      const found = foundBy(change);
      const id = change.id.length > 12 ? `…${change.id.slice(-8)}` : change.id;
      const what = `${fit(change.type, 22)} ${fit(id, 10)} ${fit(whatOf(change), 31)}`;
      const after = late === undefined ? "" : paint("dim", seconds(late).padStart(7));
      write(
        `${clock()}  ${paint(SIGNS[sign] ?? "reset", sign)} ${what}  ${paint(FOUND[found] ?? "reset", fit(found, 10))}${after}`,
      );
    },
    note(sign, text) {
      write(`${clock()}  ${paint("dim", `${sign} ${text}`)}`);
    },
    summary(lines, different) {
      write();
      write(paint("bold", "What happened"));
      write();
      for (const row of rowsOf(lines.slice(0, -1))) write(row && `  ${row}`);
      for (const row of rowsOf(lines.slice(-1)))
        write(`  ${paint(different.length === 0 ? ["bold", "green"] : ["bold", "red"], row)}`);
      for (const key of different.slice(0, 20)) write(`    ${key}`);
      write();
    },
  };
}
