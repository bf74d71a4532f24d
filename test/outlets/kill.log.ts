/** A log in a file: 100 notes, each of them written three times. */
import { createSync } from "tidemark";
import { sqlite } from "tidemark/sqlite";
import { systemTime } from "../../src/time.ts";
import { createDesk } from "../desk.ts";

const NOTES = Array.from({ length: 100 }, (_, i) => `${i}`);

/** @param ahead milliseconds that the clock is ahead */
export function createTold(file: string, ahead = 0) {
  const time = { ...systemTime, now: () => Date.now() + ahead };
  const desk = createDesk({ feed: false });
  const sync = createSync({ providers: { desk: desk.provider }, store: sqlite(file, { time }), time });
  const put = (text: string) => {
    for (const note of NOTES) desk.put(note, text);
  };
  const write = async () => {
    for (const text of ["a", "b", "c"]) {
      put(text);
      for (const note of NOTES) await sync.hint("desk.note", note);
      await sync.drain();
    }
  };
  /** What there is in the end, for a process that finds the log written: a sweep finds nothing new. */
  const fill = () => ["a", "b", "c"].forEach(put);
  return { sync, write, fill };
}
