/**
 * Where a hook is to send its webhooks.
 * @module
 */

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Nothing of the URL is in the message: it may hold a token.
 * @throws TypeError for what is no URL, and for one that is not https, unless it leads to this machine
 */
export function checkUrl(provider: string, scope: string, url: unknown): string {
  const parsed = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && LOOPBACK.test(parsed.hostname))) {
    return url as string;
  }
  const where = scope === "" ? "" : ` for the scope "${scope}"`;
  throw new TypeError(
    `setup("${provider}"): the url${where} must be https, as in "https://app.example/webhooks/${provider}"; http is for localhost alone`,
  );
}
