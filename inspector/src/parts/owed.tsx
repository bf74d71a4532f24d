/**
 * What is owed of a resource: why it is to be read, when, and what went wrong so far.
 * @module
 */
import { get } from "../api.ts";
import { useApp } from "../app.ts";
import { useAsked } from "../hooks.ts";
import type { Listed, Ref } from "../wire.ts";
import { due, many } from "../words.ts";
import { Badge, Panel, Text } from "./bits.tsx";
import { Causes } from "./timeline.tsx";

const EVERY = 3_000;
const LIMIT = 1_000;

/** Nothing, where nothing is owed. */
export function OwedPanel({ of }: { of: Ref }) {
  const { now } = useApp();
  const { value } = useAsked(`owed ${JSON.stringify(of)}`, (signal) => owedOf(of, signal), EVERY);
  const owed = value?.listed?.owed;
  if (!owed) return null;
  return (
    <Panel title="It must be read" class={owed.error === null ? "" : "bad"}>
      <p class="facts">
        <Badge>{owed.class}</Badge>
        <span>by {owed.via}</span>
        <span>{owed.reading ? "is read now" : `due ${due(owed.due, now)}`}</span>
        {owed.attempts > 0 && <span>{many(owed.attempts, "try", "tries")} so far</span>}
        {owed.causes.length > 0 && <Causes causes={owed.causes} />}
      </p>
      {owed.error !== null && (
        <p class="trouble">
          <Text>{owed.error}</Text>
        </p>
      )}
    </Panel>
  );
}

/** It is among the first of its type and scope that wait, or it is not shown. */
async function owedOf({ type, scope, id }: Ref, signal: AbortSignal): Promise<{ listed: Listed | undefined }> {
  const query = { state: "dirty", type, scope, limit: LIMIT };
  const { resources } = await get<{ resources: readonly Listed[] }>(["resources"], query, signal);
  return { listed: resources.find((one) => one.id === id) };
}
