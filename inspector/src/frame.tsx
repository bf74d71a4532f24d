/**
 * What is around every view: the menu, the search, how it is in a word, and what was done last.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp } from "./app.ts";
import { MENU } from "./menu.ts";
import { Keys } from "./parts/keys.tsx";
import { Notices } from "./parts/notices.tsx";
import { Search } from "./parts/search.tsx";
import { sum } from "./providers.ts";
import { linkTo, type Route } from "./route.ts";
import { applyTheme, nextTheme, themeNow } from "./theme.ts";
import { useKeys } from "./usekeys.ts";
import { many, short } from "./words.ts";

/** Views without a place of their own in the menu, and where they belong. */
const WITHIN: Readonly<Record<string, string>> = { resource: "resources", subscription: "subscriptions" };

export function Frame(props: { route: Route; error: string | undefined; children: ComponentChildren }) {
  const { route, error, children } = props;
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  useKeys(search, setHelp);
  const here = WITHIN[route.view] ?? route.view;
  const title = MENU.find(([view]) => view === here)?.[1] ?? "Inspector";
  const place = [...route.parts, title].join(" · ");
  const first = useRef(place);
  useEffect(() => {
    document.title = `${place} · Tidemark inspector`;
    if (first.current === place) return;
    // Another view begins at its beginning, also for who uses keys; the first one leaves the focus where it is.
    first.current = "";
    scrollTo(0, 0);
    main.current?.focus();
  }, [place]);
  return (
    <div class="frame">
      <header class="head">
        <a class="skip" href={`${location.hash || "#/"}`} onClick={() => main.current?.focus()}>
          Skip to the view
        </a>
        <div class="top">
          <a class="brand" href="#/">
            <svg viewBox="0 0 32 32" aria-hidden="true">
              <path d="M4 12c4-4.6 8-4.6 12 0s8 4.6 12 0M4 21c4-4.6 8-4.6 12 0s8 4.6 12 0" />
            </svg>
            Tidemark
          </a>
          <Menu here={here} />
        </div>
        <div class="bar">
          <Search input={search} />
          <Verdict error={error} />
          <ThemeButton />
          <button type="button" class="button quiet" aria-label="Keys" onClick={() => setHelp(true)}>
            ?
          </button>
        </div>
      </header>
      <main ref={main} tabIndex={-1} aria-label={title}>
        {children}
      </main>
      <Notices />
      {help && <Keys close={() => setHelp(false)} />}
    </div>
  );
}

function Menu({ here }: { here: string }) {
  const { health } = useApp();
  const waiting = health && sum(health.types.map(({ failing }) => failing));
  const parked = health && sum(health.subscriptions.map(({ parked, halted }) => parked + (halted ? 1 : 0)));
  const counts: Readonly<Record<string, number | undefined>> = { waiting, subscriptions: parked };
  return (
    <nav class="menu" aria-label="Views">
      {MENU.map(([view, name, key]) => (
        <a
          key={view}
          href={linkTo(view)}
          aria-current={view === here ? "page" : undefined}
          aria-keyshortcuts={`g ${key}`}
        >
          {name}
          {(counts[view] ?? 0) > 0 && <span class="count some">{short(counts[view] ?? 0)}</span>}
        </a>
      ))}
    </nav>
  );
}

/** How it is, in a word. */
function Verdict({ error }: { error: string | undefined }) {
  const { health } = useApp();
  if (error !== undefined) return <span class="verdict bad">no answer</span>;
  if (!health) return <span class="verdict">…</span>;
  return health.ok ? (
    <a class="verdict good" href="#/">
      all is well
    </a>
  ) : (
    <a class="verdict bad" href="#/">
      {many(health.alarms.length, "alarm")}
    </a>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(themeNow);
  const turn = () => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  const sign = { system: "◐", light: "○", dark: "●" }[theme];
  return (
    <button
      type="button"
      class="button quiet"
      aria-label={`Colours: ${theme}`}
      title={`Colours: ${theme}`}
      onClick={turn}
    >
      {sign}
    </button>
  );
}
