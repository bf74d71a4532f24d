/** When processes and services fail, and for how long. */
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Conditions } from "./conditions.ts";
import type { Tell } from "./events.ts";
import type { Fleet } from "./fleet.ts";
import type { Weather } from "./request.ts";

interface Given {
  conditions: Conditions;
  weather: Weather;
  time: VirtualTime;
  random: Random;
}

/** Begins with the faults that come now and then. */
export function createFaults(
  { conditions, weather, time, random }: Given,
  { processes, scopes }: { processes: number; scopes: readonly string[] },
  fleet: Fleet,
  tell: Tell,
): void {
  const { int, pick, chance } = random;
  const every = (period: number, run: () => void): void => {
    const again = () => {
      if (!weather.calm) run();
      time.after(period * (0.8 + 0.4 * random.next()), again);
    };
    time.after(random.next() * period, again);
  };
  const during = (what: "denied" | "down", ms: number) => befall({ weather, time }, tell, what, ms);
  /** Access to a scope is lost, or there again: its owner disconnects and connects it. */
  const move = (scope: string): void => {
    if (!weather.away.delete(scope)) weather.away.add(scope);
    tell({ kind: weather.away.has(scope) ? "left" : "joined", scope });
  };

  for (let index = 0; index < processes; index++) {
    if (conditions.freeze > 0) every(int(20_000, 90_000), () => fleet.freeze(index, int(10, conditions.freeze)));
    if (conditions.crash) every(int(3_000, 40_000), () => fleet.crash(index));
  }
  if (conditions.revoke) every(int(60_000, 120_000), () => during("denied", int(200_000, 400_000)));
  if (conditions.outages) every(int(20_000, 60_000), () => during("down", int(1_000, 20_000)));
  if (conditions.connect) {
    for (const scope of weather.calm ? [] : scopes) if (chance(0.5)) move(scope);
    every(int(5_000, 60_000), () => move(pick(scopes)));
  }
}

/** The services are so for `ms` milliseconds, or until all is calm. */
export function befall(
  { weather, time }: Pick<Given, "weather" | "time">,
  tell: Tell,
  what: "denied" | "down",
  ms: number,
): void {
  weather[what] = true;
  tell({ kind: what, ms });
  time.after(ms, () => {
    weather[what] = false;
  });
}

/** Ends what is wrong, or lets it begin again. */
export function setCalm(weather: Weather, calm: boolean, tell: Tell): void {
  if (calm === weather.calm) return;
  weather.calm = calm;
  tell({ kind: calm ? "calm" : "rough" });
  if (!calm) return;
  Object.assign(weather, { denied: false, down: false });
  for (const scope of weather.away) tell({ kind: "joined", scope });
  weather.away.clear();
}
