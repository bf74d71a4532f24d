/**
 * What the command line says.
 * @module
 */
import { parseArgs } from "node:util";

/** How the demo is to run. */
export interface Options {
  /** End by itself, and fail if there is a difference. */
  once: boolean;
  /** The seed of all randomness. */
  seed: number;
  help: boolean;
}

export const USAGE = `npm run demo -- [--once] [--seed N]

  --once    end by itself; the exit code is 0 only if there is no difference to the providers
  --seed N  another course of events (default 1)`;

/** @throws TypeError for an argument that is not known, with a message for people */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed must be a whole number, not "${values.seed}"`);
  return { once: values.once, help: values.help, seed };
}
