/**
 * Where most waits or fails: the worst types and scopes first, so that a thousand scopes are a few rows.
 * @module
 */
import { useApp } from "../app.ts";
import { linkTo, type Route } from "../route.ts";
import { count, due } from "../words.ts";
import { Panel, Scope, Text } from "./bits.tsx";

const SHOWN = 8;

export function Worst({ state, route }: { state: "dirty" | "failing"; route: Route }) {
  const { health, now } = useApp();
  const { type, scope } = route.query;
  const all = (health?.types ?? [])
    .filter((one) => one[state] > 0 && (!type || one.type === type) && (!scope || one.scope === scope))
    .sort((a, b) => b[state] - a[state] || (a.oldest ?? "~").localeCompare(b.oldest ?? "~"));
  // One alone is the list below it.
  if (all.length < 2) return null;
  return (
    <Panel
      title={state === "dirty" ? "Where most waits" : "Where most fails"}
      aside={<span class="muted">{count(all.length)} types in their scopes</span>}
    >
      <table class="rows worst">
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Scope</th>
            <th scope="col" class="number">
              {state === "dirty" ? "Waiting" : "Failing"}
            </th>
            <th scope="col">Oldest due</th>
            <th scope="col">The latest reason</th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, SHOWN).map((one) => (
            <tr key={`${one.type} ${one.scope}`}>
              <td class="type">
                <a href={linkTo("waiting", [], { state, type: one.type, scope: one.scope })} data-row="">
                  {one.type}
                </a>
              </td>
              <td class="scope">
                <Scope scope={one.scope} />
              </td>
              <td class="number" data-name={state === "dirty" ? "waiting" : "failing"}>
                {count(one[state])}
              </td>
              <td data-name="oldest due">{one.oldest === null ? "–" : due(one.oldest, now)}</td>
              <td class="reason">
                <Text>{one.error ?? ""}</Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {all.length > SHOWN && (
        <p class="hint">
          and {count(all.length - SHOWN)} more: narrow by type and scope, or see{" "}
          <a href={linkTo("types", [], { sort: state })}>all types</a>.
        </p>
      )}
    </Panel>
  );
}
