/**
 * The head row's own limit. A log without gaps has one row that every commit updates, so commits wait for each other; how
 * many there can be, beside a table whose positions may have gaps.
 * @module
 */
import type { Contender, Subject } from "../harness/bench.ts";
import { startChild } from "../harness/child.ts";
import type { Committer } from "../harness/committer.ts";
import { startPeer } from "../harness/fleet.ts";

const GROUP = 100;

export const head: Subject = {
  name: "head",
  title: "Entries of 2.9 KB committed to PostgreSQL, 10 connections",
  units: { single: "commits/s, one entry each", grouped: "entries/s, 100 in each commit" },
  goals: [],
  async setup(bench) {
    const start = async () => {
      const database = await bench.database();
      const committer = startChild<Committer>(new URL("../harness/committer.ts", import.meta.url), bench.defer);
      await committer.open(database);
      const contender = (name: string, table: "numbered" | "plain"): Contender => ({
        name,
        round: async () => ({
          single: await committer.commit(table, 1, bench.seconds),
          grouped: await committer.commit(table, GROUP, bench.seconds),
        }),
      });
      return [contender("with a head row, no gaps", "numbered"), contender("without a head row", "plain")];
    };
    return (await startPeer(bench, "PostgreSQL", start)).flat();
  },
};
