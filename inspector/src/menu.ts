/**
 * The views that have a place of their own.
 * @module
 */

/** What the menu shows: the view, its name, and the key that goes there after `g`. */
export const MENU = [
  ["overview", "Overview", "o"],
  ["changes", "Changes", "c"],
  ["loss", "Loss", "l"],
  ["waiting", "Waiting", "w"],
  ["types", "Types", "t"],
  ["resources", "Resources", "r"],
  ["subscriptions", "Subscriptions", "s"],
] as const;
