/** What happens when in a year. Pure. */
import { createHash } from "node:crypto";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long a year is, and how dense. Times are in ms. */
export interface Calendar {
  days: number;
  /** Scopes of each service, and those of them that the application is not connected to. */
  scopes: number;
  away: number;
  writesPerDay: number;
  /** From one deploy to the next. */
  week: number;
  /** In deploys: from one rotation of the secrets to the next, from one change of scopes, from one restore. */
  rotate: number;
  move: number;
  restore: number;
  /** The deploy after which one service's webhooks are all lost, until the next. */
  silent: number;
  pollEvery: number;
  sweepEvery: { min: number; max: number };
}

/** A year as it is. */
export const YEAR: Calendar = {
  ...{ days: 365, scopes: 103, away: 3, writesPerDay: 500 },
  ...{ week: 7 * DAY, rotate: 4, move: 4, restore: 13, silent: 20 },
  ...{ pollEvery: DAY, sweepEvery: { min: 2 * DAY, max: 7 * DAY } },
};

/** All of it in a day and in few scopes: a deploy every three hours. */
export const DAY_OF_ALL: Calendar = {
  ...{ days: 1, scopes: 3, away: 1, writesPerDay: 600 },
  ...{ week: 3 * HOUR, rotate: 2, move: 3, restore: 3, silent: 2 },
  ...{ pollEvery: HOUR, sweepEvery: { min: HOUR, max: 2 * HOUR } },
};

/** What a deploy brings; the first process is that of deploy 0. */
export interface Deploy {
  /** The process before it is killed, not stopped. */
  kills: boolean;
  /** The file is put back as it was. */
  restores: boolean;
  /** Scopes leave, and others join. */
  moves: boolean;
  /** What webhooks may be signed with. */
  secrets: readonly string[];
  /** What they may be signed with no longer. */
  refused: string | undefined;
}

export function deployOf({ rotate, move, restore }: Calendar, i: number): Deploy {
  const turn = Math.floor((i + rotate - 1) / rotate);
  const both = i % rotate === 1 % rotate;
  return {
    // Two in four, so that both versions are.
    kills: i % 4 >= 2,
    restores: i % restore === restore - 1,
    moves: i % move === move - 1,
    secrets: both ? [secretOf(turn - 1), secretOf(turn)] : [secretOf(turn)],
    refused: !both && turn > 0 ? secretOf(turn - 1) : undefined,
  };
}

const secretOf = (turn: number): string => `whsec_${createHash("sha256").update(`turn ${turn}`).digest("base64")}`;
