/**
 * Everything on its place: providers, network, people, engine, and who compares what the stream tells with the truth.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDriver, type Driver } from "./driver.ts";
import { listAll, startEmulators } from "./emulators.ts";
import { differences, Fold } from "./fold.ts";
import type { Report } from "./messages.ts";
import { startNetwork } from "./network.ts";
import type { Options } from "./options.ts";
import { seeded } from "./random.ts";
import type { Screen } from "./screen.ts";
import { UNSTABLE } from "./shop.ts";
import type { Outcome } from "./summary.ts";
import { createSupervisor } from "./supervisor.ts";
import { Tally } from "./tally.ts";

/** Milliseconds from one poll, and from one sweep, to the next: so short that one sees what they find. */
const EVERY = { pollEvery: 2_000, sweepEvery: 4_000 };
/** The same where it goes on: the emulated GitHub allows 5,000 requests an hour, as the real one. */
const SLOW_EVERY = { pollEvery: 5_000, sweepEvery: 10_000 };
/** Milliseconds that the stream may take to agree with the providers, once nothing happens there any more. */
const PATIENCE = 20_000;

export interface Stage extends AsyncDisposable {
  driver: Driver;
  /** Starts the engine, where the stream ended that was received. Resolves to where its inspector is opened. */
  startEngine(): Promise<string>;
  killEngine(): Promise<void>;
  stopEngine(): Promise<void>;
  /** Resolves when the stream agrees with the providers and nothing is under way, or when it takes too long. */
  settle(): Promise<void>;
  outcome(): Promise<Outcome>;
}

export async function setStage({ once, seed }: Options, screen: Screen): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const lost = (provider: string, what: string) => screen.note("✗", `webhook lost: ${provider} ${what}`);
  const network = await startNetwork(seeded(seed, "network"), lost);
  const emulators = await startEmulators(network);
  const driver = createDriver(emulators, seeded(seed, "operations"));

  const fold = new Fold();
  const tally = new Tally();
  const heard = (report: Report) => {
    tally.add(report);
    if (report.kind !== "change") return;
    fold.add(report.change);
    screen.change(report.change, tally.change(report.change, driver.touched, Date.now()));
  };
  let kills = 0;
  let deaths = 0;
  const engine = createSupervisor(heard, () => {
    deaths++;
    screen.note("!", "the engine's process ended by itself: see what it wrote above");
  });
  const compare = async () => {
    const truth = await listAll(emulators);
    return { compared: truth.size, different: differences(fold.states, truth, UNSTABLE) };
  };
  let port = 0;
  // Not of the seed: what is on this machine may look only if it was told.
  const token = randomBytes(18).toString("base64url");
  return {
    driver,
    async startEngine() {
      const { githubUrl, stripeUrl, githubSecret, stripeSecret } = emulators;
      const places = { file: join(folder, "tidemark.db"), port, token, after: fold.cursor };
      const every = once ? EVERY : SLOW_EVERY;
      port = await engine.start({ ...places, ...every, githubUrl, stripeUrl, githubSecret, stripeSecret });
      network.target = `http://127.0.0.1:${port}/webhooks`;
      return `http://127.0.0.1:${port}/inspector#token=${token}`;
    },
    async killEngine() {
      await engine.kill();
      kills++;
    },
    stopEngine: () => engine.stop(),
    async settle() {
      const end = Date.now() + PATIENCE;
      for (let last = 0; Date.now() < end && deaths === 0; ) {
        const { different } = await compare();
        if (different.length === 0 && network.underWay === 0) return;
        if (different.length > 0 && different.length !== last) screen.note("…", `still different: ${different.length}`);
        last = different.length;
        await sleep(500);
      }
    },
    async outcome() {
      const { counts } = network;
      return { done: driver.done, network: counts, tally, kills, deaths, misfits: fold.misfits, ...(await compare()) };
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      await network.close();
      await emulators.close();
    },
  };
}
