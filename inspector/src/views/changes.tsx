/**
 * What changed just now, and what found it?
 * @module
 */
import { useState } from "preact/hooks";
import { useChanges } from "../changes.ts";
import { Panel, Trouble, Waiting } from "../parts/bits.tsx";
import { ChangeTable } from "../parts/changes.tsx";
import { Tabs, TextFilter, TypeFilter } from "../parts/filter.tsx";
import type { Route } from "../route.ts";
import type { Change } from "../wire.ts";
import { count } from "../words.ts";

/** Rows that are drawn: who looks for more narrows the list. */
const SHOWN = 100;
const VIAS = [
  ["", "all"],
  ["webhook", "webhook"],
  ["poll", "poll"],
  ["sweep", "sweep"],
  ["app", "app"],
  ["backfill", "backfill"],
] as const;

const isVia = ({ via, initial }: Change, wanted: string): boolean =>
  wanted === "" || (initial ? "backfill" : via) === wanted;

export function ChangesView({ route }: { route: Route }) {
  const { type, scope, via = "" } = route.query;
  const { changes, connected, error } = useChanges({ type, scope });
  /** What is shown while it is paused. */
  const [held, setHeld] = useState<readonly Change[]>();
  const shown = (held ?? changes)?.filter((change) => isVia(change, via));
  const since = held && changes ? newer(changes, held[0]) : 0;
  return (
    <>
      <h1 class="unseen">Changes</h1>
      <div class="filters">
        <TypeFilter route={route} />
        <TextFilter route={route} name="scope" label="Scope" />
        <Tabs route={route} name="via" label="Found by" tabs={VIAS} />
        <span class="grow" />
        <span class={connected ? "live good" : "live bad"} role="status">
          {held ? `paused, ${count(since)} more` : connected ? "live" : "connecting"}
        </span>
        <button
          type="button"
          class="button"
          data-key="p"
          aria-pressed={held !== undefined}
          aria-keyshortcuts="p"
          onClick={() => setHeld(held ? undefined : (changes ?? []))}
        >
          {held ? "Go on" : "Pause"}
        </button>
      </div>
      <Panel title="Changes, the newest first" aside={shown && <span class="muted">{count(shown.length)} loaded</span>}>
        <Trouble error={error} />
        {shown ? <ChangeTable changes={shown.slice(0, SHOWN)} /> : <Waiting />}
      </Panel>
    </>
  );
}

/** How many came since. */
function newer(changes: readonly Change[], first: Change | undefined): number {
  if (!first) return changes.length;
  const at = changes.findIndex(({ cursor }) => cursor === first.cursor);
  return at < 0 ? changes.length : at;
}
