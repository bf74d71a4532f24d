/**
 * The token: it comes in the fragment of the page's address, which no server sees, and leaves the address at once. It is kept
 * for this tab alone.
 * @module
 */

const KEY = `tidemark.token ${location.pathname}`;
let known = sessionStorage.getItem(KEY);

/** Null: none is known; the host's own session may do. */
export const token = (): string | null => known;

export function keepToken(value: string): void {
  known = value;
  sessionStorage.setItem(KEY, value);
}

export function forgetToken(): void {
  known = null;
  sessionStorage.removeItem(KEY);
}

/** Takes the token out of the address, so that it is in no history, bookmark or screenshot. Answers whether there was one. */
export function takeToken(): boolean {
  const given = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (given === undefined) return false;
  history.replaceState(null, "", location.pathname + location.search);
  keepToken(decodeURIComponent(given));
  return true;
}
