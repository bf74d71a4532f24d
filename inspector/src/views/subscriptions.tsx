/**
 * How far is each subscription, and what holds it up?
 * @module
 */
import { useApp } from "../app.ts";
import { retry } from "../deeds.ts";
import { Act } from "../parts/act.tsx";
import { Badge, Empty, Panel, SwitchedOff, Text, Waiting } from "../parts/bits.tsx";
import { linkTo } from "../route.ts";
import type { SubscriptionHealth } from "../wire.ts";
import { count, due } from "../words.ts";

export function SubscriptionsView() {
  const { about, health } = useApp();
  if (!health) return <Waiting />;
  const all = [...health.subscriptions].sort(
    (a, b) => Number(b.halted !== null) - Number(a.halted !== null) || b.parked - a.parked || b.behind - a.behind,
  );
  return (
    <>
      <h1 class="unseen">Subscriptions</h1>
      <SwitchedOff />
      <Panel title="Subscriptions" aside={<span class="muted">{count(all.length)}</span>}>
        {all.length === 0 ? (
          <Empty title="Nobody has subscribed.">
            <code>sync.subscribe("name", handler)</code> has each change handled, and remembers how far it came.
          </Empty>
        ) : (
          <table class="rows subscriptions">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">How it is</th>
                <th scope="col" class="number">
                  Behind
                </th>
                <th scope="col" class="number">
                  Parked
                </th>
                <th scope="col" class="number">
                  Processes
                </th>
                <th scope="col">The latest reason</th>
                {about.operate && (
                  <th scope="col">
                    <span class="unseen">Acts</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <Row key={one.name} of={one} here={about.subscriptions.includes(one.name)} />
              ))}
            </tbody>
          </table>
        )}
      </Panel>
    </>
  );
}

function Row({ of, here }: { of: SubscriptionHealth; here: boolean }) {
  const { about } = useApp();
  const { name, behind, parked, error, halted, partitions, members } = of;
  const waits = parked > 0 || halted !== null;
  return (
    <tr>
      <td class="ident">
        <a class="id" href={linkTo("subscription", [name])} data-row="">
          <bdi>{name}</bdi>
        </a>
      </td>
      <td>
        <How of={of} />
        {!here && <Badge>not in this process</Badge>}
      </td>
      <td class="number" data-name="behind">
        {count(behind)}
      </td>
      <td class="number" data-name="parked">
        {parked > 0 ? <Badge kind="bad">{count(parked)}</Badge> : 0}
      </td>
      <td class="number" data-name="processes">
        {partitions > 1 ? `${members} for ${partitions} parts` : "–"}
      </td>
      <td class="reason">
        <Text>{halted?.error ?? error ?? ""}</Text>
      </td>
      {about.operate && (
        <td class="acts">
          <Act label="Retry" about={`Retry ${name}`} disabled={!waits} run={() => retry(name)} />
        </td>
      )}
    </tr>
  );
}

/** A subscription in a word. */
export function How({ of: { halted, parked, behind } }: { of: SubscriptionHealth }) {
  const { now } = useApp();
  if (halted) return <Badge kind="bad">stands still{halted.due !== null && `, again ${due(halted.due, now)}`}</Badge>;
  if (parked > 0) return <Badge kind="warn">some parked</Badge>;
  return behind > 0 ? <Badge>under way</Badge> : <Badge kind="good">up to date</Badge>;
}
