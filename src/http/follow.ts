/**
 * The changes after a cursor as Server-Sent Events, for one reader.
 *
 * First it reads by itself up to the end of the log, then it goes on with what the tail has for all. Nothing is read before the
 * reader has taken what there was: one that stops reading costs a chunk, whatever happens meanwhile.
 * @module
 */
import type { Sync } from "../api.ts";
import { CursorLost, describe } from "../errors.ts";
import type { Providers } from "../kind.ts";
import { sleep, type Time } from "../time.ts";
import type { View } from "./access.ts";
import { encode, frameOf, HEARTBEAT, lostFrame, placeFrame } from "./frame.ts";
import type { Asked } from "./query.ts";
import { CHUNK, type Tail } from "./tail.ts";

/** Milliseconds without a change after which a reader is told that it is still connected. */
const IDLE = 15_000;
/** Milliseconds after which a reader that is further than the tail looks for it again. */
const MEET = 100;

/**
 * @param gone aborts when the reader has left
 * @returns a stream whose first bytes are there
 * @throws CursorLost if the cursor is none of this log, or was compacted
 */
export async function followChanges<P extends Providers>(
  sync: Pick<Sync<P>, "changes">,
  tail: Tail,
  time: Time,
  asked: Asked,
  gone: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const controller = new AbortController();
  const signal = AbortSignal.any([gone, controller.signal]);
  const leave = tail.enter();
  const end = () => {
    leave();
    controller.abort();
  };
  const bytes = read(sync, tail, time, asked, signal);
  let begun: Promise<IteratorResult<Uint8Array, void>> | undefined = bytes.next();
  try {
    await begun;
  } catch (error) {
    end();
    throw error;
  }
  const pull = async (stream: ReadableStreamDefaultController<Uint8Array>) => {
    const { value } = await (begun ?? bytes.next()).catch(lastWord).catch((error: unknown) => {
      end();
      throw error;
    });
    begun = undefined;
    if (value) stream.enqueue(value);
    if (value && !signal.aborted) return;
    end();
    stream.close();
  };
  return new ReadableStream<Uint8Array>({ pull, cancel: end }, { highWaterMark: 0 });
}

async function* read<P extends Providers>(
  sync: Pick<Sync<P>, "changes">,
  tail: Tail,
  time: Time,
  { now, types, scope, after }: Asked,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const view: View = { ...(types && { types }), ...(scope !== undefined && { scope }) };
  const key = JSON.stringify([scope, types]);
  let cursor = after;
  let told: string | null = null;
  for (let first = true; !signal.aborted && !tail.over; first = false) {
    const from = now && cursor === null && first ? "now" : "start";
    const changes = sync.changes({ ...view, after: cursor, from, follow: false, signal } as never);
    let text = "";
    for await (const change of changes) {
      text += frameOf(change).text;
      if (text.length < CHUNK) continue;
      yield encode(text);
      text = "";
    }
    cursor = changes.cursor;
    // So that the answer begins, and where a reader begins that has seen nothing yet is known after a cut.
    if (text !== "" || first) yield encode(text !== "" ? text : cursor === null ? HEARTBEAT : placeFrame(cursor));
    let place = tail.placeOf(cursor);
    if (place === undefined) await sleep(time, MEET, signal);
    while (place !== undefined && !signal.aborted && !tail.over) {
      if (!(await tail.wait(place, IDLE, signal))) {
        yield encode(cursor === null || cursor === told ? HEARTBEAT : placeFrame(cursor));
        told = cursor;
        continue;
      }
      const chunk = tail.read(place, view, key);
      place = chunk?.place;
      cursor = chunk?.cursor ?? cursor;
      if (chunk && chunk.bytes.length > 0) yield chunk.bytes;
    }
  }
}

/** In the midst of a stream there is no status to say it with. What else went wrong ends it: a reader comes back. */
function lastWord(error: unknown): IteratorResult<Uint8Array, void> {
  if (error instanceof CursorLost) return { done: false, value: encode(lostFrame(describe(error))) };
  throw error;
}
