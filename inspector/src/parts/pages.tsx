/**
 * A list that comes by pages.
 * @module
 */
import { useState } from "preact/hooks";

export interface Pages {
  /** Where the page begins that is looked at; undefined: at the beginning. */
  after: string | undefined;
  /** Counted from 1. */
  number: number;
  back(): void;
  forth(next: string): void;
}

/** @param key what is listed: another list begins at its beginning */
export function usePages(key: string): Pages {
  const [state, setState] = useState<{ key: string; places: readonly string[] }>({ key, places: [] });
  const places = state.key === key ? state.places : [];
  return {
    after: places.at(-1),
    number: places.length + 1,
    back: () => setState({ key, places: places.slice(0, -1) }),
    forth: (next) => setState({ key, places: [...places, next] }),
  };
}

export function PageBar({ pages, next }: { pages: Pages; next: string | null | undefined }) {
  if (pages.number === 1 && !next) return null;
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" class="button" disabled={pages.number === 1} onClick={pages.back}>
        Back
      </button>
      <span class="muted">page {pages.number}</span>
      <button type="button" class="button" disabled={!next} onClick={() => next && pages.forth(next)}>
        Next
      </button>
    </nav>
  );
}
