/**
 * Asks for the token, where the handler does.
 * @module
 */
import { useRef } from "preact/hooks";
import { keepToken } from "./token.ts";

/** @param again a token was given already, and was not the right one */
export function SignIn({ again, enter }: { again: boolean; enter: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    const value = input.current?.value.trim() ?? "";
    if (value === "") return;
    keepToken(value);
    enter();
  };
  return (
    <main class="alone">
      <form class="signin" onSubmit={submit}>
        <h1>Tidemark inspector</h1>
        <p>
          {again ? "That token is not the right one. " : "The handler asks for a token. "}
          Give the one that <code>createHandler</code> was given; it is kept for this tab alone.
        </p>
        <label class="field">
          <span>Token</span>
          <input ref={input} type="password" autocomplete="off" required />
        </label>
        <button type="submit" class="button primary">
          Open
        </button>
      </form>
    </main>
  );
}
