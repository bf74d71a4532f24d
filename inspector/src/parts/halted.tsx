/**
 * Why a subscription stands still, at which change, and what can be done about it.
 * @module
 */
import { useApp } from "../app.ts";
import { retry, skip } from "../deeds.ts";
import type { SubscriptionHealth } from "../wire.ts";
import { due, many } from "../words.ts";
import { Act } from "./act.tsx";
import { Panel, ResourceId, Text } from "./bits.tsx";

/** Nothing, where it does not. */
export function Halted({ of: { name, halted } }: { of: SubscriptionHealth }) {
  const { now } = useApp();
  if (!halted) return null;
  const acts = (
    <>
      <Act label="Try now" about={`Try now what ${name} stands still at`} run={() => retry(name)} />
      <Act
        label="Skip"
        danger
        about={`Skip the change at which ${name} stands still`}
        confirm="The handler never gets this change; it goes on with the next one."
        run={() => skip(name, halted)}
      />
    </>
  );
  const title = (
    <>
      <bdi>{name}</bdi> stands still
    </>
  );
  return (
    <Panel title={title} aside={acts} class="bad">
      <p class="facts">
        <span>
          at {halted.type} <ResourceId of={halted} />
        </span>
        <span>after {many(halted.attempts, "try", "tries")}</span>
        <span>tried again {due(halted.due, now)}</span>
      </p>
      <p class="trouble">
        <Text>{halted.error}</Text>
      </p>
    </Panel>
  );
}
