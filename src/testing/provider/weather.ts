/**
 * What goes wrong in a simulated world, drawn from its seed.
 * @module
 */
import type { Random } from "../random.ts";

/** Probabilities are from 0 to 1, times in virtual ms. */
export interface Weather {
  /** That a webhook is lost, and that it comes twice. */
  lost: number;
  doubled: number;
  /** How late a webhook is at most. One that is later than the next is out of order. */
  late: number;
  /** That a request is answered 502, is answered 429, takes seconds, takes longer than the engine waits. */
  failed: number;
  limited: number;
  slow: number;
  hung: number;
  /** Whether reads are behind, as far as the provider says that they may be. */
  behind: boolean;
  /** Whether access is lost for a while. */
  denied: boolean;
}

/** Nothing goes wrong. */
export const CALM: Weather = {
  ...{ lost: 0, doubled: 0, late: 0, failed: 0, limited: 0, slow: 0, hung: 0 },
  ...{ behind: false, denied: false },
};

/** The weather of a seed. In some worlds every webhook is lost, in some none; where nothing else finds it, none may be. */
export function drawWeather({ pick, chance }: Random, mayLose: boolean): Weather {
  return {
    lost: mayLose ? pick([0, 0.2, 0.5, 1]) : 0,
    doubled: pick([0, 0.3]),
    late: pick([100, 3_000, 30_000]),
    failed: pick([0, 0.05, 0.2]),
    limited: pick([0, 0.05, 0.2]),
    slow: pick([0, 0.1]),
    hung: pick([0, 0, 0.02]),
    behind: chance(0.5),
    denied: chance(0.3),
  };
}
