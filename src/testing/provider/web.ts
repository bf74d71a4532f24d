/**
 * The web between a provider and an emulator: `fetch` with its redirects.
 * @module
 */

/** Redirects that `fetch` follows (fetch.spec.whatwg.org/#http-redirect-fetch). */
const MOST_REDIRECTS = 20;

const REDIRECTS = [301, 302, 303, 307, 308];

/** `fetch` as a client of the API meets it: it follows redirects, if it may, and gives the URL that answered. */
export function fetchOver(answer: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return async (input, init) => {
    let request = new Request(input, init);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await answer(request);
      Object.defineProperty(response, "url", { value: request.url, configurable: true });
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null || request.redirect === "manual") return response;
      const target = URL.parse(location, request.url);
      if (request.redirect === "error" || target === null) break;
      request = redirected(request, target);
    }
    throw new TypeError("fetch failed");
  };
}

/** To another origin the well-known credentials stay behind; a service's own header goes along. */
function redirected(request: Request, target: URL): Request {
  const headers = new Headers(request.headers);
  if (new URL(request.url).origin !== target.origin) {
    for (const name of ["authorization", "cookie", "proxy-authorization"]) headers.delete(name);
  }
  return new Request(target, { headers, redirect: request.redirect, signal: request.signal });
}
