/**
 * Creates the tables, or brings them to this code's version.
 * @module
 */
import { StoreError } from "../../errors.ts";
import { randomName, type Time } from "../../time.ts";
import { ask, askAll, type PostgresClient } from "./client.ts";
import { type Migration, migrations } from "./schema.ts";

/** Of the advisory lock under which tables are changed: any number that others do not use. */
const LOCK = 7_430_127;

/**
 * Many processes may do so at once: one does it, the others wait for it. Where nothing is to be done no permission to create is
 * needed, and no lock is taken.
 *
 * @throws StoreError if the tables are of a version that this code cannot work with
 */
export async function migrate(
  client: PostgresClient,
  schema: string,
  time: Time,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  if ((await versionOf(client, schema, steps)) >= steps.length) return;
  const { rows } = await ask(client, "select exists (select from pg_namespace where nspname = $1) as there", [
    schema.replaceAll('"', ""),
  ]);
  // Several at once make even "if not exists" fail, so the lock comes first.
  const create = rows[0]?.["there"] === "t" ? [] : [`create schema if not exists ${schema}`];
  await askAll(client, [
    ...["begin isolation level read committed read write", `select pg_advisory_xact_lock(${LOCK})`, ...create],
    `create table if not exists ${schema}.version (version integer primary key, oldest integer not null)`,
  ]);
  const from = await versionOf(client, schema, steps);
  for (const [i, { sql, oldest }] of steps.entries()) {
    if (i < from) continue;
    await askAll(client, [sql.replaceAll("$.", `${schema}.`)]);
    await ask(client, `insert into ${schema}.version (version, oldest) values ($1, $2)`, [i + 1, oldest]);
  }
  await ask(client, `insert into ${schema}.head (log) values ($1) on conflict do nothing`, [randomName(time)]);
  await ask(client, "commit");
}

/** The version of the tables; 0: there are none. */
async function versionOf(client: PostgresClient, schema: string, steps: readonly Migration[]): Promise<number> {
  const there = await ask(client, "select to_regclass($1) is not null as there", [`${schema}.version`]);
  if (there.rows[0]?.["there"] !== "t") return 0;
  const { rows } = await ask(client, `select version, oldest from ${schema}.version order by version desc limit 1`);
  const [version, oldest] = [Number(rows[0]?.["version"] ?? 0), Number(rows[0]?.["oldest"] ?? 0)];
  if (oldest > steps.length) {
    const help = `update this one to a release that knows version ${oldest}`;
    throw new StoreError(`postgres: the schema ${schema} was written by a newer version of Tidemark: ${help}`);
  }
  return version;
}
