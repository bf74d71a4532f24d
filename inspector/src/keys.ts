/**
 * What a key wishes for. Keys with a modifier, and those in a field, are the browser's.
 * @module
 */

export type Wish =
  | { do: "search" | "help" | "pause" }
  | { do: "go"; view: string }
  /** To the row after, or before. */
  | { do: "step"; by: 1 | -1 };

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "target" | "timeStamp">;

/** Milliseconds in which the letter follows `g`. */
const SOON = 1_500;

/** @param views the letter of each */
export function keyReader(views: readonly (readonly [letter: string, view: string])[]): (key: Key) => Wish | undefined {
  const going = new Map(views);
  let since = Number.NEGATIVE_INFINITY;
  return ({ key, ctrlKey, metaKey, altKey, target, timeStamp }) => {
    if (ctrlKey || metaKey || altKey || isField(target)) return undefined;
    const view = timeStamp - since < SOON ? going.get(key) : undefined;
    since = key === "g" ? timeStamp : Number.NEGATIVE_INFINITY;
    if (view !== undefined) return { do: "go", view };
    if (key === "/") return { do: "search" };
    if (key === "?") return { do: "help" };
    if (key === "p") return { do: "pause" };
    if (key === "j" || key === "k") return { do: "step", by: key === "j" ? 1 : -1 };
    return undefined;
  };
}

const FIELDS = "input, select, textarea, dialog, [contenteditable]";
const isField = (target: EventTarget | null): boolean =>
  target !== null && "closest" in target && (target as Element).closest(FIELDS) !== null;
