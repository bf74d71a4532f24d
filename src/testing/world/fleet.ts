/** The processes of an application: which run, which died, which stand still, and who takes their place. */
import type { Random } from "../random.ts";
import type { VirtualTime } from "../time.ts";
import type { Tell } from "./events.ts";
import type { Post } from "./network.ts";
import type { Process } from "./process.ts";

export interface Fleet {
  /** Starts all of them. */
  start(): Promise<void>;
  post: Post;
  /** It dies now, and starts again some seconds later. */
  crash(index: number): void;
  /** It stands still. One that does so for long is replaced, and wakes beside the new one. */
  freeze(index: number, ms: number): void;
  /** Those that are neither dead nor frozen. */
  running(): Process[];
  /** All of them run, and none stands still anywhere. */
  whole(): boolean;
  /** Ends all. */
  stop(): Promise<void>;
}

/** After so many ms a process that stands still is replaced. */
const REPLACED = 95_000;
/** So long one that was replaced works on before it is ended. */
const BESIDE = 10_000;

/** @param make makes and starts a process; `fail` is told what that throws when nobody waits for it */
export function createFleet(
  count: number,
  { time, random: { int, pick } }: { time: VirtualTime; random: Random },
  make: (index: number) => { process: Process; started: Promise<void> },
  tell: Tell,
  fail: (error: unknown) => void,
): Fleet {
  const places: (Process | undefined)[] = Array.from({ length: count }, () => undefined);
  const frozen = new Set<Process>();
  /** Those that were replaced, and may work on beside the new ones. */
  const replaced = new Set<Process>();
  let open = true;

  function boot(index: number): Promise<void> {
    tell({ kind: "boot", process: index });
    const { process, started } = make(index);
    places[index] = process;
    return started;
  }
  const at = (index: number): Process | undefined => {
    if (index in places) return places[index];
    throw new RangeError(`there is no process ${index}: they are counted from 0, and there are ${count}`);
  };
  const running = () => places.filter((one) => one?.up()) as Process[];
  const reboot = (index: number): void => {
    if (open) boot(index).catch(fail);
  };
  return {
    running,
    whole: () => frozen.size === 0 && places.every((one) => one?.up()),
    async start() {
      await Promise.all(places.map((_, index) => boot(index)));
    },
    post: async (...webhook) => (places.length > 1 ? pick(places) : places[0])?.post(...webhook),
    crash(index) {
      const process = at(index);
      if (!process?.up()) return;
      tell({ kind: "crash", process: index });
      process.kill();
      time.after(int(1, 8_000), () => reboot(index));
    },
    freeze(index, ms) {
      const process = at(index);
      if (!process?.up()) return;
      tell({ kind: "freeze", process: index, ms });
      process.freeze();
      frozen.add(process);
      if (ms > REPLACED) time.after(REPLACED, () => places[index] === process && reboot(index));
      time.after(ms, () => {
        tell({ kind: "thaw", process: index });
        frozen.delete(process);
        process.thaw();
        if (places[index] === process) return;
        replaced.add(process);
        time.after(BESIDE, process.kill);
      });
    },
    async stop() {
      open = false;
      for (const one of [...frozen, ...replaced]) one.kill();
      await Promise.all(running().map((one) => one.sync.stop()));
    },
  };
}
