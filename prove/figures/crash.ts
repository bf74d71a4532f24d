import type { Figure } from "../figure.ts";

/** Processes, servers and networks that fail. */
export const crash: readonly Figure[] = [
  {
    id: "F6",
    title: "kill -9 under load, SQLite",
    goal: "0 acknowledged webhooks lost, 0 positions missing, integrity ok",
    run: ["test/store/kill.test.ts"],
    sizes: { commit: { KILLS: "20" }, ci: { KILLS: "200" }, night: { KILLS: "1000" } },
    says: ["{KILLS} kills"],
  },
  {
    id: "F7",
    title:
      "immediate stop of the Postgres server under 4 processes; failover to a replica that misses commits; a cut in COMMIT",
    goal: "0 acknowledged lost, 0 doubled, 0 gaps; who has read what is missing is told",
    run: ["test/postgres/restart.test.ts", "test/postgres/failover.test.ts", "test/store/postgres.cut.test.ts"],
    sizes: {
      commit: { PG_STOPS: "5", FAILOVERS: "1" },
      ci: { PG_STOPS: "40", FAILOVERS: "3" },
      night: { PG_STOPS: "200", FAILOVERS: "20" },
    },
    says: ["{PG_STOPS} immediate stops", "{FAILOVERS} x failover", "in their COMMIT"],
    needs: "Postgres with pg_basebackup",
  },
  {
    id: "F8",
    title: "kill -9 of a random one of 4 processes on one Postgres",
    goal: "0 acknowledged lost, 0 doubled, 0 gaps; every reader sees 1..N",
    run: ["test/postgres/kill.test.ts"],
    sizes: { commit: { PG_KILLS: "12" }, ci: { PG_KILLS: "100" }, night: { PG_KILLS: "500" } },
    says: ["{PG_KILLS} kills"],
  },
  {
    id: "F9",
    title: "6 processes write, 3 readers at the end of the log: one polls, one listens, one restarts",
    goal: "0 unseen, 0 inversions",
    run: ["test/postgres/readers.test.ts"],
    sizes: { commit: { PG_CHANGES: "40000" }, ci: { PG_CHANGES: "300000" }, night: { PG_CHANGES: "1000000" } },
  },
  {
    id: "F10",
    title: "SIGSTOP of a process between its read and its commit, beyond its lease",
    goal: "another takes over; 0 older states after newer ones",
    run: ["test/postgres/pause.test.ts"],
    sizes: { commit: { PG_PAUSES: "5" }, ci: { PG_PAUSES: "30" }, night: { PG_PAUSES: "200" } },
    says: ["{PG_PAUSES} x SIGSTOP"],
  },
  {
    id: "F11",
    title: "latency, slow links, resets and cuts, to the database and to the API",
    goal: "right within 10 s after they end; the heap does not grow",
    run: ["test/postgres/network.test.ts"],
    sizes: { commit: { PG_CUTS: "1" }, ci: { PG_CUTS: "5" }, night: { PG_CUTS: "20" } },
    says: ["{PG_CUTS} rounds"],
  },
];
