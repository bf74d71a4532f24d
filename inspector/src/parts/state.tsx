/**
 * A state as text: whatever is in it, it is only shown. Nothing in it is a link, an image or markup.
 * @module
 */
import { useState } from "preact/hooks";

/** Characters that are shown before somebody asks for more. */
const SHOWN = 20_000;

export function State({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  const text = JSON.stringify(value, null, 2) ?? "";
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre class="state" tabIndex={0}>
        <bdi>{whole ? text : text.slice(0, SHOWN)}</bdi>
      </pre>
      {!whole && text.length > SHOWN && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}

/** A value in one line. */
export function valueText(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "");
}
