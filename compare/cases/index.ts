/**
 * All cases, in the order of the table: 1 to 8 and A to D went wrong for mirrors of Stripe; s1 to s15 are stories of others.
 * @module
 */
import type { Case } from "../case.ts";
import { backfill } from "./backfill.ts";
import { crash } from "./crash.ts";
import { lost } from "./lost.ts";
import { order } from "./order.ts";
import { reads } from "./reads.ts";

const isStory = ({ id }: Case) => id.startsWith("s");
const byId = (a: Case, b: Case) => a.id.localeCompare(b.id, "en", { numeric: true });
const all = [...order, ...reads, ...backfill, ...lost, ...crash];

export const cases: readonly Case[] = [
  ...all.filter((one) => !isStory(one)).sort(byId),
  ...all.filter(isStory).sort(byId),
];
