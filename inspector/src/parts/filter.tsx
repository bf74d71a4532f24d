/**
 * What narrows a list. It is in the address, so that a narrowed view can be linked and kept.
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app.ts";
import { linkTo, type Route, routeOf } from "../route.ts";

/** Goes to the same view, narrowed otherwise: what it is narrowed by now is in the address, and perhaps not drawn yet. */
export function narrow(change: Readonly<Record<string, string>>): void {
  const { view, parts, query } = routeOf(location.hash);
  location.hash = linkTo(view, parts, { ...query, ...change });
}

export function TypeFilter({ route }: { route: Route }) {
  const { about } = useApp();
  const types = Object.values(about.providers).flatMap(({ types }) => types);
  const chosen = route.query["type"] ?? "";
  return (
    <label class="field">
      <span>Type</span>
      <select value={chosen} onChange={({ currentTarget }) => narrow({ type: currentTarget.value })}>
        <option value="">all</option>
        {chosen !== "" && !types.includes(chosen) && <option value={chosen}>{chosen}</option>}
        {types.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Text that narrows a list when it was entered. */
export function TextFilter(props: { route: Route; name: string; label: string; placeholder?: string }) {
  const { route, name, label, placeholder = "all" } = props;
  const current = route.query[name] ?? "";
  // What is half written is kept: the page is drawn anew each second.
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="text"
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget }) => narrow({ [name]: currentTarget.value.trim() })}
      />
    </label>
  );
}

/** One of a few, as links. */
export function Tabs(props: {
  route: Route;
  name: string;
  label: string;
  tabs: readonly (readonly [value: string, label: string, count?: number | undefined])[];
}) {
  const { route, name, label, tabs } = props;
  const chosen = route.query[name] ?? tabs[0]?.[0];
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([value, text, count]) => (
        <a
          key={value}
          href={linkTo(route.view, route.parts, { ...route.query, [name]: value })}
          aria-current={value === chosen ? "true" : undefined}
        >
          {text}
          {count !== undefined && <span class={count > 0 ? "count some" : "count"}>{count}</span>}
        </a>
      ))}
    </nav>
  );
}
