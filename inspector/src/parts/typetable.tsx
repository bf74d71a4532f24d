/**
 * Types in their scopes as rows: what is recorded, what waits, what found it, how far the sweep is.
 * @module
 */
import { useApp } from "../app.ts";
import { audit, sweep } from "../deeds.ts";
import { linkTo } from "../route.ts";
import type { TypeHealth } from "../wire.ts";
import { count, percent, span } from "../words.ts";
import { Act } from "./act.tsx";
import { Ago, Scope, Text } from "./bits.tsx";

export function TypeTable({ types }: { types: readonly TypeHealth[] }) {
  const { about } = useApp();
  const scoped = types.some(({ scope }) => scope !== "");
  return (
    <table class="rows types">
      <thead>
        <tr>
          <th scope="col">Type</th>
          {scoped && <th scope="col">Scope</th>}
          {["Resources", "Waiting", "Failing"].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
          <th scope="col">Last webhook</th>
          <th scope="col">Last sweep</th>
          <th scope="col">Found by</th>
          {about.operate && (
            <th scope="col">
              <span class="unseen">Acts</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {types.map((one) => (
          <Row key={`${one.type} ${one.scope}`} of={one} scoped={scoped} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ of, scoped }: { of: TypeHealth; scoped: boolean }) {
  const { about } = useApp();
  const { type, scope, live, dirty, failing, error } = of;
  const list = (state: string) => linkTo("waiting", [], { state, type, scope });
  const name = [type, scope].filter(Boolean).join(" ");
  return (
    <tr>
      <td class="type">
        <a href={linkTo("resources", [], { type, scope })} data-row="">
          {type}
        </a>
      </td>
      {scoped && (
        <td class="scope">
          <Scope scope={scope} />
        </td>
      )}
      <td class="number" data-name="resources">
        {count(live)}
      </td>
      <td class="number" data-name="waiting">
        {dirty > 0 ? <a href={list("dirty")}>{count(dirty)}</a> : 0}
      </td>
      <td class="number" data-name="failing" title={error ?? undefined}>
        {failing > 0 ? (
          <a class="bad" href={list("failing")}>
            {count(failing)}
          </a>
        ) : (
          0
        )}
      </td>
      <td data-name="webhook">
        <Ago at={of.lastWebhook} />
      </td>
      <td data-name="sweep">
        <Sweep of={of} />
      </td>
      <td>
        <FoundBar found={of.found} />
      </td>
      {about.operate && (
        <td class="acts">
          <Act
            label="Sweep"
            about={`Sweep ${name}`}
            confirm="Everything of it is listed at the provider, and what is missing is read. It takes as long as that takes, and its share of the budget."
            run={() => sweep({ type, scope })}
          />
          <Act
            label="Audit"
            about={`Audit ${name}`}
            confirm="Everything of it is listed at the provider and compared with what is recorded. Nothing is written."
            run={() => audit({ type, scope })}
          />
        </td>
      )}
    </tr>
  );
}

/** How far it is, or when the last one was. */
function Sweep({ of: { sweep, lastSweep } }: { of: TypeHealth }) {
  if (sweep === null) return <Ago at={lastSweep} />;
  const { items, total, left, backfill } = sweep;
  const part = total === null || total === 0 ? "" : `, ${percent(Math.min(1, items / total))}`;
  return (
    <>
      <Text>{`${backfill ? "backfill" : "sweep"}: ${count(items)}${part}`}</Text>
      {left !== null && <small class="muted"> {span(left)} left</small>}
    </>
  );
}

const FOUND = ["webhook", "poll", "sweep", "app", "initial"] as const;
const wordOf = (via: (typeof FOUND)[number]): string => (via === "initial" ? "backfill" : via);

/** What the colours of the bars mean. */
export const FoundLegend = () => (
  <>
    {FOUND.map((via) => (
      <span key={via} class={`legend muted of-${via}`}>
        {wordOf(via)}
      </span>
    ))}
  </>
);

/** What found the changes, as parts of a bar and in words. */
function FoundBar({ found }: { found: TypeHealth["found"] }) {
  const all = FOUND.reduce((sum, via) => sum + found[via], 0);
  if (all === 0) return <span class="muted">–</span>;
  const words = FOUND.filter((via) => found[via] > 0).map((via) => `${count(found[via])} ${wordOf(via)}`);
  let x = 0;
  return (
    <span class="foundbar" title={words.join(", ")}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={words.join(", ")}>
        {FOUND.map((via) => {
          const width = (100 * found[via]) / all;
          const at = x;
          x += width;
          return <rect key={via} class={`fill-${via}`} x={at} y={0} width={width} height={8} />;
        })}
      </svg>
    </span>
  );
}
