/**
 * All keys there are.
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { MENU } from "../menu.ts";

export function Keys({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys: readonly (readonly [string, string])[] = [
    ["/", "search: a type and an id, or a part of what was seen lately"],
    ...MENU.map(([, name, key]) => [`g ${key}`, name] as const),
    ["j  k", "the next row, the one before"],
    ["p", "pause the list of changes, or let it go on"],
    ["?", "these keys"],
  ];
  return (
    <dialog ref={dialog} class="dialog" aria-label="Keys" onClose={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              {key.split(/ +/).map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" class="button primary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
