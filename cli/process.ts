/**
 * The process that a command runs in: its streams, and its end at Ctrl-C.
 * @module
 */
import type { Io } from "./io.ts";

export function createIo(): Io {
  const stopper = new AbortController();
  // Once to end well, twice to end at once.
  const stop = () => (stopper.signal.aborted ? process.exit(130) : stopper.abort());
  process.on("SIGINT", stop).on("SIGTERM", stop);
  // Who reads has seen enough: `tidemark tail | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    tty: process.stdout.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    signal: stopper.signal,
  };
}
