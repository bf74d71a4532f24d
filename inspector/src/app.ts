/**
 * What every view may know: who serves it, how that is, and what time it is.
 * @module
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { About, Health } from "./wire.ts";

export interface App {
  about: About;
  /** Undefined: not known yet. */
  health: Health | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** Asks for the health now: something was done. */
  again(): void;
}

const context = createContext<App | undefined>(undefined);
export const AppProvider = context.Provider;

export function useApp(): App {
  const app = useContext(context);
  if (!app) throw new Error("a view is drawn within the page's frame");
  return app;
}
