/**
 * Has keys do what they wish for.
 * @module
 */
import { useEffect } from "preact/hooks";
import { keyReader } from "./keys.ts";
import { MENU } from "./menu.ts";
import { linkTo } from "./route.ts";

/** `/` searches, `g` and a letter goes to a view, `j` and `k` go along the rows, `?` tells all of them. */
export function useKeys(search: { current: HTMLInputElement | null }, setHelp: (open: boolean) => void): void {
  useEffect(() => {
    const read = keyReader(MENU.map(([view, , key]) => [key, view]));
    const onKey = (event: KeyboardEvent) => {
      const wish = read(event);
      if (!wish) return;
      event.preventDefault();
      if (wish.do === "search") search.current?.focus();
      if (wish.do === "help") setHelp(true);
      if (wish.do === "go") location.hash = linkTo(wish.view);
      if (wish.do === "step") step(wish.by);
      if (wish.do === "pause") document.querySelector<HTMLElement>("[data-key='p']")?.click();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [search, setHelp]);
}

/** Moves the focus along the rows of a list. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
}
