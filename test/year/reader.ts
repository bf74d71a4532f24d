/** A reader of the log with a cursor of its own, kept elsewhere: it knows more than a file that was put back. */
import { CursorLost, type Time } from "tidemark";
import type { Process } from "./engine.ts";
import type { Judge, Seen } from "./judge.ts";

export interface Reader {
  /** Reads to the end of the log. Answers whether the cursor was lost, and it began anew. */
  look(process: Process): Promise<boolean>;
  /** The file was put back: what the reader saw last may not be in it. */
  restored(): void;
  changes(): number;
}

export function createReader(judge: Judge, time: Time): Reader {
  let cursor: string | null = null;
  let expected = false;
  let anew = false;
  let changes = 0;

  async function read({ sync }: Process): Promise<void> {
    for await (const change of sync.changes({ after: cursor, follow: false })) {
      changes++;
      cursor = change.cursor;
      judge.saw(change as Seen, time.now());
    }
  }
  async function begin(process: Process): Promise<true> {
    const { compacted } = await process.store.head();
    judge.rolledBack(compacted);
    judge.begins(time.now());
    cursor = null;
    anew = false;
    await read(process).catch((error: unknown) => {
      // The version before loses whoever begins in what was compacted: who does so with it tries again later.
      if (!isLost(error) || process.version === "N") throw error;
      anew = true;
    });
    return true;
  }
  return {
    async look(process) {
      const wasExpected = expected;
      expected = false;
      if (anew) return begin(process);
      try {
        await read(process);
      } catch (error) {
        if (!isLost(error)) throw error;
        if (!wasExpected) judge.accuse(`the cursor was lost: ${error.message}`);
        return begin(process);
      }
      if (wasExpected) judge.accuse("the log was rolled back, and the reader was not told");
      return false;
    },
    restored() {
      expected = true;
    },
    changes: () => changes,
  };
}

/** The error of another version is of another class. */
const isLost = (error: unknown): error is CursorLost =>
  error instanceof CursorLost || (error instanceof Error && error.constructor.name === "CursorLost");
