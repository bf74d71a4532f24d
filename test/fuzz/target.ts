/** What is fuzzed: something that takes bytes from outside, and what must hold whatever they are. */

/** Throws where something does not hold. The same input does the same each time. */
export type Run = (input: Buffer) => void | Promise<void>;

export interface Target {
  run: Run;
  /** Prepares what is ours in it, alone, for how long it takes. Default: `run`, with all that it checks. */
  ours?: (input: Buffer) => () => unknown;
  /** What the format is made of. */
  words: readonly string[];
  /** Inputs to begin with, besides those in `corpus`. */
  seeds: readonly (string | Buffer)[];
}

/** Bytes as a header holds them: Latin-1, without what HTTP forbids in one. */
export const headerText = (input: Buffer): string =>
  input
    .toString("latin1")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are what a header cannot hold
    .replace(/[\0-\x08\x0a-\x1f\x7f]/g, "")
    .replace(/^[\t ]+|[\t ]+$/g, "");
