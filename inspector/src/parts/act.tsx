/**
 * A button that has the handler do something: it asks first where that does much, and says what came of it.
 * @module
 */
import { useRef, useState } from "preact/hooks";
import { useApp } from "../app.ts";
import { notify } from "../notices.ts";

export interface Deed {
  /** What the button says. */
  label: string;
  /** What is said to those who hear it, where the label alone says too little. */
  about?: string;
  /** What it does, in a sentence or two; it is asked for before. */
  confirm?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Resolves to what came of it, in a line. */
  run(): Promise<string>;
  /** What is shown is old now. */
  done?(): void;
}

/** Nothing where the handler lets nobody operate. */
export function Act(deed: Deed) {
  const { about, again } = useApp();
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  if (!about.operate) return null;
  const { label, confirm, danger = false, disabled = false } = deed;
  const run = async () => {
    if (busy) return;
    setBusy(true);
    try {
      notify(await deed.run());
    } catch (error) {
      notify(`${label}: ${error instanceof Error ? error.message : error}`, true);
    } finally {
      setBusy(false);
      dialog.current?.close();
      again();
      deed.done?.();
    }
  };
  const look = danger ? "button danger" : "button";
  return (
    <>
      <button
        type="button"
        class={look}
        disabled={disabled}
        // A button that is switched off while it works would lose the focus.
        aria-disabled={busy}
        aria-label={deed.about}
        onClick={() => (confirm ? dialog.current?.showModal() : void run())}
      >
        {busy ? "…" : label}
      </button>
      {confirm && (
        <dialog ref={dialog} class="dialog" aria-label={deed.about ?? label}>
          <h2>{deed.about ?? label}</h2>
          <p>{confirm}</p>
          <div class="buttons">
            <button type="button" class="button" disabled={busy} onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="button" class={`${look} primary`} disabled={busy} onClick={() => void run()}>
              {busy ? "Working …" : label}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}
