/**
 * One resource: what it is, what is owed of it, and how it got there.
 * @module
 */
import { useEffect } from "preact/hooks";
import { get, Refused } from "../api.ts";
import { useApp } from "../app.ts";
import { useChanges } from "../changes.ts";
import { lookAgain } from "../deeds.ts";
import { useAsked } from "../hooks.ts";
import { Act } from "../parts/act.tsx";
import { Ago, Badge, Empty, Panel, Scope, SwitchedOff, Trouble, Waiting } from "../parts/bits.tsx";
import { TextFilter } from "../parts/filter.tsx";
import { OwedPanel } from "../parts/owed.tsx";
import { State } from "../parts/state.tsx";
import { Timeline } from "../parts/timeline.tsx";
import type { Route } from "../route.ts";
import type { Change, Known, Ref } from "../wire.ts";

/** Milliseconds; a change of it is seen at once. */
const EVERY = 15_000;
/** Changes of the timeline. */
const LIMIT = 100;

export function ResourceView({ route }: { route: Route }) {
  const { about } = useApp();
  const [type = ""] = route.parts;
  if (Object.values(about.providers).some(({ types }) => types.includes(type))) return <One route={route} />;
  return (
    <Empty title="There is no such type.">
      Types are named <code>provider.type</code>; the <a href="#/types">types there are</a>.
    </Empty>
  );
}

function One({ route }: { route: Route }) {
  const [type = "", id = ""] = route.parts;
  const ref = { type, scope: route.query["scope"] ?? "", id };
  const key = JSON.stringify(ref);
  const known = useAsked(`known ${key}`, (signal) => knownOf(ref, signal), EVERY);
  const history = useAsked<{ changes: readonly Change[] }>(
    `history ${key}`,
    (signal) => get(["history", type, id], { scope: ref.scope, limit: LIMIT }, signal),
    EVERY,
  );
  const again = () => {
    known.again();
    history.again();
  };
  useNews(ref, again);
  const { value, error } = known;
  return (
    <>
      <header class="title">
        <h1>
          <span class="muted">{type}</span> <bdi>{id}</bdi>
        </h1>
        <p class="facts">
          {ref.scope !== "" && (
            <span>
              in <Scope scope={ref.scope} />
            </span>
          )}
          {value?.known && <Presence known={value.known} />}
          <Act label="Look again" about={`Look again at ${type} ${id}`} run={() => lookAgain(ref)} done={again} />
        </p>
      </header>
      <SwitchedOff />
      <Trouble error={error} />
      {!value && error === undefined && <Waiting />}
      {value && !value.known && <Never route={route} />}
      <OwedPanel of={ref} />
      <div class="beside">
        {history.value && (value?.known || history.value.changes.length > 0) && (
          <Timeline changes={history.value.changes} limit={LIMIT} />
        )}
        <Trouble error={history.error} />
        {value?.known && (
          <Panel title="State">
            {value.known.state === null ? <Empty title="It is gone." /> : <State value={value.known.state} />}
          </Panel>
        )}
      </div>
    </>
  );
}

const Presence = ({ known: { state, at } }: { known: Known }) => (
  <>
    {state === null ? <Badge kind="bad">gone</Badge> : <Badge kind="good">there</Badge>}
    <span>
      as of <Ago at={at} />
    </span>
  </>
);

/** What is recorded; nothing if it was never seen. */
async function knownOf({ type, scope, id }: Ref, signal: AbortSignal): Promise<{ known: Known | undefined }> {
  try {
    return { known: await get<Known>(["resources", type, id], { scope }, signal) };
  } catch (error) {
    if (error instanceof Refused && error.message === "never seen") return { known: undefined };
    throw error;
  }
}

/** Asks again as soon as a change of the resource comes. */
function useNews({ type, scope, id }: Ref, again: () => void): void {
  const { changes } = useChanges({ type, scope: scope || undefined });
  const newest = changes?.find((change) => change.id === id && change.scope === scope)?.cursor;
  useEffect(() => {
    if (newest !== undefined) again();
  }, [newest]);
}

function Never({ route }: { route: Route }) {
  return (
    <>
      <Empty title="It was never seen.">
        No webhook, poll or sweep named it in {route.query["scope"] ? "this scope" : "the scope without a name"}. To
        have it looked for, look again.
      </Empty>
      <div class="filters centred">
        <TextFilter route={route} name="scope" label="It may be in the scope" placeholder="without a name" />
      </div>
    </>
  );
}
