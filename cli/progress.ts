/**
 * How far long work is, in a line that is written over, where a person sees it.
 * @module
 */
import type { Health } from "tidemark";
import type { Io } from "./io.ts";
import { plain } from "./print.ts";

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

/** The sweep that is furthest from its end, and what waits to be read. */
export function progressLine({ types }: Health): string {
  const under = types.flatMap(({ type, scope, sweep }) => (sweep ? [{ type, scope, ...sweep }] : []));
  const slowest = under.sort((a, b) => (b.left ?? 0) - (a.left ?? 0) || a.items - b.items)[0];
  const dirty = types.reduce((all, one) => all + one.dirty, 0);
  const waiting = dirty > 0 ? `${dirty} to be read` : "";
  if (!slowest) return waiting;
  const { type, scope, items, total, left } = slowest;
  const bar = total ? `${barOf(items / total)} ${items} of ${total}` : `${items} listed`;
  const rest = left === null ? "" : `about ${Math.ceil(left / 1_000)} s left`;
  const more = under.length > 1 ? `and ${under.length - 1} more` : "";
  return [plain(scope === "" ? type : `${type} ${scope}`), bar, rest, more, waiting]
    .filter((part) => part !== "")
    .join("  ");
}

const WIDTH = 20;
function barOf(part: number): string {
  const full = Math.round(Math.min(1, part) * WIDTH);
  return "█".repeat(full) + "░".repeat(WIDTH - full);
}
