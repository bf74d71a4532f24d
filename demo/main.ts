/**
 * `npm run demo`: two providers, a bad network, a `kill -9`, and a stream that is right in the end.
 *
 *   people ──► GitHub, Stripe ──webhooks──► bad network ──► engine (a process of its own) ──► stream
 *                    ▲                                         │                                │
 *                    └────────────── reads, polls, sweeps ─────┘        folded and compared ◄───┘
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDriver } from "./driver.ts";
import { listAll, OWNER, REPO, startEmulators, UNSTABLE } from "./emulators.ts";
import { differences, Fold } from "./fold.ts";
import type { Report } from "./messages.ts";
import { startNetwork } from "./network.ts";
import { type Options, optionsOf, USAGE } from "./options.ts";
import { seeded } from "./random.ts";
import { createScreen } from "./screen.ts";
import { summaryOf } from "./summary.ts";
import { createSupervisor } from "./supervisor.ts";
import { Tally } from "./tally.ts";

/** Milliseconds from one operation to the next: while it ends by itself, and while it goes on. */
const PACE = 130;
const SLOW_PACE = 1_500;
/** Milliseconds from one poll, and from one sweep, to the next: so short that what was lost is found while one watches. */
const EVERY = { pollEvery: 2_000, sweepEvery: 4_000 };
/** The same where it goes on: the emulated GitHub, as the real one, allows 5,000 requests an hour. */
const SLOW_EVERY = { pollEvery: 5_000, sweepEvery: 10_000 };
/** Milliseconds that the stream may take to agree with the providers, once nothing happens there any more. */
const SETTLE = 25_000;

async function run({ once, seed }: Options, stopped: AbortSignal): Promise<boolean> {
  await using cleanup = new AsyncDisposableStack();
  const screen = createScreen(Date.now(), seed);
  screen.intro();

  const folder = mkdtempSync(join(tmpdir(), "tidemark-demo-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const network = await startNetwork(seeded(seed, "network"), (provider, what) =>
    screen.note("✗", `webhook lost: ${provider} ${what}`),
  );
  cleanup.defer(() => network.close());
  const emulators = await startEmulators(network);
  cleanup.defer(() => emulators.close());
  const driver = createDriver(emulators, seeded(seed, "operations"));

  const fold = new Fold();
  const tally = new Tally();
  const engine = createSupervisor((report: Report) => {
    tally.add(report);
    if (report.kind !== "change") return;
    fold.add(report.change);
    screen.change(report.change, tally.change(report.change, driver.touched, Date.now()));
  });
  cleanup.defer(() => engine.stop());

  let port = 0;
  const startEngine = async () => {
    const { githubUrl, stripeUrl, githubSecret, stripeSecret } = emulators;
    const places = { file: join(folder, "tidemark.db"), port, repo: `${OWNER}/${REPO}`, after: fold.cursor };
    const every = once ? EVERY : SLOW_EVERY;
    port = await engine.start({ ...places, ...every, githubUrl, stripeUrl, githubSecret, stripeSecret });
    network.target = `http://127.0.0.1:${port}`;
  };
  const work = async (operations: number, pace: number) => {
    for (let done = 0; done < operations && !stopped.aborted; done++) {
      await driver.step();
      await sleep(pace, undefined, { signal: stopped }).catch(() => {});
    }
  };
  const compare = async () => {
    const truth = await listAll(emulators);
    return { compared: truth.size, different: differences(fold.states, truth, UNSTABLE) };
  };
  /** Waits until the stream agrees with the providers, and nothing is under way. */
  const settle = async () => {
    const begin = Date.now();
    for (let last = -1; ; ) {
      const { different } = await compare();
      if (different.length === 0 && network.underWay === 0) return;
      if (different.length > 0 && different.length !== last) screen.note("…", `${different.length} to be found`);
      last = different.length;
      if (Date.now() - begin > SETTLE) return;
      await sleep(500);
    }
  };

  screen.phase("First look", "what was there before is found by listing it");
  await driver.prepare();
  await startEngine();
  await settle();

  screen.phase("People work, webhooks get lost", "polls and sweeps find what no webhook told");
  await work(40, PACE);

  let kills = 0;
  if (!stopped.aborted) {
    screen.phase("kill -9", "the engine is dead; people work on, and webhooks meet nobody");
    await engine.kill();
    kills++;
    await work(12, PACE);
    screen.phase("Started again", "on the same file, and from the cursor of the last change seen");
    await startEngine();
    await work(once ? 30 : Number.POSITIVE_INFINITY, once ? PACE : SLOW_PACE);
  }

  screen.phase("Silence", "the rest is found");
  await settle();
  await engine.stop();
  const result = await compare();
  const { done } = driver;
  screen.summary(
    summaryOf({ done, network: network.counts, tally, kills, misfits: fold.misfits, ...result }),
    result.different,
  );
  return result.different.length === 0 && fold.misfits === 0;
}

const options = optionsOf(process.argv.slice(2));
if (options.help) console.log(USAGE);
else {
  const stopper = new AbortController();
  process.on("SIGINT", () => stopper.abort()).on("SIGTERM", () => stopper.abort());
  process.exitCode = (await run(options, stopper.signal)) ? 0 : 1;
}
