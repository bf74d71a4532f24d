import type { Figure } from "../figure.ts";

/** Clocks, disks, and webhooks that are none or too many. */
export const faults: readonly Figure[] = [
  {
    id: "F12",
    title:
      "hostile worlds in which the clock of the processes, the store or the provider is a day off or twice as fast; that of Postgres is put back",
    goal: "0 violations",
    run: ["test/clocks.test.ts", "test/postgres/clock.test.ts"],
    sizes: { commit: { CLOCKS: "5" }, ci: { CLOCKS: "20" }, night: { CLOCKS: "500" } },
    says: ["x {CLOCKS} worlds", "stepped back", "failed over"],
  },
  {
    id: "F13",
    title: "a full disk, a disk that cannot be written, a file that another process has locked",
    goal: "503 as long as it lasts, 0 acknowledged lost, 202 after it without a restart",
    run: ["test/store/fault.test.ts"],
    sizes: { commit: { FAULTS: "3" }, ci: { FAULTS: "30" }, night: { FAULTS: "150" } },
    says: ["{FAULTS} x a full disk", "{FAULTS} x read-only", "locked by another process"],
    needs: "the right to mount a file system: root on Linux",
  },
  {
    id: "F14",
    title: "images of the file as a crash leaves them, write-ahead logs torn anywhere, flipped bits",
    goal: "a beginning of what was committed, with all that was acknowledged; no wrong entry",
    run: ["test/store/damage.test.ts"],
    sizes: { commit: { DAMAGE: "50" }, ci: { DAMAGE: "500" }, night: { DAMAGE: "5000" } },
    says: ["{DAMAGE} images", "{DAMAGE} torn", "bits flipped"],
  },
  {
    id: "F16",
    title: "every webhook is lost, and there is no feed: sweeps alone, over offsets that shift while they are read",
    goal: "every change and deletion told within two sweeps",
    run: ["test/lost.test.ts"],
    sizes: { commit: { RESOURCES: "1000" }, ci: { RESOURCES: "10000" } },
    says: ["{RESOURCES} resources"],
  },
  {
    id: "F17",
    title: "a flood of signed webhooks, 30 % of them twice, 500 a second, each synced to the disk",
    goal: "0 lost, p99 of the answers at most 100 ms, less than 300 MB",
    run: ["test/flood.test.ts"],
    sizes: { commit: { WEBHOOKS: "2000" }, ci: { WEBHOOKS: "20000" }, night: { WEBHOOKS: "100000" } },
    says: ["{WEBHOOKS} webhooks"],
    needs: "a machine that has nothing else to do",
  },
];
