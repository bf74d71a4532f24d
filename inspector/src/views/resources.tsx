/**
 * What is recorded, by type and scope.
 * @module
 */
import { TextFilter, TypeFilter } from "../parts/filter.tsx";
import { ListedPanel } from "../parts/listed.tsx";
import type { Route } from "../route.ts";

export function ResourcesView({ route }: { route: Route }) {
  const { type, scope } = route.query;
  return (
    <>
      <h1 class="unseen">Resources</h1>
      <div class="filters">
        <TypeFilter route={route} />
        <TextFilter route={route} name="scope" label="Scope" />
        <p class="muted">
          One alone: <kbd>/</kbd> and its type and id.
        </p>
      </div>
      <ListedPanel state="live" {...(type && { type })} {...(scope && { scope })} />
    </>
  );
}
