/**
 * Asks the handler that serves this page.
 * @module
 */
import { forgetToken, token } from "./token.ts";

/** What the handler answered instead of what was asked for; `message` is its sentence. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** @param status of HTTP; 0: there was no answer */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Where the handler's paths begin: this page is `<base>/inspector`. */
export const BASE = location.pathname.replace(/\/inspector\/?$/, "");

/** Is called when the handler knows nobody by the token, or by its lack. */
let refused = (_: { token: boolean }): void => {};
export const onRefused = (listener: (given: { token: boolean }) => void): void => {
  refused = listener;
};

/** A path with each part written so that it stays one, and what is asked of it. Empty values are left out. */
export function pathOf(parts: readonly string[], query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  const search = asked.size > 0 ? `?${asked}` : "";
  return `${BASE}/${parts.map(partOf).join("/")}${search}`;
}

/** A part that is only full stops would be taken for a folder, however it is written; nothing provider-made is lost by refusing it. */
function partOf(part: string): string {
  if (/^\.{1,2}$/.test(part)) throw new Refused(400, `"${part}" cannot be asked for by a URL`);
  return encodeURIComponent(part);
}

/** Sends a request with the token, if there is one. @throws Refused for 401, and where there is no answer */
export async function ask(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
  const bearer = token();
  const all = new Headers(headers);
  if (bearer !== null) all.set("authorization", `Bearer ${bearer}`);
  const response = await fetch(path, { ...init, headers: all, cache: "no-store", credentials: "same-origin" }).catch(
    away,
  );
  if (response.status !== 401) return response;
  // What was asked with an earlier token says nothing about this one.
  if (token() === bearer) {
    forgetToken();
    refused({ token: bearer !== null });
  }
  throw new Refused(401, "the handler asks for a token");
}

/** A browser's word for it says neither what happened nor what to do. */
function away(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
  throw new Refused(0, "the process does not answer: see whether it runs, and whether it is reached from here", {
    cause,
  });
}

/**
 * What a path answers.
 * @throws Refused with the handler's sentence. 503 with a body that is no refusal is an answer: of `/health`, when something is wrong
 */
export async function get<T>(parts: readonly string[], query: Query = {}, signal?: AbortSignal): Promise<T> {
  return answerOf(await ask(pathOf(parts, query), { signal: signal ?? null }));
}

/** Has the handler do something. @throws Refused with the handler's sentence */
export async function act<T>(parts: readonly string[], body: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  return answerOf(await ask(pathOf(parts), { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = sentenceOf(body);
  if (error !== undefined || body === undefined || (!response.ok && response.status !== 503))
    throw new Refused(response.status, error ?? `the handler answered ${response.status} and said nothing`);
  return body as T;
}

function sentenceOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  return typeof body.error === "string" ? body.error : undefined;
}
