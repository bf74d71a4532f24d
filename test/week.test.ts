/**
 * Days of webhooks of which 1 % is lost, and a day on which they die: what polls cost that follow the loss, beside polls
 * every minute, and how late what was lost is. `DAYS=7 WEEKS=10 FROM=1` runs ten whole weeks.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { quantiles } from "./week/service.ts";
import { runWeek, type Wait } from "./week/week.ts";

const { DAYS = "3", WEEKS = "1", FROM = "3" } = process.env;
const days = Number(DAYS);
const seeds = Array.from({ length: Number(WEEKS) }, (_, i) => Number(FROM) + i);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** One busy scope, and five that sleep. */
const SCOPES = 6;

const stalenessOf = (waits: readonly Wait[]) => quantiles(waits.map(({ ms }) => ms));

test(`with 1 % of the webhooks lost, ${days} days cost at most 15 % of the requests of polls every minute, and p99 from the write to the log is no worse`, async (t) => {
  // Polls every minute are the same in each scope and on each day: half a day of one scope tells what all cost.
  const fixed = await runWeek({ mode: "poll", days: 0.5, sleeping: 0, options: { pollEvery: MINUTE } });
  const polls = fixed.calls.poll * SCOPES * 2 * days;
  const waits: Wait[] = [];
  const [cost, lost] = [{ ours: 0, theirs: 0 }, { webhooks: 0 }];
  for (const seed of seeds) {
    const week = await runWeek({ seed, days });
    waits.push(...week.waits);
    cost.ours += week.total;
    cost.theirs += polls + week.calls.fetch + week.calls.list;
    lost.webhooks += week.lost;
    assert.ok((week.polls["busy"] ?? 0) > 3 * (week.polls["s1"] ?? 0), "who sleeps is asked less");
  }
  const part = cost.ours / cost.theirs;
  const [ours, theirs] = [stalenessOf(waits), fixed.staleness];
  t.diagnostic(
    `${(100 * part).toFixed(1)} % of the requests; p99 ${ours.p99.toFixed()} ms, of polls ${theirs.p99.toFixed()} ms`,
  );
  const rate = lost.webhooks / waits.length;
  assert.ok(rate >= 0.007 && rate < 0.02, `${lost.webhooks} of ${waits.length} webhooks were lost`);
  assert.ok(part <= 0.15, `${part} of the requests`);
  assert.ok(ours.p99 <= theirs.p99, `p99 ${ours.p99} ms beside ${theirs.p99} ms`);
  const longest = Math.max(...waits.map(({ ms }) => ms));
  assert.ok(longest <= HOUR + MINUTE, `the longest: ${longest} ms`);
});

test("when all webhooks die no change is later than the longest interval, and after it none is later than the shortest", async () => {
  const max = 30 * MINUTE;
  const died = 11 * HOUR;
  const loss = (ms: number) => (ms >= died ? 1 : 0);
  const options = { pollEvery: { max } };
  for (const named of [true, false]) {
    const { waits, trace } = await runWeek({ days: 14 / 24, loss, named, asleep: HOUR, sleeping: 3, options });
    const dead = waits.filter(({ at }) => at >= died && at < died + 3 * HOUR - max);
    const slow = trace.filter(({ call, at }) => call.startsWith("poll") && at > died - HOUR && at < died).length;
    assert.ok(slow < 4 * 15, `${slow} polls in the hour before`);
    assert.ok(dead.length > 30, `${dead.length} writes after they died`);
    const longest = Math.max(...dead.map(({ ms }) => ms));
    assert.ok(longest <= max + MINUTE, `the longest: ${longest} ms`);
    const busy = dead.filter(({ scope, at }) => scope === "busy" && at > died + HOUR);
    const later = stalenessOf(busy);
    assert.ok(later.max <= 2 * MINUTE, `an hour later: ${later.max} ms`);
  }
});
