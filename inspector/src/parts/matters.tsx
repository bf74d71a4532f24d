/**
 * What is not as it should be, or as it was: gaps, hooks, budgets and pauses. Nothing where there is none.
 * @module
 */
import type { VNode } from "preact";
import { act } from "../api.ts";
import type { Health } from "../wire.ts";
import { count } from "../words.ts";
import { Act } from "./act.tsx";
import { Ago, Badge, Panel, Scope, Text } from "./bits.tsx";

/** Rows of a kind that are shown. */
const SHOWN = 20;

export function Matters({ health: { gaps, hooks, budgets, paused } }: { health: Health }) {
  return (
    <>
      <Matter
        title="Gaps: changes of these times may be missing until they are swept"
        head={GAP}
        rows={gaps.map(gapRow)}
      />
      <Matter title="Hooks in trouble" head={HOOK} rows={hooks.map(hookRow)} />
      <Matter title="Budgets that wait or bear less" head={BUDGET} rows={budgets.map(budgetRow)} />
      <Matter title="Paused" head={PAUSE} rows={paused.map(pauseRow)} />
    </>
  );
}

function Matter({ title, head, rows }: { title: string; head: readonly string[]; rows: readonly VNode[] }) {
  if (rows.length === 0) return null;
  return (
    <Panel title={title} aside={<span class="muted">{count(rows.length)}</span>}>
      <table class="rows matter">
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows.slice(0, SHOWN)}</tbody>
      </table>
      {rows.length > SHOWN && <p class="hint">and {count(rows.length - SHOWN)} more</p>}
    </Panel>
  );
}

const GAP = ["Provider", "Scope", "What could not tell", "From", "To", "To be swept"];
const gapRow = ({ provider, scope, what, from, to, types }: Health["gaps"][number]) => (
  <tr key={`${provider}|${scope}|${what}`}>
    <td>{provider}</td>
    <td>
      <Scope scope={scope} />
    </td>
    <td>
      <Text>{what}</Text>
    </td>
    <td>{from === null ? "nobody knows" : <Ago at={from} />}</td>
    <td>{to === null ? "goes on" : <Ago at={to} />}</td>
    <td>{types.join(", ")}</td>
  </tr>
);

const HOOK = ["Provider", "Scope", "Fault", "Since", "Why, and what to do"];
const hookRow = ({ provider, scope, fault, since, problem }: Health["hooks"][number]) => (
  <tr key={`${provider}|${scope}|${fault}`}>
    <td>{provider}</td>
    <td>{scope === null ? "all" : <Scope scope={scope} />}</td>
    <td>
      <Badge kind="bad">{fault}</Badge>
    </td>
    <td>
      <Ago at={since} />
    </td>
    <td class="reason">
      <Text>{problem}</Text>
    </td>
  </tr>
);

const BUDGET = [
  "Provider",
  "Credential",
  "Calls per second",
  "Left",
  "Rests until",
  "Webhooks’ reads",
  "Refused since",
];
const budgetRow = ({ provider, credential, rate, left, resting, live, refused }: Health["budgets"][number]) => (
  <tr key={`${provider}|${credential}`}>
    <td>{provider}</td>
    <td>
      <Scope scope={credential} />
    </td>
    <td>{Number(rate.toPrecision(3))}</td>
    <td>{count(left)}</td>
    <td>{resting === null ? "–" : <Ago at={resting} />}</td>
    <td>{live === null ? "now" : <Ago at={live} />}</td>
    <td>{refused === null ? "–" : <Ago at={refused} />}</td>
  </tr>
);

const PAUSE = ["Provider", "Scope", "Since", ""];
const pauseRow = ({ provider, scope, since }: Health["paused"][number]) => {
  const resume = async () => {
    await act(["resume"], { provider, ...(scope !== undefined && { scope }) });
    return `${provider} ${scope ?? ""} goes on`;
  };
  return (
    <tr key={`${provider}|${scope}`}>
      <td>{provider}</td>
      <td>{scope === undefined ? "all" : <Scope scope={scope} />}</td>
      <td>
        <Ago at={since} />
      </td>
      <td class="acts">
        <Act label="Resume" about={`Resume ${provider} ${scope ?? ""}`} run={resume} />
      </td>
    </tr>
  );
};
