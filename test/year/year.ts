/**
 * A year of nine services on the real engine and a real file, in virtual time. In each week:
 *
 *     writes ──► network: lost, late, twice ──► process of version N or N-1 ──► log ──► reader ──► judge
 *                                                    │                          └────► mirror, in the same file
 *        deploy: stopped or killed, the file perhaps put back, secrets rotated, scopes moved ──► the next process
 */
// First: the stores take the disk as it is.
import "./disk.ts";
import { createRandom, createVirtualTime } from "tidemark/testing";
import { type Calendar, deployOf } from "./calendar.ts";
import { createCrew } from "./crew.ts";
import { createFile } from "./file.ts";
import { type Bounds, createJudge } from "./judge.ts";
import { differences } from "./mirror.ts";
import { createNetwork, requestOf } from "./network.ts";
import { openEnds } from "./open.ts";
import { createReader } from "./reader.ts";
import { CHARACTERS, createService, type Service } from "./service.ts";
import { growth, type Size, sizeOf } from "./tables.ts";
import type { Version } from "./version.ts";
import { wait } from "./wait.ts";
import { createWriter } from "./writer.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A Monday, midnight UTC. */
const BEGIN = Date.UTC(2027, 0, 18);
const IDS = ["a", "b", "c", "d", "e"];
/** The part of the webhooks that is lost. */
const LOSS = 0.01;
/** Deploys from one look at the tables to the next. */
const MONTH = 4;

export interface Year {
  violations: readonly string[];
  sizes: readonly Size[];
  webhooks: Readonly<Record<string, number>>;
  counts: Readonly<Record<string, number>>;
}

export interface YearOptions {
  /** Default 1. A disk and a driver take time of their own, so it names a year and not each of its steps. */
  seed?: number;
  /** Is told of each deploy. */
  tell?: (line: string) => void;
}

/**
 * Runs it, until it is over or something is wrong.
 *
 * @param versions that take turns
 * @param folder for the files
 */
export async function runYear(
  calendar: Calendar,
  versions: readonly Version[],
  folder: string,
  { seed = 1, tell = () => {} }: YearOptions = {},
): Promise<Year> {
  const random = createRandom(seed);
  const time = createVirtualTime({ random: createRandom(seed + 1), start: BEGIN });
  const scopes = Array.from({ length: calendar.scopes }, (_, i) => `s${i}`);
  const services = CHARACTERS.map((character) => createService(character, scopes, IDS, BEGIN - HOUR));
  for (const service of services) for (const scope of scopes.slice(-calendar.away)) service.scopes.delete(scope);
  const judge = createJudge(services);
  const { accuse } = judge;
  const bounds = boundsOf(calendar);
  const counts: Record<string, number> = {};
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const sizes: Size[] = [];
  const reader = createReader(judge, time);
  const file = createFile(folder);
  const crew = createCrew({ time, random, calendar, versions, services, file, count, accuse });
  let secret = deployOf(calendar, 0).secrets[0] ?? "";
  let silent = false;
  const network = createNetwork({
    ...{ time, random, post: crew.post, secret: () => secret },
    loss: ({ name }) => (silent && name === "shop" ? 1 : LOSS),
    acknowledged: (write) => judge.acknowledged(write, time.now()),
    refused(write, status) {
      if (status !== 503) accuse(`a webhook of ${write.service.name} was answered ${status}`);
    },
  });
  const writer = createWriter({ time, random, calendar, services, scopes, count, send: network.send });

  async function look(): Promise<void> {
    if (await wait(time, reader.look(crew.now()))) count("cursors that were lost");
    judge.check(time.now(), bounds);
  }
  /** Lets time pass, with a reader that comes now and then. Answers the backup that was made on the way. */
  async function live(end: number, saved = Number.POSITIVE_INFINITY): Promise<string | undefined> {
    let backup: string | undefined;
    const step = Math.min(6 * HOUR, calendar.week / 4);
    while (time.now() < end) {
      const next = Math.min(end, time.now() + step);
      if (saved > time.now() && saved <= next) {
        await time.run(saved);
        backup = await file.save();
      }
      await time.run(next);
      await look();
    }
    return backup;
  }
  /** The secret that has ended is refused; a day later the services sign with the newest. */
  async function rotate(i: number): Promise<void> {
    const { secrets, refused } = deployOf(calendar, i);
    if (secrets.length > 1) count("rotations");
    time.after(calendar.week / 7, () => {
      secret = secrets.at(-1) ?? "";
    });
    if (refused === undefined) return;
    const [service] = services as [Service];
    const write = { service, scope: scopes[0] ?? "", id: "a", place: 0 };
    const status = await wait(time, crew.post(service, requestOf(write, refused, time.now())));
    if (status !== 401) accuse(`a webhook signed with a secret that has ended was answered ${status}`);
    count("refusals of a secret that had ended");
  }
  async function deploy(i: number): Promise<void> {
    const { kills, restores, moves } = deployOf(calendar, i);
    const at = BEGIN + i * calendar.week;
    const age = random.int(calendar.week / 28, (5 * calendar.week) / 7);
    const backup = await live(at, restores ? at - age : undefined);
    // In the middle of things.
    for (let n = 0; n < 8; n++) writer.write();
    await time.run(time.now() + random.int(200, 3 * SECOND));
    await crew.end(kills);
    if (backup !== undefined) {
      file.replace(backup);
      reader.restored();
      count("restores");
    }
    await time.run(time.now() + random.int(10 * SECOND, 10 * MINUTE));
    if (moves) writer.move(({ name }, scope) => judge.begins(time.now(), name, scope));
    silent = i === calendar.silent;
    await crew.start(i);
    await rotate(i);
    // Every second time the reader comes back at once, else when the log may have grown beyond its cursor.
    if (backup !== undefined && i % 2 === 0) await look();
    if (i % MONTH === 0) sizes.push(sizeOf(file.path()));
  }

  await crew.start(0);
  writer.begin();
  const deploys = Math.floor((calendar.days * 24 * HOUR) / calendar.week);
  for (let i = 1; i <= deploys && judge.violations.length === 0; i++) {
    await deploy(i);
    tell(`deploy ${i} of ${deploys}: ${JSON.stringify({ ...counts, ...sizes.at(-1) })}`);
  }
  writer.beat(time.now() + bounds.swept);
  await live(time.now() + bounds.swept + 3 * HOUR);
  for (const end of await openEnds(crew.now(), services, time))
    accuse(`hours after the last write there is still ${end}`);
  const wrong = differences(file.path(), services);
  await crew.end(false);
  const violations = [...judge.violations, ...wrong, ...growth(sizes)];
  return { violations, sizes, webhooks: network.counts, counts: { ...counts, changes: reader.changes() } };
}

/** When something must be told at the latest: after its poll, or its sweep, and what reads and looks add. */
const boundsOf = ({ pollEvery, sweepEvery }: Calendar): Bounds => ({
  acknowledged: 2 * HOUR,
  fed: pollEvery + 3 * HOUR,
  swept: sweepEvery.max + 4 * HOUR,
});
