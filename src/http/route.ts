/**
 * What a route is, and who may take it.
 * @module
 */
import type { Sync } from "../api.ts";
import type { Providers } from "../kind.ts";
import type { Time } from "../time.ts";
import type { View } from "./access.ts";
import type { Pattern } from "./router.ts";

/** A request within the handler. */
export interface Asking {
  request: Request;
  /** What the pattern of its route names. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
}

/** What answers a route. */
export type Answer = (asking: Asking, view: View) => Promise<Response>;

export interface Route {
  /**
   * - `open`: anybody
   * - `view`: whoever may see something; what they may not see, the route leaves out
   * - `all`: who may see everything
   * - `act`: the same, where acts are switched on, and no page of another origin
   */
  who: "open" | "view" | "all" | "act";
  answer: Answer;
}
export type Routes = Readonly<Record<Pattern, Route>>;

/** What routes are made from. Of a sync whose providers are not known here, names are checked as they come. */
export interface Ground {
  sync: Sync<Providers>;
  time: Time;
}
