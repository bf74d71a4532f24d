/** `health`: is anything wrong, what was found by what, what waits. */
import type { Health } from "tidemark";
import { command, type Where, withSource } from "../command.ts";
import { type Io, paint, table } from "../io.ts";
import { jsonOption } from "../options.ts";
import { ago, jsonLines, plain } from "../print.ts";
import type { Kit } from "../program.ts";

export const healthCommand = ({ io, exit }: Kit) =>
  withSource(
    io,
    command("health", "Tells whether anything is wrong; exit code 1 if so", [
      "health",
      "health --json | jq .alarms",
      "health --url https://app.example.com/sync",
    ]).addOption(jsonOption()),
    ({ url, json }: Where & { json?: boolean }) =>
      async (source) => {
        const health = await source.health();
        if (!health.ok) exit(1);
        const there = url !== undefined;
        io.out(json ? jsonLines([health]) : healthText(io, health, there, Date.now()));
      },
  );

/** Types in so many scopes are shown; of thousands only those that have something to tell. */
const ROWS = 40;

/** @param there it is of a running process. Only that knows of webhooks: they come to it, and the store has no time of them */
export function healthText(io: Io, health: Health, there: boolean, now: number): string {
  const alarms = health.alarms.map((alarm) => `${paint(io, "red", "alarm")} ${plain(alarm)}`);
  const types = health.types.toSorted((a, b) => b.failing - a.failing || b.dirty - a.dirty);
  const rows = types
    .slice(0, ROWS)
    .map((one) => [
      plain(one.scope === "" ? one.type : `${one.type} ${one.scope}`),
      ...[one.live, one.dirty, one.failing].map(String),
      ...(there ? [ago(one.lastWebhook, now)] : []),
      ago(one.lastSweep, now),
    ]);
  const more = types.length > ROWS ? [`and ${types.length - ROWS} more`] : [];
  const losses = health.losses
    .filter(({ scope, day }) => scope === null && day.rate !== null)
    .map(
      ({ type, day }) => `${type}: ${(100 * (day.rate ?? 0)).toFixed(2)} % of a day's webhooks lost, ${day.late} late`,
    );
  const subscriptions = health.subscriptions.map((one) => [
    ...[one.name, `${one.behind} behind`, `${one.parked} parked`],
    one.halted ? `stands still at ${plain(one.halted.id)}: ${plain(one.halted.error)}` : "",
  ]);
  return [
    health.ok
      ? paint(io, "green", "all is well")
      : paint(io, "red", alarms.length === 1 ? "1 alarm" : `${alarms.length} alarms`),
    ...alarms,
    ...(rows.length > 0
      ? ["", table([["type", "live", "dirty", "failing", ...(there ? ["last webhook"] : []), "last sweep"], ...rows])]
      : []),
    ...more,
    ...(losses.length > 0 ? ["", ...losses] : []),
    ...(subscriptions.length > 0 ? ["", table([["subscription", "", "", ""], ...subscriptions])] : []),
    "",
  ].join("\n");
}
