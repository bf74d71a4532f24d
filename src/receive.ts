/**
 * A webhook request becomes verified hints, saved before the answer says so.
 *
 *   202 saved, or nothing for us     401 forged, or of another scope     400 signed but unreadable
 *   404 unknown provider             405 not a POST                      413 too large, 408 too slow
 *   500 the host spoiled the body     503 not saved: the sender tries again
 * @module
 */
import type { Engine } from "./engine.ts";
import { describe, RetryLater, WebhookRejected } from "./errors.ts";
import type { EngineEvent } from "./events.ts";
import { type Located, locate, saveHints } from "./hints.ts";
import type { Hint, Provider } from "./provider.ts";
import type { Ref } from "./row.ts";

/** A request as a host has it. `read` gives the raw body, and refuses one of more than `limit` bytes. */
export interface Incoming {
  method: string;
  url: string;
  headers: { get(name: string): string | null };
  read(limit: number): Promise<Uint8Array>;
}

/** What to answer. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** A body that cannot be taken: too large, too slow, cut off, or, with 500, read by something in our own host before us. */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly status: 400 | 408 | 413 | 500;
  constructor(status: BodyRefused["status"], message: string, details?: { cause?: unknown }) {
    super(message, details);
    this.status = status;
  }
}

/** Bytes of a webhook, unless its provider says otherwise. */
const BODY_LIMIT = 1_048_576;
/** Resources and events of a webhook that are told of. */
const MOST = 16;
/** Seconds after which a sender is asked to try again. */
const RETRY_AFTER = "5";

type Outcome = Extract<EngineEvent, { kind: "webhook" }>["outcome"];
interface Result {
  reply: Reply;
  outcome: Outcome;
  hints?: readonly Located[];
  reason?: string;
}

/** Answers a webhook. Never throws. */
export async function receive(engine: Engine, name: string, request: Incoming, scope?: string): Promise<Reply> {
  const provider = engine.providers[name];
  if (!provider?.webhook) return reply(404, "no such provider takes webhooks here");
  if (request.method !== "POST")
    return { ...reply(405, "webhooks are sent by POST"), headers: { ...TEXT, allow: "POST" } };
  const begun = engine.time.now();
  const result: Result = await take(engine, name, provider, request, scope).catch(unsaved);
  const { reply: answer, outcome, hints = [], reason } = result;
  const types = [...new Set(hints.map(({ type }) => type))];
  const refs = hints.slice(0, MOST).map(refOf);
  const told = { types, refs, ms: engine.time.now() - begun, status: answer.status, ...causesOf(hints) };
  const event = { kind: "webhook", provider: name, scope: scope ?? "", outcome, ...told } as const;
  engine.emit(reason === undefined ? event : { ...event, reason });
  return answer;
}

async function take(
  engine: Engine,
  name: string,
  provider: Provider,
  { method, url, headers, read }: Incoming,
  scope: string | undefined,
): Promise<Result> {
  let given: Hint[] | Response;
  try {
    const body = await read(provider.bodyLimit ?? BODY_LIMIT);
    const request = { method, url, headers, body, now: engine.time.now(), ...(scope !== undefined && { scope }) };
    given = (await provider.webhook?.(request)) ?? [];
  } catch (error) {
    return refused(error);
  }
  if (given instanceof Response) return { reply: await replyOf(given), outcome: "answered" };
  const hints = locate(engine, name, scope ?? "", given);
  if (scope !== undefined && hints.some((hint) => hint.scope !== scope)) {
    return { reply: reply(401, "rejected"), outcome: "rejected", reason: "the event is of another scope" };
  }
  const ours = await inKnownScopes(engine, name, hints);
  if (ours.length === 0) return { reply: ACCEPTED, outcome: "ignored" };
  await saveHints(engine, ours, { class: "live", via: "webhook" });
  return { reply: ACCEPTED, outcome: "accepted", hints: ours };
}

const refOf = ({ type, scope, hint }: Located): Ref => ({ type, scope, id: hint.id ?? "" });

function causesOf(hints: readonly Located[]): { causes?: string[] } {
  const ids = [...new Set(hints.flatMap(({ hint }) => hint.event?.id ?? []))];
  return ids.length > 0 ? { causes: ids.slice(-MOST) } : {};
}

async function inKnownScopes(engine: Engine, provider: string, hints: readonly Located[]): Promise<Located[]> {
  const known: Located[] = [];
  for (const hint of hints) if (await engine.scopes.has(provider, hint.scope)) known.push(hint);
  return known;
}

/** Nothing of the error but its kind is shown to the sender. */
function refused(error: unknown): Result {
  const reason = describe(error);
  if (error instanceof BodyRefused) {
    const outcome = error.status === 500 ? "unsaved" : "unreadable";
    return { reply: reply(error.status, error.message), outcome, reason: error.message };
  }
  if (error instanceof WebhookRejected) return { reply: reply(401, "rejected"), outcome: "rejected", reason };
  if (error instanceof RetryLater) return unsaved(error);
  return { reply: reply(400, "signed, but not readable"), outcome: "unreadable", reason };
}

function unsaved(error: unknown): Result {
  const answer = { ...reply(503, "not saved: try again"), headers: { ...TEXT, "retry-after": RETRY_AFTER } };
  return { reply: answer, outcome: "unsaved", reason: describe(error) };
}

const TEXT = { "content-type": "text/plain; charset=utf-8" };
const reply = (status: number, body: string): Reply => ({ status, headers: TEXT, body: `${body}\n` });
const ACCEPTED: Reply = { status: 202, headers: {}, body: "" };

const replyOf = async (response: Response): Promise<Reply> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: new Uint8Array(await response.arrayBuffer()),
});
