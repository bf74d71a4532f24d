/**
 * What the jobs of a group ask for, gathered, so that it takes few statements for all of them.
 * @module
 */
import type { Checkpoint } from "../../checkpoint.ts";
import type { Note, Row } from "../../row.ts";
import type { Durability, Move, Selection, Step } from "../../store.ts";
import type { Tick } from "../../time.ts";

/** What one job asks for. */
export interface Wish {
  select?: Selection;
  step?: (row: Row, tick: Tick) => Step | undefined;
  move?: Move | undefined;
  notes?: readonly Note[];
  lazy: boolean;
}

/** What became of it. */
export interface Granted {
  rows: Row[];
  at: Checkpoint | undefined;
  tick: Tick;
}

interface Asked {
  wish: Wish;
  resolve(granted: Granted): void;
  reject(error: unknown): void;
}

/** Jobs of a group ask it, each once; whoever runs the group answers all when they are saved. */
export class Batch {
  readonly #asked: Asked[] = [];

  get wishes(): readonly Wish[] {
    return this.#asked.map(({ wish }) => wish);
  }

  update(
    select: Selection,
    step: (row: Row, tick: Tick) => Step | undefined,
    move: Move | undefined,
    { lazy = false }: Durability = {},
  ): Promise<Granted> {
    return this.#ask({ select, step, move, lazy });
  }

  move(move: Move, { lazy = false }: Durability = {}): Promise<Granted> {
    return this.#ask({ move, lazy });
  }

  post(notes: readonly Note[], move: Move | undefined): Promise<Granted> {
    return this.#ask({ notes, move, lazy: false });
  }

  /** Ends the jobs, in the order in which they asked. */
  answer(results: readonly PromiseSettledResult<Granted>[]): void {
    for (const [i, { resolve, reject }] of this.#asked.entries()) {
      const result = results[i];
      if (result?.status === "fulfilled") resolve(result.value);
      else reject(result?.reason);
    }
  }

  #ask(wish: Wish): Promise<Granted> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ wish, resolve, reject });
    });
  }
}
