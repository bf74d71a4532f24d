/**
 * Is anything wrong, and what happens just now?
 * @module
 */
import { useApp } from "../app.ts";
import { useChanges } from "../changes.ts";
import { useLosses } from "../losses.ts";
import { Empty, Panel, Text, Trouble, Waiting } from "../parts/bits.tsx";
import { ChangeTable } from "../parts/changes.tsx";
import { Matters } from "../parts/matters.tsx";
import { Strip } from "../parts/strip.tsx";
import { summaries } from "../providers.ts";
import { linkTo } from "../route.ts";
import { count, many } from "../words.ts";

/** Changes that are shown here. */
const SHOWN = 10;
/** Alarms that are told: a thousand scopes that fail alike are one trouble. */
const ALARMS = 20;

export function OverviewView() {
  const { about, health } = useApp();
  const { changes, error } = useChanges({});
  const { value: hours } = useLosses();
  if (!health) return <Waiting />;
  const keys = Object.keys(about.providers);
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Alarms alarms={health.alarms} />
      <section class="strips" aria-label="Providers">
        {summaries(keys, health).map((summary) => (
          <Strip key={summary.key} summary={summary} hours={hours} />
        ))}
        {keys.length === 0 && <Empty title="There are no providers.">Give createSync some.</Empty>}
      </section>
      <Matters health={health} />
      <Panel title="Just now" aside={<a href={linkTo("changes")}>All changes</a>}>
        <Trouble error={error} />
        {changes ? <ChangeTable changes={changes.slice(0, SHOWN)} /> : <Waiting />}
      </Panel>
    </>
  );
}

function Alarms({ alarms }: { alarms: readonly string[] }) {
  if (alarms.length === 0) {
    return (
      <section class="alarms good" role="status">
        <h2>Nothing is wrong</h2>
      </section>
    );
  }
  return (
    <section class="alarms bad" role="status">
      <h2>{many(alarms.length, "alarm")}</h2>
      <ul>
        {alarms.slice(0, ALARMS).map((alarm) => (
          <li key={alarm}>
            <Text>{alarm}</Text>
          </li>
        ))}
        {alarms.length > ALARMS && <li>and {count(alarms.length - ALARMS)} more</li>}
      </ul>
    </section>
  );
}
