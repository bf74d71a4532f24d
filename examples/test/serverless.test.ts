/**
 * The program in `serverless/` as AWS Lambda runs it: instances that are frozen when they have answered and killed at any time,
 * crons that overlap, connections that the database ends, webhooks that never came. In the end what is recorded is what is.
 * `STEPS=600 SEED=2` for a longer one.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createRandom } from "tidemark/testing";
import { SECRET } from "./github.ts";
import { openDatabase } from "./serverless.database.ts";
import { eventOf, openRepository, scheduled } from "./serverless.github.ts";
import { openPlatform } from "./serverless.platform.ts";

const STEPS = Number(process.env["STEPS"] ?? 80);
const SEED = Number(process.env["SEED"] ?? 1);
const ISSUES = 40;
/** Fewer than what is held back as too many at once. */
const DELETIONS = 8;
/** The clocks of the database, the functions and GitHub run so much faster: what a dead one held, 90 s, is over in 9. */
const RATE = 10;

test("serverless: functions that are frozen, killed and at work at once lose nothing and do nothing twice", {
  timeout: 120_000 + STEPS * 2_000,
}, async (t) => {
  const random = createRandom(SEED);
  const base = Date.now();
  const now = () => base + (Date.now() - base) * RATE;
  const { url, pool } = await openDatabase(t, RATE);
  const repository = await openRepository(now);
  t.after(() => repository.close());
  const env = {
    ...process.env,
    ...{ DATABASE_URL: url, GITHUB_TOKEN: "token", GITHUB_WEBHOOK_SECRET: SECRET, GITHUB_REPO: "acme/app" },
    ...{ GITHUB_API_URL: repository.url, CLOCK_BASE: `${base}`, CLOCK_RATE: `${RATE}` },
  };
  const program = fileURLToPath(new URL("../serverless/setup.ts", import.meta.url));
  const setup = spawn(process.execPath, [...process.execArgv, program], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  assert.deepEqual(await once(setup, "exit"), [0, null]);
  // Each write of the application's table, counted by the database itself.
  await pool.query(`create table written (id text);
    create function count_it() returns trigger language plpgsql as $$ begin
      insert into written values (coalesce(new.id, old.id)); return null; end $$;
    create trigger counted after insert or update or delete on issue for each row execute function count_it()`);

  const platform = await openPlatform(env, now);
  t.after(() => platform.close());
  let crons = 0;
  let overlaps = 0;
  const cron = async (kill?: number) => {
    if (++crons > 1) overlaps++;
    const given = { timeout: 60_000, ...(kill !== undefined && { kill }) };
    const answer = await platform.invoke("lambda.cron", scheduled(now()), given);
    crons--;
    return answer as { done: boolean } | undefined;
  };
  const sent = { acknowledged: 0, lost: 0, unanswered: 0 };
  const send = async (number: number, action: string, kill?: number): Promise<boolean> => {
    const given = { timeout: 100_000, ...(kill !== undefined && { kill }) };
    const answer = await platform.invoke("lambda.webhook", eventOf(number, action), given);
    const isTaken = (answer as { statusCode: number } | undefined)?.statusCode === 202;
    sent[isTaken ? "acknowledged" : "unanswered"]++;
    return isTaken;
  };
  const sometimes = (often: number) => (random.chance(often) ? random.int(0, 90) / 100 : undefined);

  for (let number = 1; number <= ISSUES; number++) repository.put(number, "as it was", "open");
  while (!(await cron())?.done);
  const flights = new Set<Promise<unknown>>();
  const fly = (flight: Promise<unknown>) => {
    flights.add(flight);
    void flight.finally(() => flights.delete(flight));
  };
  for (let step = 1; step <= STEPS; step++) {
    const number = random.int(1, ISSUES);
    if (step % Math.ceil(STEPS / DELETIONS) === 0) {
      // No poll tells of a deletion: its webhook is sent until it was acknowledged, and that alone must do.
      repository.remove(number);
      fly(
        (async () => {
          while (!t.signal.aborted && !(await send(number, "deleted", sometimes(0.5)))) await pause(50);
        })(),
      );
    } else {
      repository.put(number, `step ${step}`, random.chance(0.3) ? "closed" : "open");
      if (random.chance(0.25)) sent.lost++;
      else fly(send(number, "edited", sometimes(0.3)));
    }
    if (step % 5 < 2) fly(cron(sometimes(0.4)));
    if (random.chance(0.1)) await platform.shrink();
    if (step % 10 === 5)
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name <> 'the test' and pid <> pg_backend_pid()`);
    while (flights.size >= 4) await Promise.race(flights);
  }
  await Promise.all(flights);

  const begun = performance.now();
  const mirror = async () => (await pool.query("select id, title, state from issue order by id::int")).rows;
  const isSettled = async () => {
    const { done } = (await cron()) ?? { done: false };
    return done && JSON.stringify(await mirror()) === JSON.stringify(repository.truth());
  };
  while (!(await isSettled())) await pause(200);
  const settled = ((performance.now() - begun) * RATE) / 1_000;
  assert.deepEqual(await mirror(), repository.truth());
  const { rows } = await pool.query(`select (select count(*)::int from written) as written,
    (select position::int from tidemark.head) as changes`);
  assert.equal(rows[0].written, rows[0].changes, "each change took effect exactly once");
  const { started, thawed, killed } = platform.counts;
  t.diagnostic(
    `${STEPS} writes: ${sent.acknowledged} webhooks acknowledged, ${sent.lost} never sent, ${sent.unanswered} unanswered; ` +
      `${started} instances, thawed ${thawed} times, ${killed} killed at work, ${overlaps} crons beside another; ` +
      `${rows[0].changes} changes, each once; all done after another ${settled.toFixed(0)} s of their clock`,
  );
  const seen = { killed, thawed, overlaps };
  assert.ok(killed > STEPS / 20 && thawed > STEPS / 4 && overlaps > STEPS / 20, JSON.stringify(seen));
});
