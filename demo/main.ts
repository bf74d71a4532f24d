/**
 * `npm run demo`: two providers, a bad network, a `kill -9`, and a stream that is right in the end.
 *
 *   people ──► GitHub, Stripe ──webhooks──► bad network ──► engine, a process of its own ──► stream
 *                    ▲                                        │                                │
 *                    └───────── reads, polls, sweeps ─────────┘       folded and compared ◄────┘
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Options, optionsOf, USAGE } from "./options.ts";
import { createScreen } from "./screen.ts";
import { setStage } from "./stage.ts";
import { isRight, summaryOf } from "./summary.ts";

/** Milliseconds from one operation to the next: while much is to happen, and while it goes on until Ctrl-C. */
const PACE = 130;
const SLOW_PACE = 1_500;

/** Resolves to whether all was right. */
async function play(options: Options, stopped: AbortSignal): Promise<boolean> {
  const screen = createScreen(Date.now(), options.seed);
  screen.intro();
  await using stage = await setStage(options, screen);
  const work = async (operations: number, pace: number) => {
    for (let done = 0; done < operations && !stopped.aborted; done++) {
      await stage.driver.step();
      await sleep(pace, undefined, { signal: stopped }).catch(() => {});
    }
  };

  screen.phase("First look", "what was there before is found by listing it");
  await stage.driver.prepare();
  screen.inspector(await stage.startEngine());
  await stage.settle();

  screen.phase("People work, webhooks get lost", "polls and sweeps find what no webhook told");
  await work(40, PACE);

  if (!stopped.aborted) {
    screen.phase("kill -9", "the engine is dead; people work on, and webhooks meet nobody");
    await stage.killEngine();
    await work(12, PACE);
    screen.phase("Started again", "on the same file, after the last change that was received");
    await stage.startEngine();
    if (options.once) await work(30, PACE);
    else await work(Number.POSITIVE_INFINITY, SLOW_PACE);
  }

  screen.phase("Silence", stopped.aborted ? "the rest is found; Ctrl-C again ends at once" : "the rest is found");
  await stage.settle();
  await stage.stopEngine();
  const outcome = await stage.outcome();
  screen.summary(summaryOf(outcome), outcome.different);
  return isRight(outcome);
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const stopper = new AbortController();
  const stop = () => (stopper.signal.aborted ? process.exit(130) : stopper.abort());
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return (await play(options, stopper.signal)) ? 0 : 1;
}

process.exitCode = await main();
