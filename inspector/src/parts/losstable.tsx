/**
 * What webhooks lost, by type; the scopes that lost most below each.
 * @module
 */
import { useState } from "preact/hooks";
import { WINDOWS, type Window } from "../providers.ts";
import type { Loss, Rates } from "../wire.ts";
import { count, percent, span } from "../words.ts";
import { Badge, Panel, Scope } from "./bits.tsx";

const NAMES = { hour: "1 hour", day: "24 hours", week: "7 days" } as const;
/** Scopes that are shown of a type. */
const SHOWN = 10;

export function LossTable({ losses }: { losses: readonly Loss[] }) {
  const [window, setWindow] = useState<Window>("day");
  if (losses.length === 0) return null;
  const all = losses.filter(({ scope }) => scope === null).sort((a, b) => b[window].lost - a[window].lost);
  const choice = (
    <fieldset class="tabs">
      <legend class="unseen">Window</legend>
      {WINDOWS.map((one) => (
        <button key={one} type="button" aria-pressed={one === window} onClick={() => setWindow(one)}>
          {NAMES[one]}
        </button>
      ))}
    </fieldset>
  );
  return (
    <Panel title="By type" aside={choice}>
      <table class="rows losses">
        <thead>
          <tr>
            <th scope="col">Type</th>
            {["Lost", "Rate", "Late", "Repeats", "Awaited", "Unsure", "Found by webhook, poll, sweep"].map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
            <th scope="col" class="number">
              Lag p50, p99
            </th>
          </tr>
        </thead>
        <tbody>
          {all.flatMap((loss) => [
            <Row key={loss.type} loss={loss} rates={loss[window]} />,
            ...worst(losses, loss.type, window).map((one) => (
              <Row key={`${one.type} ${one.scope}`} loss={one} rates={one[window]} />
            )),
          ])}
        </tbody>
      </table>
    </Panel>
  );
}

/** The scopes of a type that lost most. */
const worst = (losses: readonly Loss[], type: string, window: Window): Loss[] =>
  losses
    .filter((loss) => loss.type === type && loss.scope !== null && loss[window].lost > 0)
    .sort((a, b) => b[window].lost - a[window].lost)
    .slice(0, SHOWN);

function Row({ loss: { type, scope }, rates }: { loss: Loss; rates: Rates }) {
  const { found, lost, late, repeats, awaited, unsure, rate, lag } = rates;
  return (
    <tr class={scope === null ? undefined : "within"}>
      <th scope="row">{scope === null ? type : <Scope scope={scope} />}</th>
      <td class="number" data-name="lost">
        {lost > 0 ? <Badge kind="bad">{count(lost)}</Badge> : 0}
      </td>
      <td class="number" data-name="rate">
        {rate === null ? <span class="muted">–</span> : percent(rate)}
      </td>
      <td class="number" data-name="late">
        {count(late)}
      </td>
      <td class="number" data-name="repeats">
        {count(repeats)}
      </td>
      <td class="number" data-name="awaited">
        {count(awaited)}
      </td>
      <td class="number" data-name="unsure">
        {count(unsure)}
      </td>
      <td class="number" data-name="found by webhook, poll, sweep">
        {count(found.webhook)} · {count(found.poll)} · {count(found.sweep)}
      </td>
      <td class="number" data-name="lag">
        {lag === null ? <span class="muted">–</span> : `${span(lag.p50)} · ${span(lag.p99)}`}
      </td>
    </tr>
  );
}
