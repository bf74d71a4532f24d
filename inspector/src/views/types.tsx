/**
 * How is each type in each scope? The worst first, by pages, however many there are.
 * @module
 */
import { useApp } from "../app.ts";
import { Empty, Panel, SwitchedOff, Waiting } from "../parts/bits.tsx";
import { Tabs, TextFilter, TypeFilter } from "../parts/filter.tsx";
import { PageBar, usePages } from "../parts/pages.tsx";
import { FoundLegend, TypeTable } from "../parts/typetable.tsx";
import { linkTo, type Route } from "../route.ts";
import { chosenTypes } from "../types.ts";
import { many } from "../words.ts";

/** Rows of a page. */
const LIMIT = 50;
const SORTS = [
  ["worst", "worst first"],
  ["dirty", "most waiting"],
  ["failing", "most failing"],
  ["live", "largest"],
  ["swept", "swept longest ago"],
] as const;

export function TypesView({ route }: { route: Route }) {
  const { health } = useApp();
  const { provider, type, scope, sort } = route.query;
  const pages = usePages(JSON.stringify(route.query));
  if (!health) return <Waiting />;
  const all = chosenTypes(health.types, { provider, type, scope, sort });
  const begin = Number(pages.after ?? 0);
  const shown = all.slice(begin, begin + LIMIT);
  const next = begin + LIMIT < all.length ? String(begin + LIMIT) : null;
  return (
    <>
      <h1 class="unseen">Types</h1>
      <div class="filters">
        {provider && (
          <a class="chip" href={linkTo("types")} title="All providers">
            {provider} ×
          </a>
        )}
        <TypeFilter route={route} />
        <TextFilter route={route} name="scope" label="Scope has" />
        <Tabs route={route} name="sort" label="Order" tabs={SORTS} />
      </div>
      <SwitchedOff />
      <Panel
        title={`${many(all.length, "type")} in ${all.length === 1 ? "its scope" : "their scopes"}`}
        aside={<FoundLegend />}
      >
        {shown.length > 0 ? (
          <TypeTable types={shown} />
        ) : (
          <Empty title="No type here.">
            A type is listed as soon as one of its resources is recorded, or it is swept.
          </Empty>
        )}
        <PageBar pages={pages} next={next} />
      </Panel>
    </>
  );
}
