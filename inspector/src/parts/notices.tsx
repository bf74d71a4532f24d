/**
 * What was done last, each in a line, until somebody closes it.
 * @module
 */
import { useEffect, useState } from "preact/hooks";
import { dismiss, type Notice, onNotices } from "../notices.ts";

export function Notices() {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  useEffect(() => onNotices(setNotices), []);
  return (
    <div class="notices" role="status">
      {notices.map(({ key, text, bad }) => (
        <p key={key} class={bad ? "notice bad" : "notice"}>
          <bdi>{text}</bdi>
          <button type="button" class="button quiet" aria-label="Close" onClick={() => dismiss(key)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
