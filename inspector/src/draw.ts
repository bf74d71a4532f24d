/**
 * Draws counts by the hour as stacked bars. The only file that knows uPlot.
 * @module
 */
import uPlot from "uplot";
import type { Line } from "./parts/chart.tsx";

export interface Draw {
  end(): void;
}

const HEIGHT = 190;

/** @param pointed is told which hour is pointed at; null: none */
export function drawChart(
  place: HTMLElement,
  hours: readonly number[],
  lines: readonly Line[],
  pointed: (index: number | null) => void,
): Draw {
  let plot: uPlot | undefined;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(optionsOf(place, lines, pointed), dataOf(hours, lines), place);
  };
  draw();
  const resized = new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: HEIGHT }));
  resized.observe(place);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);
  addEventListener("theme", draw);
  return {
    end() {
      resized.disconnect();
      dark.removeEventListener("change", draw);
      removeEventListener("theme", draw);
      plot?.destroy();
    },
  };
}

/** The highest of a stack is drawn first, so that those below it stand in front of it. */
function dataOf(hours: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  let below: readonly number[] = hours.map(() => 0);
  const stacked = lines.map(({ counts }) => {
    below = below.map((n, index) => n + (counts[index] ?? 0));
    return [...below];
  });
  return [[...hours], ...stacked.reverse()];
}

function optionsOf(place: HTMLElement, lines: readonly Line[], pointed: (index: number | null) => void): uPlot.Options {
  const colour = colours(place);
  const axis = { stroke: colour("muted"), font: "11px system-ui, sans-serif", ticks: { show: false } };
  const grid = { stroke: colour("line"), width: 1 };
  const paths = uPlot.paths.bars?.({ size: [0.86, 20], align: 1 });
  return {
    ...{ width: place.clientWidth, height: HEIGHT, legend: { show: false } },
    padding: [8, 4, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { y: { range: (_, __, most) => [0, Math.max(most, 4) * 1.05] } },
    axes: [
      { ...axis, grid: { show: false }, values: (_, days) => days.map(dayOf), space: 70, size: 26, gap: 6 },
      { ...axis, grid, size: 44, gap: 6, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6] },
    ],
    series: [
      {},
      ...lines.toReversed().map(({ name }) => ({
        label: name,
        fill: colour(name),
        width: 0,
        points: { show: false },
        ...(paths && { paths }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? null)] },
  };
}

const dayOf = (seconds: number): string => {
  const date = new Date(seconds * 1_000);
  return date.getHours() === 0
    ? date.toLocaleDateString("en-GB", { weekday: "short", day: "numeric" })
    : date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
};

/** Colours of the page as the canvas needs them: what `light-dark()` comes to here and now. */
function colours(place: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    place.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
