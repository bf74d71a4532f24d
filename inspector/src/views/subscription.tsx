/**
 * One subscription: how far it is, what is parked, and from where it is to go on.
 * @module
 */
import { useState } from "preact/hooks";
import { useApp } from "../app.ts";
import { rewind } from "../deeds.ts";
import { Act } from "../parts/act.tsx";
import { Empty, Panel, SwitchedOff, Waiting } from "../parts/bits.tsx";
import { Halted } from "../parts/halted.tsx";
import { ParkedPanel } from "../parts/parked.tsx";
import type { Route } from "../route.ts";
import { many } from "../words.ts";
import { How } from "./subscriptions.tsx";

export function SubscriptionView({ route: { parts } }: { route: Route }) {
  const { health } = useApp();
  const [name = ""] = parts;
  if (!health) return <Waiting />;
  const one = health.subscriptions.find((subscription) => subscription.name === name);
  return (
    <>
      <h1 class="title">
        <bdi>{name}</bdi>
      </h1>
      <SwitchedOff />
      {one ? (
        <>
          <p class="facts">
            <How of={one} /> <span>{many(one.behind, "entry", "entries")} behind the end of the log</span>
            {one.partitions > 1 && (
              <span>
                {many(one.partitions, "partition")}, {many(one.members, "process", "processes")}
              </span>
            )}
          </p>
          <Halted of={one} />
          <ParkedPanel name={name} />
          <Replay name={name} />
        </>
      ) : (
        <Empty title="No subscription of this name ever ran here.">
          Subscribe under it, or <a href="#/subscriptions">look at those there are</a>.
        </Empty>
      )}
    </>
  );
}

/** Replays from a cursor. */
function Replay({ name }: { name: string }) {
  const { about } = useApp();
  const [cursor, setCursor] = useState("");
  if (!about.operate) return null;
  const from = cursor.trim();
  return (
    <Panel title="Replay">
      <p class="hint">
        Every change after a cursor is handled again, in order. A change's cursor stands in the timeline of its
        resource.
      </p>
      <div class="filters">
        <label class="field long">
          <span>After the cursor</span>
          <input
            type="text"
            spellcheck={false}
            autocomplete="off"
            placeholder="nothing: from the beginning"
            value={cursor}
            onInput={({ currentTarget }) => setCursor(currentTarget.value)}
          />
        </label>
        <Act
          label="Replay"
          danger
          about={`Replay ${name}`}
          confirm={`${name} goes on ${from === "" ? "from the beginning of the log" : `after ${from}`}: what it handled since is handled again, and nothing is parked then.`}
          run={() => rewind(name, from === "" ? null : from)}
        />
      </div>
    </Panel>
  );
}
