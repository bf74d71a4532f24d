/**
 * Small things that every view has.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useApp } from "../app.ts";
import { resourceLink } from "../route.ts";
import type { Change, Ref } from "../wire.ts";
import { away } from "../words.ts";

/** What found a change. */
export const Via = ({ change: { via, initial } }: { change: Pick<Change, "via" | "initial"> }) => (
  <span class={`badge via-${initial ? "initial" : via}`}>{initial ? "backfill" : via}</span>
);

export const Badge = ({ kind = "plain", children }: { kind?: string; children: ComponentChildren }) => (
  <span class={`badge ${kind}`}>{children}</span>
);

/** Text of a provider or an application: whatever it is, it stays within its place. */
export const Text = ({ children, code = false }: { children: string; code?: boolean }) => (
  <bdi class={code ? "code" : undefined}>{children}</bdi>
);

/** A resource by its id, as a link to its own page. */
export const ResourceId = ({ of, short = false }: { of: Ref; short?: boolean }) => (
  <a class={short ? "id short" : "id"} href={resourceLink(of)} data-row="">
    <bdi>{of.id === "" ? "(no id)" : of.id}</bdi>
  </a>
);

export const Scope = ({ scope }: { scope: string }) =>
  scope === "" ? <span class="muted none">–</span> : <bdi>{scope}</bdi>;

/** A time, by its distance; the whole of it when pointed at. */
export function Ago({ at }: { at: string | null }) {
  const { now } = useApp();
  if (at === null) return <span class="muted">never</span>;
  return (
    <time dateTime={at} title={at}>
      {away(at, now)}
    </time>
  );
}

/** Why there is nothing, and what to do about it. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children && <p>{children}</p>}
  </div>
);

/** What could not be asked for. */
export const Trouble = ({ error }: { error: string | undefined }) =>
  error === undefined ? null : (
    <p class="trouble" role="alert">
      <Text>{error}</Text>
    </p>
  );

export const Waiting = () => <p class="loading">Asking …</p>;

/** A part of a view with a heading of its own. */
export const Panel = (props: {
  title: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) => (
  <section class={`panel ${props.class ?? ""}`}>
    <header class="panel-head">
      <h2>{props.title}</h2>
      {props.aside && <div class="aside">{props.aside}</div>}
    </header>
    {props.children}
  </section>
);

/** Says how what is not there is switched on. */
export function SwitchedOff() {
  const { about } = useApp();
  if (about.operate) return null;
  return (
    <p class="hint">
      This page only looks. To sweep, retry, skip and replay from here, give <code>createHandler</code>{" "}
      <code>operate: true</code>.
    </p>
  );
}
