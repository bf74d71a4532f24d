/**
 * Resources by pages, with what is owed of each and why.
 * @module
 */
import { get } from "../api.ts";
import { useApp } from "../app.ts";
import { lookAgain } from "../deeds.ts";
import { useAsked } from "../hooks.ts";
import type { Listed, ListState } from "../wire.ts";
import { count, due } from "../words.ts";
import { Act } from "./act.tsx";
import { Badge, Empty, Panel, ResourceId, Scope, Text, Trouble, Waiting } from "./bits.tsx";
import { PageBar, usePages } from "./pages.tsx";

/** Rows of a page. */
const LIMIT = 50;
const EVERY = 5_000;

const TITLES = {
  live: [
    "Resources",
    "Nothing is recorded of these.",
    "Narrow the list less, or sweep the type: what there is comes with it.",
  ],
  dirty: [
    "Must be read",
    "Nothing waits.",
    "A webhook, a poll or a sweep that names a resource has it read; then it is shown here.",
  ],
  failing: [
    "Could not be read",
    "Nothing fails.",
    "A resource whose last read failed is shown here, with the provider's reason.",
  ],
} as const;

interface Answer {
  resources: readonly Listed[];
  after: string | null;
}

export function ListedPanel({ state, type, scope }: { state: ListState; type?: string; scope?: string }) {
  const key = JSON.stringify([state, type, scope]);
  const pages = usePages(key);
  const query = { state, type, scope, after: pages.after, limit: LIMIT };
  const asked = useAsked<Answer>(JSON.stringify(query), (signal) => get(["resources"], query, signal), EVERY);
  const [title, none, advice] = TITLES[state];
  const { value, error, again } = asked;
  return (
    <Panel title={title} aside={value && <span class="muted">{count(value.resources.length)} on this page</span>}>
      <Trouble error={error} />
      {!value && error === undefined && <Waiting />}
      {value?.resources.length === 0 && <Empty title={none}>{advice}</Empty>}
      {value && value.resources.length > 0 && <Table listed={value.resources} owing={state !== "live"} again={again} />}
      <PageBar pages={pages} next={value?.after} />
    </Panel>
  );
}

function Table({ listed, owing, again }: { listed: readonly Listed[]; owing: boolean; again: () => void }) {
  const { about } = useApp();
  const scoped = listed.some(({ scope }) => scope !== "");
  return (
    <table class={`rows listed ${owing ? "owing" : ""}`}>
      <thead>
        <tr>
          <th scope="col">Type</th>
          {scoped && <th scope="col">Scope</th>}
          <th scope="col">Id</th>
          {owing ? (
            <>
              <th scope="col">For</th>
              <th scope="col">Due</th>
              <th scope="col" class="number">
                Tries
              </th>
              <th scope="col">Why</th>
            </>
          ) : (
            <th scope="col">Owed</th>
          )}
          {about.operate && (
            <th scope="col">
              <span class="unseen">Acts</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {listed.map((one) => (
          <tr key={JSON.stringify([one.type, one.scope, one.id])}>
            <td class="type">{one.type}</td>
            {scoped && (
              <td class="scope">
                <Scope scope={one.scope} />
              </td>
            )}
            <td class="ident">
              <ResourceId of={one} />
            </td>
            {owing ? <OwedCells of={one} /> : <td>{one.owed ? <Badge>{one.owed.class}</Badge> : "–"}</td>}
            {about.operate && (
              <td class="acts">
                <Act
                  label="Look again"
                  about={`Look again at ${one.type} ${one.id}`}
                  run={() => lookAgain(one)}
                  done={again}
                />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OwedCells({ of: { owed, recorded } }: { of: Listed }) {
  const { now } = useApp();
  if (!owed) return <td colSpan={4}>read meanwhile</td>;
  const events = owed.causes.map(({ name }) => name).join(", ");
  return (
    <>
      <td>
        <Badge>{owed.class}</Badge>
      </td>
      <td data-name="due">{owed.reading ? "is read" : due(owed.due, now)}</td>
      <td class="number" data-name="tries">
        {owed.attempts}
      </td>
      <td class="reason">
        {owed.error !== null && (
          <span class="bad">
            <Text>{owed.error}</Text>
          </span>
        )}
        {owed.error === null && <Text>{events || (recorded ? `hint by ${owed.via}` : `new, by ${owed.via}`)}</Text>}
      </td>
    </>
  );
}
