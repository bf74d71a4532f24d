/**
 * Waits for a page's turn, and says from when on it is asked for.
 * @module
 */
import type { Spot } from "../budget.ts";
import type { Engine } from "../engine.ts";
import type { Tick } from "../time.ts";
import type { Permit } from "./wallet.ts";

/**
 * A page begins when what comes before it was saved. If it has to wait for its turn it begins after that: what begins too
 * early overlaps with other reads, and would have to be confirmed.
 *
 * @param since the tick at which what comes before it was saved
 */
export async function admit(
  { budget, store }: Pick<Engine, "budget" | "store">,
  spot: Spot,
  since: Tick,
): Promise<{ permit: Permit; start: Tick }> {
  const turn = budget.permit(spot);
  if (!(turn instanceof Promise)) return { permit: turn, start: since };
  const permit = await turn;
  try {
    const { tick } = await store.checkpoint({ name: "clock", step: () => undefined });
    return { permit, start: tick };
  } catch (error) {
    permit.end();
    throw error;
  }
}
