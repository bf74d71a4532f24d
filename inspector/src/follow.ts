/**
 * Changes as they happen: the newest first, then the stream from there on, and again from where it was cut off.
 *
 *   newest ──► stream after the newest ──cut──► stream after the last one seen
 *     ▲                                  │
 *     └──────────── lost ────────────────┘
 * @module
 */
import { ask, get, pathOf, Refused } from "./api.ts";
import { createEventReader } from "./events.ts";
import type { Change } from "./wire.ts";

/** Which changes. */
export interface Filter {
  type?: string | undefined;
  scope?: string | undefined;
}

/** Who is told. */
export interface Sink {
  /** What there is: it replaces what was told before. The newest first. */
  reset(changes: readonly Change[]): void;
  /** What came since, in order. */
  add(changes: readonly Change[]): void;
  /** Whether the stream is open now; `error`: why it is not. */
  connected(yes: boolean, error?: string): void;
}

/** Changes that are asked for at first. */
export const FIRST = 200;
/** Milliseconds until a stream that was cut off is asked for again: at first, and at most. */
const AGAIN = [500, 8_000] as const;

/** Follows until the signal aborts. Never rejects. */
export async function follow(filter: Filter, sink: Sink, signal: AbortSignal): Promise<void> {
  const query = { types: filter.type, scope: filter.scope };
  /** Undefined: what there is must be asked for first. */
  let cursor: string | null | undefined;
  let wait: number = AGAIN[0];
  while (!signal.aborted) {
    try {
      if (cursor === undefined) {
        const { changes } = await get<{ changes: Change[] }>(["newest"], { ...query, limit: FIRST }, signal);
        sink.reset(changes);
        cursor = changes[0]?.cursor ?? null;
      }
      const answer = await ask(pathOf(["changes"], { ...query, after: cursor ?? undefined }), {
        headers: { accept: "text/event-stream" },
        signal,
      });
      if (answer.status === 410) cursor = undefined;
      if (!answer.ok || !answer.body) throw new Refused(answer.status, `the stream was answered ${answer.status}`);
      sink.connected(true);
      wait = AGAIN[0];
      cursor = await read(answer.body, cursor ?? null, sink);
      if (!signal.aborted) sink.connected(false);
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && error.status === 401)) return;
      sink.connected(false, error instanceof Error ? error.message : undefined);
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, AGAIN[1]);
  }
}

/** Resolves, when the stream ends, to where it is to be resumed; undefined: nowhere, its place is lost. */
async function read(
  body: ReadableStream<Uint8Array>,
  after: string | null,
  sink: Sink,
): Promise<string | null | undefined> {
  const parse = createEventReader();
  let cursor = after;
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader() as ReadableStreamDefaultReader<string>;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return cursor;
      const events = parse(value);
      const changes = events.flatMap(({ event, data }) => (event === "message" && data !== null ? [data] : []));
      if (changes.length > 0) sink.add(changes.map((data) => JSON.parse(data) as Change));
      if (events.some(({ event }) => event === "lost")) return undefined;
      cursor = events.at(-1)?.id ?? cursor;
    }
  } catch {
    // Cut off: what was seen until then is where it goes on.
    return cursor;
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
