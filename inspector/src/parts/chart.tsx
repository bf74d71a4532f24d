/**
 * Counts by the hour, stacked. The drawing is loaded when it is first needed; what it shows is said in words, too.
 * @module
 */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Draw } from "../draw.ts";
import { count } from "../words.ts";

export interface Line {
  /** A name of the palette: the colour is `--<name>`. */
  name: string;
  counts: readonly number[];
}

/** @param nothing what is said where all counts are 0 */
export function Chart(props: { hours: readonly number[]; lines: readonly Line[]; summary: string; nothing: string }) {
  const { hours, lines, summary, nothing } = props;
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const data = JSON.stringify([hours, lines]);
  // It is drawn anew when its numbers are others.
  useEffect(() => {
    let draw: Draw | undefined;
    let gone = false;
    void import("../draw.ts").then(({ drawChart }) => {
      if (!gone && place.current) draw = drawChart(place.current, hours, lines, setAt);
    });
    return () => {
      gone = true;
      draw?.end();
    };
  }, [data]);
  const none = lines.every(({ counts }) => counts.every((n) => n === 0));
  return (
    <figure class="chart">
      <figcaption>
        {lines.map(({ name, counts }) => (
          <span key={name} class={`legend of-${name}`}>
            {name} <b>{count(at === null ? counts.reduce((sum, n) => sum + n, 0) : (counts[at] ?? 0))}</b>
          </span>
        ))}
        <span class="muted">{at === null ? "in all" : timeOf(hours[at] ?? 0)}</span>
      </figcaption>
      <div ref={place} class="canvas" role="img" aria-label={summary} />
      {none && <p class="over">{nothing}</p>}
    </figure>
  );
}

const timeOf = (seconds: number): string =>
  new Date(seconds * 1_000).toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
