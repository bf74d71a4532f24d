/** A handler that shows everything and acts, and a service behind it. */
import { createSync } from "tidemark";
import { createHandler, type HandlerOptions } from "tidemark/http";
import { createDesk, handClock, memory, webhookOf } from "./desk.ts";

export const TOKEN = "a-token-that-is-long-enough";
export const BEARER = { authorization: `Bearer ${TOKEN}` };
/** What an act needs of a program that is no browser. */
export const ACTS = { ...BEARER, "content-type": "application/json" };

export interface Answered {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it
  body: any;
}

/** The engine's clock is a hand's. */
export function setUp(
  t: { after(run: () => unknown): void },
  options: HandlerOptions = {},
  { scopes = [""] }: { scopes?: string[] } = {},
) {
  const time = handClock();
  const desk = createDesk({ scopes });
  const sync = createSync({ providers: { desk: desk.provider }, store: memory(time), time });
  t.after(() => sync.stop());
  const handler = createHandler(sync, { token: TOKEN, operate: true, ...options });
  const ask = async (
    method: string,
    path: string,
    { body, headers = ACTS }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answered> => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await handler(
      new Request(`http://localhost:3000${path}`, { method, headers, ...(body !== undefined && { body: text }) }),
    );
    const said = await answer.text();
    return { status: answer.status, headers: answer.headers, body: said === "" ? undefined : JSON.parse(said) };
  };
  const get = async (path: string) => (await ask("GET", path)).body;
  const post = (path: string, body: unknown = {}) => ask("POST", path, { body });
  /** A change in the log. */
  const write = async (id: string, text: string, scope = "") => {
    await sync.webhook("desk", webhookOf([desk.put(id, text, scope)]));
    await sync.drain();
  };
  return { desk, sync, time, handler, ask, get, post, write };
}

export const idsOf = (some: { id: string }[]): string[] => some.map(({ id }) => id);
