/** When everything that was true has come to the application. */
import type { Store } from "../../store.ts";
import type { VirtualTime } from "../time.ts";
import type { Clock } from "./clock.ts";
import type { Fleet } from "./fleet.ts";
import { type Look, owed } from "./owed.ts";

interface Given extends Omit<Look, "store"> {
  seed: number;
  time: VirtualTime;
  clock: Clock;
  fleet: Fleet;
  store(): Store;
}

/** How long it may take: sweeps, lags, leases of dead workers, backoff after long outages. In ms. */
const PATIENCE = 3_600_000;
/** Between two looks at what is missing, in ms. */
const PAUSE = 5_000;
/** For what follows the log by itself, in ms. */
const AFTER = 1_000;

export function createSettle({ seed, time, clock, fleet, store, ...look }: Given): () => Promise<void> {
  async function missing(): Promise<string[]> {
    const [first] = fleet.running();
    if (!fleet.whole() || first === undefined) return ["a process does not run"];
    const owes = await clock.until(owed({ ...look, store: store() }));
    if (owes.length > 0) return owes;
    const { subscriptions } = await clock.until(first.sync.health());
    return subscriptions
      .filter(({ behind, parked }) => behind > 0 || parked > 0)
      .map(({ name, behind, parked, error }) =>
        parked > 0 ? `the handler of "${name}" fails: ${error}` : `"${name}" is ${behind} entries behind`,
      );
  }
  return async () => {
    const end = time.now() + PATIENCE;
    await clock.run(PAUSE);
    for (let still = await missing(); still.length > 0; still = await missing()) {
      if (time.now() >= end) {
        throw new Error(`world ${seed}: an hour after the faults ended it has not settled: ${still.join("; ")}`);
      }
      await clock.run(PAUSE);
    }
    await clock.run(AFTER);
  };
}
