/**
 * What a subscription's handler could not take, and what can be done about it.
 * @module
 */
import { get } from "../api.ts";
import { useApp } from "../app.ts";
import { retry, skip } from "../deeds.ts";
import { useAsked } from "../hooks.ts";
import { linkTo } from "../route.ts";
import type { ParkedChange } from "../wire.ts";
import { count, due } from "../words.ts";
import { Act } from "./act.tsx";
import { Empty, Panel, ResourceId, Scope, Text, Trouble, Waiting } from "./bits.tsx";

const EVERY = 5_000;
/** Rows that are drawn. */
const SHOWN = 100;

export function ParkedPanel({ name }: { name: string }) {
  const { about } = useApp();
  const { value, error, again } = useAsked<{ parked: readonly ParkedChange[] }>(
    `parked ${name}`,
    (signal) => get(["subscriptions", name, "parked"], {}, signal),
    EVERY,
  );
  const parked = value?.parked ?? [];
  const title = (
    <>
      Parked in{" "}
      <a href={linkTo("subscription", [name])}>
        <bdi>{name}</bdi>
      </a>
    </>
  );
  return (
    <Panel
      title={title}
      aside={
        <Act
          label="Retry all"
          about={`Retry all of ${name}`}
          disabled={parked.length === 0}
          run={() => retry(name)}
          done={again}
        />
      }
    >
      <Trouble error={error} />
      {!value && error === undefined && <Waiting />}
      {value && parked.length === 0 && (
        <Empty title="Nothing is parked.">
          A resource whose handler throws waits here; nothing else waits with it.
        </Empty>
      )}
      {parked.length > 0 && (
        <table class="rows parked">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Scope</th>
              <th scope="col">Id</th>
              <th scope="col">Tried again</th>
              <th scope="col" class="number">
                Tries
              </th>
              <th scope="col">What the handler threw</th>
              {about.operate && (
                <th scope="col">
                  <span class="unseen">Acts</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {parked.slice(0, SHOWN).map((one) => (
              <Row key={JSON.stringify([one.type, one.scope, one.id])} name={name} parked={one} again={again} />
            ))}
          </tbody>
        </table>
      )}
      {parked.length > SHOWN && <p class="hint">and {count(parked.length - SHOWN)} more</p>}
    </Panel>
  );
}

function Row({ name, parked, again }: { name: string; parked: ParkedChange; again: () => void }) {
  const { about, now } = useApp();
  return (
    <tr>
      <td class="type">{parked.type}</td>
      <td class="scope">
        <Scope scope={parked.scope} />
      </td>
      <td class="ident">
        <ResourceId of={parked} />
      </td>
      <td data-name="again">{due(parked.due, now)}</td>
      <td class="number" data-name="tries">
        {parked.attempts}
      </td>
      <td class="reason bad">
        <Text>{parked.error}</Text>
      </td>
      {about.operate && (
        <td class="acts">
          <Act
            label="Skip"
            danger
            about={`Skip the change of ${parked.type} ${parked.id}`}
            confirm={`The handler of ${name} never gets this change. What came later for the resource is handled next.`}
            run={() => skip(name, parked)}
            done={again}
          />
        </td>
      )}
    </tr>
  );
}
