/**
 * What a command sees of the world it runs in. Tests give their own.
 * @module
 */
import { styleText } from "node:util";

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Whether what is written out is seen by a person now: colours, and lines that are written over. */
  tty: boolean;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
}

/** Something that went wrong and that the person who typed the command can mend. Shown without a stack. */
export class Trouble extends Error {
  override readonly name = "Trouble";
}

/** A command that was typed wrongly, where only the command itself can tell: exit code 2. */
export class Mistyped extends Trouble {}

type Style = Parameters<typeof styleText>[0];

/** A text in a colour, where somebody sees it. `NO_COLOR` and what is piped have none. */
export const paint = (io: Io, style: Style, text: string): string =>
  io.tty && !io.env["NO_COLOR"] ? styleText(style, text, { validateStream: false }) : text;

/** Rows of text in columns, each as wide as its longest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
