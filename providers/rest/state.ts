/**
 * What a state is, where nobody checks it.
 * @module
 */
import { z } from "zod";

/**
 * Says what the states of a type are: `state<Stream>()`. Only that it is an object is checked; give a zod schema to have
 * all of it checked.
 */
export const state = <State extends object>(): z.ZodType<State> =>
  z.custom<State>((value) => typeof value === "object" && value !== null && !Array.isArray(value));
