/**
 * What a page of another origin may not do: act in the name of who is signed in here. Pure.
 *
 * A browser says who sends a request (`Sec-Fetch-Site`, `Origin`), and asks first before a page sends another origin JSON or
 * a token. So an act must be JSON, must not come from elsewhere, and is proven by a token, which no browser adds by itself,
 * or by the browser's word that the page is one of this very origin.
 * @module
 */
import { refusal } from "./reply.ts";

/** Why an act is refused before anything else is looked at; undefined: it may be one of ours. */
export function foreign(request: Request): Response | undefined {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") {
    return refusal(403, `an act must not come from a page of another origin: Sec-Fetch-Site is ${site}`);
  }
  const origin = headers.get("origin");
  if (origin !== null && !isOwn(origin, request, site)) {
    return refusal(403, "an act must not come from a page of another origin: Origin is not this host");
  }
  if (mediaTypeOf(headers.get("content-type")) !== "application/json") {
    return refusal(415, "send JSON, and say so: content-type: application/json");
  }
  if (site === "same-origin" || hasToken(headers)) return undefined;
  return refusal(403, "an act needs Authorization: Bearer …, or a browser that says it is of this origin");
}

/** The host that was asked for, as the client wrote it. */
export const hostOf = (request: Request): string => request.headers.get("host") ?? new URL(request.url).host;

/** Before a proxy that ends TLS the page is https and we are http: only then the browser's word stands for the scheme. */
function isOwn(origin: string, request: Request, site: string | null): boolean {
  const host = hostOf(request);
  if (origin === `${new URL(request.url).protocol}//${host}`) return true;
  return site === "same-origin" && origin === `https://${host}`;
}

const mediaTypeOf = (type: string | null): string | undefined => type?.split(";")[0]?.trim().toLowerCase();

/** `Basic` a browser sends by itself, as it does a cookie. */
const hasToken = (headers: Headers): boolean => /^Bearer +\S/i.test(headers.get("authorization") ?? "");
