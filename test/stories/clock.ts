/** A clock that a test sets on, and whose numbers are the same in every run: what is spread over a time has its place. */
import { createRandom } from "tidemark/testing";
import { handClock as handOf } from "../desk.ts";

export const handClock = (start?: number): ReturnType<typeof handOf> => ({
  ...handOf(start),
  random: createRandom(1).next,
});
