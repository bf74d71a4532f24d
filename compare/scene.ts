/**
 * Where a case takes place: a service, and as many processes of one subject as it opens, over one place.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./clock.ts";
import { isTaken, Process, send, startChild } from "./process.ts";
import type { Hook } from "./service/dialect.ts";
import { Service } from "./service/serve.ts";
import type { Place, Subject } from "./subject.ts";
import { differenceOf } from "./verdict.ts";

/** Seconds until what a service refused once, or what lists were behind, is over. */
const OVER = 10;
/** Seconds after which a service comes again with what was not taken. Stripe does; at GitHub somebody presses the button. */
const AGAIN = 3_600;

export interface SceneOptions {
  subject: Subject;
  clock: Clock;
  folder: string;
  database: string | undefined;
  /** Milliseconds for which a service waits for an answer to a webhook. */
  patience: number;
}

export class Scene {
  readonly service: Service;
  readonly clock: Clock;
  readonly #options: SceneOptions;
  readonly #refused: Hook[] = [];
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(options: SceneOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.service = new Service(options.subject.dialect, options.clock);
  }

  get #place(): Place {
    const { folder, database } = this.#options;
    return { url: this.service.url, folder, database };
  }

  /** A process that has done what it does first of all. What that asked for is not counted. */
  open = async (): Promise<Process> => {
    const process = await this.openIdle();
    const before = this.service.asked.length;
    await process.look();
    this.service.asked.splice(before);
    return process;
  };
  /** A process that has done nothing yet. */
  openIdle = async (): Promise<Process> => {
    const { subject, clock } = this.#options;
    const process = await Process.start(await subject.open(this.#place, clock), this.service, this.#refused);
    let closed: Promise<void> | undefined;
    const { close } = process;
    process.close = () => {
      closed ??= close.call(process);
      return closed;
    };
    this.#ends.push(() => process.close());
    return process;
  };

  /** A webhook comes while nothing can be written; the process is killed when it has answered, or was too slow. */
  killAt = async (hook: Hook): Promise<{ taken: boolean }> => {
    const { subject, patience } = this.#options;
    const child = await startChild(subject, this.#place);
    this.#ends.push(child.kill);
    const release = await subject.stall(this.#place);
    try {
      const answer = send(child.port, hook, this.service).catch(() => undefined);
      const status = await Promise.race([answer, sleep(patience, undefined, { ref: false })]);
      await child.kill();
      await answer;
      if (!isTaken(status ?? undefined)) this.#refused.push(hook);
      return { taken: isTaken(status ?? undefined) };
    } finally {
      await release();
    }
  };

  /** What is wrong with what a process has, when the service has come again with what was refused. */
  check = async (process: Process): Promise<string | undefined> => {
    this.clock.later(OVER);
    await process.settle();
    if (this.#refused.length > 0) {
      this.clock.later(AGAIN);
      await process.take(...this.#refused.splice(0));
      this.clock.later(OVER);
      await process.settle();
    }
    const { account } = this.service;
    const latest = new Map(account.events.map(({ state }) => [state.id, state.kind]));
    for (const [id, kind] of latest) {
      const seen = differenceOf(await process.states(kind, id), account.current(id)?.n ?? null);
      if (seen !== undefined) return seen;
    }
    return undefined;
  };

  async close(): Promise<void> {
    // The service first: nobody waits for its answers then.
    await this.service.close();
    for (const end of this.#ends.reverse()) await end();
  }
}
