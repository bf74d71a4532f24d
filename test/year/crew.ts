/** The processes of the year, one after the other: deployed, stopped or killed, and what webhooks reach. */
import type { EngineEvent } from "tidemark";
import type { Random, VirtualTime } from "tidemark/testing";
import { type Calendar, deployOf } from "./calendar.ts";
import { createProcess, type Process } from "./engine.ts";
import type { File } from "./file.ts";
import { mirrorChange } from "./mirror.ts";
import type { Service } from "./service.ts";
import type { Version } from "./version.ts";
import { wait } from "./wait.ts";

export interface Crew {
  /** The process that runs. */
  now(): Process;
  /** Brings a webhook. Answers the status; undefined: nobody answers. */
  post(service: Service, request: Request): Promise<number | undefined>;
  /** Starts the process of a deploy. */
  start(deploy: number): Promise<void>;
  /** Stops the process, or kills it and leaves the file as it is at that instant. */
  end(kills: boolean): Promise<void>;
}

interface Given {
  time: VirtualTime;
  random: Random;
  calendar: Calendar;
  versions: readonly Version[];
  services: readonly Service[];
  file: File;
  count(name: string): void;
  accuse(sentence: string): void;
}

/** Milliseconds for which a sender waits. */
const PATIENCE = 10_000;

export function createCrew({ time, random, calendar, versions, services, file, count, accuse }: Given): Crew {
  let process: Process | undefined;
  const observe = (event: EngineEvent) => {
    if (event.kind === "parked") accuse(event.error);
    if (event.kind === "read" || event.kind === "sweep" || event.kind === "poll") count(`${event.kind}s`);
  };
  return {
    now() {
      if (process === undefined) throw new Error("no process runs");
      return process;
    },
    async post({ name }, request) {
      const asked = process;
      if (asked === undefined) return undefined;
      const nobody = new Promise<undefined>((resolve) => time.after(PATIENCE, () => resolve(undefined)));
      const answer = await Promise.race([asked.sync.webhook(name, request), nobody]);
      // One that has died in between has answered nobody.
      return asked === process ? answer?.status : undefined;
    },
    async start(deploy) {
      const { secrets } = deployOf(calendar, deploy);
      const version = versions[deploy % versions.length] as Version;
      const { pollEvery, sweepEvery } = calendar;
      const schedule = { pollEvery, sweepEvery };
      const application = { mirror: mirrorChange, observe };
      process = createProcess({
        ...{ version, file: file.path(), time, random, services, secrets },
        ...{ ...schedule, ...application },
      });
      count(`processes of ${version.name}`);
      // That loads the driver, which takes no virtual time.
      await process.store.open();
      await wait(time, process.sync.start());
    },
    async end(kills) {
      const ended = process as Process;
      process = undefined;
      count(kills ? "kills" : "stops");
      if (!kills) {
        await wait(time, ended.sync.stop());
        return;
      }
      ended.kill();
      file.replace(file.path());
      await wait(time, ended.store.close());
    },
  };
}
