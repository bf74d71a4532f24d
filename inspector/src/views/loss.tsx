/**
 * What did webhooks lose?
 * @module
 */
import { useApp } from "../app.ts";
import { useLosses } from "../losses.ts";
import { Empty, Panel, Trouble, Waiting } from "../parts/bits.tsx";
import { Chart } from "../parts/chart.tsx";
import { Tabs } from "../parts/filter.tsx";
import { LossTable } from "../parts/losstable.tsx";
import { lossWords, shareOf, sum } from "../providers.ts";
import type { Route } from "../route.ts";
import { isOf, seriesOf } from "../series.ts";
import { many } from "../words.ts";

export function LossView({ route }: { route: Route }) {
  const { about, health, now } = useApp();
  const { value: hours, error } = useLosses();
  const provider = route.query["provider"] ?? "";
  const wanted = provider === "" ? () => true : isOf(provider);
  const isWanted = ({ type }: { type: string }) => wanted(type);
  const tabs = [["", "all"] as const, ...Object.keys(about.providers).map((key) => [key, key] as const)];
  const hour = Math.floor(now / 3_600_000) * 3_600_000;
  const series = hours && seriesOf(hours, wanted, hour);
  return (
    <>
      <h1 class="unseen">Loss</h1>
      <div class="filters">
        <Tabs route={route} name="provider" label="Provider" tabs={tabs} />
      </div>
      <Trouble error={error} />
      {!series && !error && <Waiting />}
      {series && (
        <>
          <Panel
            title="Webhooks that never came, and that came late"
            aside={<span class="muted">per hour, 7 days</span>}
          >
            <Chart
              hours={series.hours}
              lines={[
                { name: "lost", counts: series.counts.lost },
                { name: "late", counts: series.counts.late },
              ]}
              summary={`${many(sum(series.counts.lost), "webhook")} lost and ${many(sum(series.counts.late), "webhook")} late in 7 days`}
              nothing={health ? lossWords(shareOf(health.losses.filter(isWanted), "week")) : ""}
            />
          </Panel>
          <Panel title="What found the changes" aside={<span class="muted">per hour, 7 days</span>}>
            <Chart
              hours={series.hours}
              lines={[
                { name: "webhook", counts: series.counts.webhook },
                { name: "poll", counts: series.counts.poll },
                { name: "sweep", counts: series.counts.sweep },
              ]}
              summary={`${sum(series.counts.webhook)} changes found by webhook, ${sum(series.counts.poll)} by poll, ${sum(series.counts.sweep)} by sweep in 7 days`}
              nothing="none in 7 days"
            />
          </Panel>
        </>
      )}
      {health && <LossTable losses={health.losses.filter(isWanted)} />}
      {hours?.length === 0 && (
        <Empty title="Nothing was counted in the last 7 days.">
          Counts begin with the first webhook or poll. A type is judged where a feed names its events: see “unsure” and
          “–”.
        </Empty>
      )}
    </>
  );
}
