/**
 * Dark or light: as the system says, unless somebody chose.
 * @module
 */

export type Theme = "system" | "light" | "dark";
const KEY = "tidemark.theme";
const ORDER: readonly Theme[] = ["system", "light", "dark"];

export function themeNow(): Theme {
  const kept = localStorage.getItem(KEY);
  return ORDER.find((theme) => theme === kept) ?? "system";
}

export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  // What is drawn on a canvas takes its colours once.
  dispatchEvent(new Event("theme"));
}

export const nextTheme = (theme: Theme): Theme => ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "system";
