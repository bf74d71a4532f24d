/**
 * The end of the log, read and written out once for all who follow it.
 *
 * A thousand readers that each asked the store after every change would ask it a hundred thousand times a second. So one
 * iterator follows the log while there is anybody, and keeps the latest changes as frames; each reader has only a place
 * among them. One that falls behind by more than is kept reads by itself until it is back.
 * @module
 */
import type { Sync } from "../api.ts";
import type { Providers } from "../kind.ts";
import { Bell } from "../loop.ts";
import { sleep, type Time } from "../time.ts";
import type { View } from "./access.ts";
import { encode, type Frame, frameOf } from "./frame.ts";

/** Frames that are kept, and their characters together. */
const MOST = 1_000;
const CHARACTERS = 4_000_000;
/** Characters of a chunk, but for one frame that is longer: so much waits for each reader that does not read. */
export const CHUNK = 64_000;
/** Milliseconds in which changes gather: a write for each of them to each reader would be most of the work. */
const GATHER = 50;
/** Milliseconds until a log that could not be followed is tried again. */
const AGAIN = 1_000;

/** What a reader gets, and where it is then. */
export interface Chunk {
  bytes: Uint8Array;
  place: number;
  cursor: string;
}

export type Tail = ReturnType<typeof createTail>;

export function createTail<P extends Providers>(sync: Pick<Sync<P>, "changes">, time: Time) {
  const bell = new Bell();
  let kept = new Kept(0);
  let readers = 0;
  let following: AbortController | undefined;
  let over = false;
  let ringing = false;

  /** So that what comes within a moment is one write. */
  function ringSoon(): void {
    if (ringing) return;
    ringing = true;
    time.after(GATHER, () => {
      ringing = false;
      bell.ring();
    });
  }

  /** Rejects if the log could not be read; resolves when the engine has stopped, or nobody reads any more. */
  async function follow(signal: AbortSignal): Promise<void> {
    const end = sync.changes({ from: "now", follow: false, signal });
    for await (const _ of end);
    // Nobody wants it any more, and another may follow by now: what it knows of the end is old.
    if (signal.aborted) return;
    // What readers had their places among is no more: they read by themselves until they are here.
    kept = new Kept(kept.end + 1, end.cursor);
    bell.ring();
    for await (const change of sync.changes({ after: end.cursor, signal })) {
      if (signal.aborted) return;
      kept.add(frameOf(change));
      ringSoon();
    }
  }

  async function followAll({ signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow(signal);
        if (signal.aborted) return;
        over = true;
        bell.ring();
        return;
      } catch {
        // Each reader meets the same, and tells its own caller; or it is better the next time.
        await sleep(time, AGAIN, signal);
      }
    }
  }

  return {
    /** Whether the engine has stopped. */
    get over() {
      return over;
    },
    /** The place after a cursor; undefined: it is not among what is kept, or not yet. */
    placeOf: (cursor: string | null): number | undefined => kept.placeOf(cursor),
    /** What may be seen from a place on; undefined: some of that is not kept any more. */
    read: (place: number, view: View, key: string): Chunk | undefined => kept.read(place, view, key),
    /** Resolves when it was rung, after `ms` milliseconds, or when the signal aborts. Answers whether there is more. */
    async wait(place: number, ms: number, signal: AbortSignal): Promise<boolean> {
      if (place === kept.end && !over) await bell.wait(time, ms, signal);
      return place !== kept.end;
    },
    /** The log is followed as long as somebody reads: call what is answered when the reader has left. */
    enter(): () => void {
      readers++;
      if (!following) {
        following = new AbortController();
        over = false;
        void followAll(following);
      }
      let left = false;
      return () => {
        if (left) return;
        left = true;
        if (--readers > 0) return;
        following?.abort();
        following = undefined;
      };
    },
  };
}

/** The latest frames. Places count all frames there ever were. */
class Kept {
  readonly #frames: Frame[] = [];
  readonly #places = new Map<string | null, number>();
  /** What was written out since the latest frame: most readers are at the same place. */
  readonly #chunks = new Map<string, Chunk>();
  #first: number;
  #characters = 0;

  /** @param start the cursor before the first frame; left out: nobody has a place here */
  constructor(first: number, start?: string | null) {
    this.#first = first;
    if (start !== undefined) this.#places.set(start, first);
  }

  get end(): number {
    return this.#first + this.#frames.length;
  }

  placeOf(cursor: string | null): number | undefined {
    const place = this.#places.get(cursor);
    return place !== undefined && place >= this.#first ? place : undefined;
  }

  add(frame: Frame): void {
    this.#frames.push(frame);
    this.#characters += frame.text.length;
    this.#places.set(frame.cursor, this.end);
    this.#chunks.clear();
    while (this.#frames.length > MOST || (this.#characters > CHARACTERS && this.#frames.length > 1)) {
      const gone = this.#frames.shift();
      this.#first++;
      this.#characters -= gone?.text.length ?? 0;
      // Who is at the place of one that is kept has the cursor of the one before it.
      for (const [cursor, place] of this.#places) {
        if (place >= this.#first) break;
        this.#places.delete(cursor);
      }
    }
  }

  read(place: number, view: View, key: string): Chunk | undefined {
    if (place < this.#first || place > this.end) return undefined;
    const known = this.#chunks.get(`${place}|${key}`);
    if (known) return known;
    const frames = this.#frames.slice(place - this.#first);
    let to = 0;
    let text = "";
    for (; to < frames.length && (text === "" || text.length < CHUNK); to++) {
      const frame = frames[to];
      if (frame && mayBeSeen(frame, view)) text += frame.text;
    }
    const last = frames[to - 1];
    if (!last) return undefined;
    const chunk = { bytes: encode(text), place: place + to, cursor: last.cursor };
    this.#chunks.set(`${place}|${key}`, chunk);
    return chunk;
  }
}

const mayBeSeen = (frame: Frame, { types, scope }: View): boolean =>
  (scope === undefined || frame.scope === scope) && (types === undefined || types.includes(frame.type));
