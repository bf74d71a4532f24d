/**
 * What waits, fails or is parked, and why?
 * @module
 */
import { Fragment } from "preact";
import { useApp } from "../app.ts";
import { Empty, SwitchedOff } from "../parts/bits.tsx";
import { Tabs, TextFilter, TypeFilter } from "../parts/filter.tsx";
import { Halted } from "../parts/halted.tsx";
import { ListedPanel } from "../parts/listed.tsx";
import { ParkedPanel } from "../parts/parked.tsx";
import { Worst } from "../parts/worst.tsx";
import { sum } from "../providers.ts";
import type { Route } from "../route.ts";

export function WaitingView({ route }: { route: Route }) {
  const { health } = useApp();
  const { state = "failing", type, scope } = route.query;
  const types = health?.types ?? [];
  const parked = health?.subscriptions.filter((one) => one.parked > 0 || one.halted) ?? [];
  const tabs = [
    ["failing", "Failing", sum(types.map(({ failing }) => failing))],
    ["dirty", "Waiting", sum(types.map(({ dirty }) => dirty))],
    ["parked", "Parked", sum(parked.map(({ parked, halted }) => parked + (halted ? 1 : 0)))],
  ] as const;
  const narrowed = { ...(type && { type }), ...(scope && { scope }) };
  return (
    <>
      <h1 class="unseen">Waiting</h1>
      <div class="filters">
        <Tabs route={route} name="state" label="What" tabs={tabs} />
        {state !== "parked" && <TypeFilter route={route} />}
        {state !== "parked" && <TextFilter route={route} name="scope" label="Scope" />}
      </div>
      <SwitchedOff />
      {state === "parked" ? (
        parked.map((one) => (
          <Fragment key={one.name}>
            <Halted of={one} />
            {one.parked > 0 && <ParkedPanel name={one.name} />}
          </Fragment>
        ))
      ) : (
        <>
          <Worst state={state === "dirty" ? "dirty" : "failing"} route={route} />
          <ListedPanel state={state === "dirty" ? "dirty" : "failing"} {...narrowed} />
        </>
      )}
      {state === "parked" && parked.length === 0 && (
        <Empty title="Nothing is parked.">
          A resource whose handler throws waits in its subscription, and is shown here with the handler's reason.
        </Empty>
      )}
    </>
  );
}
