/**
 * The inspector's page: static files, the same for everybody. It carries no data; what it shows it asks the handler for, with
 * the token of who opened it.
 * @module
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { hostOf } from "../http/foreign.ts";
import { refusal } from "../http/reply.ts";
import { peerOf } from "../peer.ts";
import { whyNot } from "./door.ts";

/** Where the inspector may be opened. */
export interface InspectorOptions {
  /**
   * Hosts as a browser sends them, `"ops.example.com"` or `"10.0.0.5:3000"`, besides this machine's own names. With them others
   * than this machine may connect. Default: none.
   */
  hosts?: readonly string[];
}

const isHost = (host: unknown): boolean => typeof host === "string" && /^[a-z0-9.[\]:-]+$/.test(host);

/** Nothing but its own files, in no frame, and nobody learns where it was opened. */
const SAFE = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
    // No text becomes markup or script, not even by a mistake of its own files: it throws where browsers know of this.
    "require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** Its name changes with what is in it. */
const FOR_EVER = "public, max-age=31536000, immutable";
/** No dot at its beginning, no slash, no backslash: a name, and no path; and no longer than a disk would look for. */
const NAME = /^(?=.{1,200}$)[\w-]+(\.[\w-]+)+$/;

/** Answers what is below `/inspector`. `parts` of the path come after that. */
export type Page = (request: Request, parts: readonly string[]) => Promise<Response>;

/**
 * @param folder what the build of the page left
 * @throws TypeError for hosts that no browser sends
 */
export function createPage({ hosts }: InspectorOptions, folder: string = builtBeside(import.meta.url)): Page {
  if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every(isHost))) {
    throw new TypeError('createHandler: inspector.hosts must be like ["ops.example.com", "10.0.0.5:3000"]');
  }
  return async (request, parts) => {
    const refused = whyNot(hostOf(request), peerOf(request), hosts);
    if (refused !== undefined) return refusal(403, refused);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refusal(405, "only GET", { allow: "GET, HEAD" });
    }
    if (parts.length === 0) return page(folder);
    const [first = "", second] = parts;
    if (first === "" && parts.length === 1)
      return new Response(null, { status: 308, headers: { location: "../inspector" } });
    if (parts.length === 2 && first === "assets" && second !== undefined)
      return file(folder, `assets/${second}`, second, FOR_EVER);
    if (parts.length === 1) return file(folder, first, first, "no-cache");
    return refusal(404, "there is nothing here");
  };
}

async function page(folder: string): Promise<Response> {
  const html = await contentOf(`${folder}/index.html`);
  if (!html) return refusal(503, "the page is not built: npm run build");
  return answer(html, "text/html; charset=utf-8", "no-store");
}

async function file(folder: string, path: string, name: string, kept: string): Promise<Response> {
  const type = NAME.test(name) ? TYPES[extname(name)] : undefined;
  const content = type && (await contentOf(`${folder}/${path}`));
  return content ? answer(content, type, kept) : refusal(404, "there is nothing here");
}

const answer = (content: Uint8Array<ArrayBuffer>, type: string, kept: string): Response =>
  new Response(content, { headers: { "content-type": type, "cache-control": kept, ...SAFE } });

/** Undefined: there is no such file. */
async function contentOf(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where the build leaves the page, seen from this file, which runs as it is or from within `dist`. */
export const builtBeside = (file: string): string =>
  fileURLToPath(new URL(file.endsWith(".ts") ? "../../dist/inspector" : "../../inspector", file));
