/**
 * How a purse is kept: the name of its checkpoint, and what that holds. Pure.
 * @module
 */
import { z } from "zod";
import { type Checkpoint, read } from "../checkpoint.ts";
import { classes } from "../row.ts";
import type { Tick } from "../time.ts";
import { freshPurse, type Purse } from "./purse.ts";
import type { Terms } from "./terms.ts";

/** Before the name of a purse. */
export const BUDGET = "budget|";

/** The name of the checkpoint of a credential's purse. */
export const budgetName = (provider: string, credential: string): string =>
  `${BUDGET}${provider}|${encodeURIComponent(credential)}`;

/** Whose purse has this name. */
export function credentialOfName(name: string): { provider: string; credential: string } {
  const [provider = "", credential = ""] = name.slice(BUDGET.length).split("|").map(decodeURIComponent);
  return { provider, credential };
}

const pot = z.object({ common: z.number(), shares: z.array(z.number()).length(classes.length) });
const purse = z.object({
  at: z.number(),
  pace: pot,
  quota: pot.nullable(),
  lesson: z.object({
    ...{ rate: z.number().positive().nullable(), good: z.number().positive().nullable(), since: z.number() },
    ...{ calls: z.number(), calm: z.number(), strikes: z.number(), stuck: z.number().nullable() },
  }),
  until: z.number(),
  trial: z.number().nullable(),
  told: z
    .object({
      ...{ left: z.number(), of: z.number(), resets: z.number(), restores: z.number().nullable() },
      ...{ per: z.number(), slides: z.boolean(), at: z.number() },
    })
    .nullable(),
  members: z.record(z.string(), z.tuple([z.number(), z.number()])),
});

/** What a checkpoint holds; a fresh one if it was never moved, or holds what nobody here wrote. */
export const purseOf = (at: Pick<Checkpoint, "value">, terms: Terms, now: Tick): Purse =>
  read(at, purse, freshPurse(terms, now));
