/**
 * A year of nine services in virtual time, in which all happens that happens in years: deploys of two versions, kills, secrets that
 * rotate, restores from backups, scopes that leave and join. `YEAR=365` runs it, `YEAR=365 SCOPES=2` a small one; by default all of it comes within a day.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { figure } from "./figure.ts";
import { DAY_OF_ALL, YEAR } from "./year/calendar.ts";
import { loadVersions } from "./year/version.ts";
import { runYear } from "./year/year.ts";

const { YEAR: ASKED = "1", SEED = "1", SCOPES, TELL } = process.env;
const days = Number(ASKED);
/** `SCOPES=2`: a year of fewer scopes, in which less is written. */
const few = SCOPES ? { scopes: Number(SCOPES) + 1, away: 1, writesPerDay: Math.min(500, 30 * Number(SCOPES)) } : {};
const calendar = days < 28 ? { ...DAY_OF_ALL, days } : { ...YEAR, days, ...few };
/** What is synced is in virtual time, too: a disk would only make it long. */
const disk = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

test(`${days} days of deploys, kills, rotated secrets, restores and lost webhooks: no violation, and tables that stop growing`, async (t) => {
  const { versions, remove } = await loadVersions();
  const folder = mkdtempSync(join(disk, "tidemark-year-"));
  t.after(() => {
    remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const begun = performance.now();
  const tell = TELL
    ? (line: string) => process.stderr.write(`${Math.round(performance.now() - begun)} ${line}\n`)
    : undefined;
  const { violations, sizes, webhooks, counts } = await runYear(calendar, versions, folder, {
    ...{ seed: Number(SEED), ...(tell && { tell }) },
  });
  t.diagnostic(JSON.stringify({ webhooks, counts, sizes }));
  // By name: a campaign tells the first line of what failed.
  assert.equal(violations.length, 0, violations.join("; "));
  const happened = [
    "kills",
    "stops",
    "restores",
    "cursors that were lost",
    "rotations",
    "refusals of a secret that had ended",
  ];
  // A year's first quarter has no restore yet.
  const missing = happened.filter((name) => counts[name] === undefined && !(days >= 28 && days < 91));
  assert.deepEqual(missing, [], "what the year is for must have happened");
  const { changes = 0, kills = 0, restores = 0 } = counts;
  const last = sizes.at(-1);
  const said = [
    `${days} days of 9 x ${calendar.scopes - calendar.away} scopes: ${counts["writes"]} writes, ${webhooks["lost"]} webhooks lost, ${changes} changes`,
    `${counts["processes of N"] ?? 0} processes of N and ${counts["processes of N-1"] ?? 0} of N-1, ${kills} killed`,
    `${restores} restores, ${counts["rotations"] ?? 0} rotations of the secrets: 0 violations`,
    `${last?.rows} rows, ${last?.entries} entries, ${last?.checkpoints} checkpoints, ${last?.file} kB`,
  ];
  figure(t, "F26", said.join("; "));
});
