/**
 * The least that reading the log can cost: the states of all entries, parsed, by pages as large as the engine's; nothing is
 * checked.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import pg from "pg";

const PAGE = 200;

type Row = readonly [position: number | string, state: string];

/** From a SQLite file. Answers how many there are. */
export async function countInFile(file: string): Promise<number> {
  const db = new DatabaseSync(file, { readOnly: true });
  const page = db.prepare(`select position, state from entry where position > ? order by position limit ${PAGE}`);
  page.setReturnArrays(true);
  try {
    return await count((after) => page.all(Number(after)) as unknown as Row[]);
  } finally {
    db.close();
  }
}

/** From a Postgres database, with the driver of the engine. */
export async function countInDatabase(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const text = `select position, state from tidemark.entry where position > $1 order by position limit ${PAGE}`;
  try {
    return await count(async (after) => {
      const { rows } = await client.query({ name: "page", text, values: [after], rowMode: "array" });
      return rows as unknown as Row[];
    });
  } finally {
    await client.end();
  }
}

async function count(pageAfter: (after: number | string) => readonly Row[] | Promise<readonly Row[]>): Promise<number> {
  let entries = 0;
  for (let after: number | string = 0; ; ) {
    const rows = await pageAfter(after);
    for (const [, state] of rows) if (JSON.parse(state) !== null) entries++;
    after = rows.at(-1)?.[0] ?? after;
    if (rows.length === 0) return entries;
  }
}
