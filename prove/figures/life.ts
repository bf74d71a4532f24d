import type { Figure } from "../figure.ts";

/** What years bring: much of everything, and other versions. */
export const life: readonly Figure[] = [
  {
    id: "F26",
    title:
      "a year of 9 services with 100 scopes each in virtual time: deploys of two versions, kills, rotated secrets, restores; by day all of it in a day and two scopes each",
    goal: "0 violations, tables that stop growing",
    run: ["test/year.test.ts"],
    sizes: { commit: { YEAR: "1" }, night: { YEAR: "365" } },
    says: ["{YEAR} days"],
  },
  {
    id: "F27",
    title: "a database of the version before is opened by this one, and processes of both share one Postgres",
    goal: "0 lost, 0 doubled, 0 gaps; the one before refuses what it cannot read",
    run: ["test/upgrade.test.ts"],
    sizes: { commit: { MIXED: "3" }, ci: { MIXED: "30" }, night: { MIXED: "300" } },
    says: ["opened by this one", "{MIXED} s"],
    needs: "the history of the repository",
  },
  {
    id: "F28",
    title: "a backfill and a sweep of as many resources as a large account has, page by page",
    goal: "less than 400 MB; a hint beside it is saved within 2 s",
    run: ["test/memory.test.ts"],
    sizes: { commit: { SWEPT: "20000" }, ci: { SWEPT: "100000" }, night: { SWEPT: "1000000" } },
    says: ["{SWEPT} resources"],
  },
];
