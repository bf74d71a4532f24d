/**
 * Web `Request` and `Response` at the edge. The engine itself takes method, headers and raw bytes: building the web
 * classes costs more than verifying and saving a webhook.
 * @module
 */
import { RetryLater } from "./errors.ts";
import { BodyRefused, type Incoming, type Reply } from "./receive.ts";
import type { Time } from "./time.ts";

/** Milliseconds in which a body must have arrived. */
export const DEADLINE = 10_000;

/** A web request as the receiver takes it. */
export const incomingOf = (request: Request, time: Time): Incoming => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  async read(limit) {
    if (request.bodyUsed) {
      throw new BodyRefused(
        500,
        "the body was read before: pass the request on unread, the signature is over its bytes",
      );
    }
    refuseLength(request.headers.get("content-length"), limit);
    return readBody(request.body ?? [], limit, time);
  },
});

export const responseOf = ({ status, headers, body }: Reply): Response =>
  new Response(body.length === 0 ? null : Buffer.from(body), { status, headers });

/** Refuses by the announced length, before anything is read. */
export function refuseLength(announced: string | number | null | undefined, limit: number): void {
  if (Number(announced ?? 0) > limit) throw tooLarge(limit);
}

/** Collects a body chunk by chunk, and stops as soon as it is too large or too slow. */
async function readBody(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
  time: Time,
): Promise<Uint8Array> {
  const body = collector(limit);
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = time.after(DEADLINE, () => reject(tooSlow()), true);
  });
  try {
    return await Promise.race([collect(chunks, body), late]);
  } catch (cause) {
    if (cause instanceof BodyRefused || cause instanceof RetryLater) throw cause;
    throw cutOff(cause);
  } finally {
    cancel();
    body.release();
  }
}

async function collect(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  body: ReturnType<typeof collector>,
): Promise<Uint8Array> {
  for await (const chunk of chunks) body.take(chunk);
  return body.bytes();
}

/**
 * Bytes of bodies that are under way in the process: nothing of them is verified, so anyone can have us hold them. Room for
 * one of GitHub's largest.
 */
const MOST_HELD = 33_554_432;
/** Bytes of a body that is read whatever else is under way. */
const SMALL = 16_384;
let held = 0;

/** The chunks of a body, until there are too many. */
export function collector(limit: number) {
  const parts: Uint8Array[] = [];
  let size = 0;
  let over = false;
  return {
    /**
     * @throws BodyRefused when the body is larger than the limit, or nobody waits for it any more
     * @throws RetryLater when it is not small, and too much is under way
     */
    take(chunk: Uint8Array): void {
      if (over) throw cutOff();
      size += chunk.byteLength;
      held += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      if (held > MOST_HELD && size > SMALL) throw new RetryLater(5_000, "too many large bodies are under way");
      parts.push(chunk);
    },
    /** What was taken is let go: it was given out whole, or is refused. */
    release(): void {
      if (!over) held -= size;
      over = true;
      parts.length = 0;
    },
    bytes(): Uint8Array {
      const [only] = parts;
      return parts.length === 1 && only ? only : Buffer.concat(parts);
    },
  };
}

const tooLarge = (limit: number) => new BodyRefused(413, `the body is larger than ${limit} bytes`);
export const tooSlow = () => new BodyRefused(408, "the body did not arrive in time");
export const cutOff = (cause?: unknown) => new BodyRefused(400, "the body was cut off", { cause });
