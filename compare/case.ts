/**
 * A case: what is given and done, and what was seen that is wrong.
 * @module
 */
import type { Scene } from "./scene.ts";
import type { Dialect } from "./service/dialect.ts";
import type { Ability } from "./subject.ts";

export interface Case {
  id: string;
  /** Given and when, in a line. */
  title: string;
  /** What must hold then. */
  holds: string;
  /** What a subject must say of itself that it does, so that this is its task. */
  needs: Ability;
  /** Where it can happen at one service alone. */
  on?: Dialect["name"];
  /**
   * Answers what was seen that is wrong, in a few words; undefined: it is right.
   * @throws Error if the hard step was not reached, so that nothing can be said
   */
  run(scene: Scene): Promise<string | undefined>;
}

/** The case is not what it says unless this is so. */
export function reached(step: boolean, what: string): asserts step {
  if (!step) throw new Error(`the case was not reached: ${what}`);
}
