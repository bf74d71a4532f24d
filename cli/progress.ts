/**
 * How far long work is, in a line that is written over, where a person sees it.
 * @module
 */
import type { Health } from "tidemark";
import type { Io } from "./io.ts";

/** Milliseconds from one look to the next. */
const LOOK = 500;

/** Shows how far the sweeps are until what it answers is called. */
export function showProgress(io: Io, sync: { health(): Promise<Health> }): () => void {
  if (!io.tty) return () => {};
  let over = false;
  let shown = "";
  const show = (line: string) => {
    if (over || line === shown) return;
    shown = line;
    io.err(`\r\u001b[K${line}`);
  };
  const timer = setInterval(() => {
    sync.health().then(
      (health) => show(progressLine(health)),
      () => {},
    );
  }, LOOK);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown !== "") io.err("\r\u001b[K");
    over = true;
  };
}

function progressLine({ types }: Health): string {
  const live = types.reduce((all, one) => all + one.live, 0);
  const dirty = types.reduce((all, one) => all + one.dirty, 0);
  return `${live} known, ${dirty} to be read`;
}
