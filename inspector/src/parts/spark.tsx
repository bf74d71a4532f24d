/**
 * A week in a few bars.
 * @module
 */
import { sum } from "../providers.ts";
import { many } from "../words.ts";

/** Hours in a bar. */
const WIDTH = 6;

export function Spark({ counts }: { counts: readonly number[] }) {
  const bars = Array.from({ length: Math.ceil(counts.length / WIDTH) }, (_, index) =>
    sum(counts.slice(index * WIDTH, (index + 1) * WIDTH)),
  );
  const most = Math.max(...bars, 1);
  return (
    <svg class="spark" viewBox={`0 0 ${bars.length * 4} 26`} role="img" preserveAspectRatio="none">
      <title>{many(sum(counts), "webhook")} lost in 7 days</title>
      <rect class="ground" x={0} y={25} width={bars.length * 4} height={1} />
      {bars.map((n, index) => {
        const height = n === 0 ? 0 : Math.max(1.5, (24 * n) / most);
        return <rect key={index} x={index * 4 + 0.5} y={25 - height} width={3} height={height} />;
      })}
    </svg>
  );
}
