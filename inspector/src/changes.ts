/**
 * The newest changes of a view, as they happen.
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { type Filter, follow } from "./follow.ts";
import { remember } from "./recent.ts";
import type { Change } from "./wire.ts";

/** Changes that are kept. */
export const KEPT = 500;

/** The newest changes, and how the stream is. */
export interface Followed {
  /** The newest first; undefined: not known yet. */
  changes: readonly Change[] | undefined;
  connected: boolean;
  error: string | undefined;
}

/** Follows the changes of a type and scope, or all. What comes within a frame is drawn at once. */
export function useChanges({ type, scope }: Filter): Followed {
  const [state, setState] = useState<Followed>({ changes: undefined, connected: false, error: undefined });
  useEffect(() => {
    const controller = new AbortController();
    let waiting: Change[] = [];
    let frame = 0;
    const draw = () => {
      const came = waiting.reverse();
      [waiting, frame] = [[], 0];
      setState((last) => ({ ...last, changes: [...came, ...(last.changes ?? [])].slice(0, KEPT) }));
    };
    setState({ changes: undefined, connected: false, error: undefined });
    void follow(
      { type, scope },
      {
        reset: (changes) => {
          waiting = [];
          remember(changes);
          setState((last) => ({ ...last, changes, error: undefined }));
        },
        add: (changes) => {
          remember(changes.toReversed());
          // A page that nobody sees draws no frame.
          waiting = [...waiting, ...changes].slice(-KEPT);
          frame ||= requestAnimationFrame(draw);
        },
        connected: (connected, error) => setState((last) => ({ ...last, connected, error })),
      },
      controller.signal,
    );
    return () => {
      controller.abort();
      cancelAnimationFrame(frame);
    };
  }, [type, scope]);
  return state;
}
