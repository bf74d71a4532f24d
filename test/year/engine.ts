/** A process of the year: a version on the file. */
import type { DatabaseSync } from "node:sqlite";
import type { Change, EngineEvent, Provider, Store, Sync, Time } from "tidemark";
import type { Random, VirtualTime } from "tidemark/testing";
import type { Calendar } from "./calendar.ts";
import { createPlugin } from "./plugin.ts";
import type { Service, State } from "./service.ts";
import type { Version } from "./version.ts";

export interface Process {
  version: Version["name"];
  sync: Sync<Record<string, Provider>, DatabaseSync>;
  store: Store<DatabaseSync>;
  /** Dies: nothing that it asked for comes back to it, and its timers end. */
  kill(): void;
}

export interface Setting extends Pick<Calendar, "pollEvery" | "sweepEvery"> {
  version: Version;
  file: string;
  time: VirtualTime;
  random: Random;
  services: readonly Service[];
  secrets: readonly string[];
  /** The application's own part, in the transaction of each change. */
  mirror(change: Change<string, State>, db: DatabaseSync): void;
  observe(event: EngineEvent): void;
}

/**
 * The engine looks every second for what is due, and every ten for what other processes did. Here is none, and what is a matter
 * of hours may be late: of a year of such looks most are left out. Milliseconds, and what becomes of them.
 */
const LOOKS: Readonly<Record<number, number>> = { 1000: 600_000, 10000: 3_600_000 };

export function createProcess(setting: Setting): Process {
  const { version, file, time, random, services, secrets, pollEvery, sweepEvery } = setting;
  let dead = false;
  const own: Time = {
    ...time,
    after: (ms, run) =>
      time.after(LOOKS[ms] ?? ms, () => {
        if (!dead) run();
      }),
  };
  const plugins = services.map((service) => {
    return [service.name, createPlugin(version, service, { time: own, random, secrets })] as const;
  });
  // What a dead one still says reaches a file that nobody opens again.
  const store = version.sqlite(file, { time });
  const sync = version.createSync<Record<string, Provider>, DatabaseSync>({
    providers: Object.fromEntries(plugins) as Record<string, Provider>,
    ...{ store, time: own, pollEvery: { max: pollEvery }, sweepEvery },
    observe: (event) => {
      if (!dead) setting.observe(event);
    },
  });
  sync.subscribe("mirror", { transaction: true }, setting.mirror as never);
  return {
    ...{ version: version.name, sync, store },
    kill() {
      dead = true;
    },
  };
}
