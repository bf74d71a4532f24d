/** The answer to the commit of a claim is lost: what it leased is not left to nobody until the lease is over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PostgresPool, postgres } from "tidemark/postgres";
import type { Row } from "../../src/row.ts";
import { groundFor, note, ref } from "../store/postgres.kit.ts";

/** A pool of which a commit is done and not answered, whenever `cut` is set. */
function createCutPool(pool: PostgresPool) {
  const cut = { pool: pool as PostgresPool, next: false, cuts: 0 };
  cut.pool = {
    connect: async () => {
      const client = await pool.connect();
      const query = async (...args: Parameters<typeof client.query>) => {
        const answer = await client.query(...args);
        const [question] = args;
        const text = typeof question === "string" ? question : question.text;
        if (text !== "commit" || !cut.next) return answer;
        cut.next = false;
        cut.cuts++;
        throw Object.assign(new Error("the connection was reset"), { code: "ECONNRESET" });
      };
      return new Proxy(client, {
        get(target, key) {
          if (key === "query") return query;
          const value = Reflect.get(target, key);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
  return cut;
}

const LEASE = 180e6;
const lease = (row: Row, tick: number) =>
  row.due !== null && row.due <= tick && (row.lease ?? 0) <= tick
    ? { row: { ...row, lease: tick + LEASE } }
    : undefined;

for (const [how, select] of [
  ["of what is due", { class: "live", providers: ["a"], limit: 9 }],
  ["of one resource", { refs: [ref("1")] }],
] as const) {
  test(`a claim ${how} whose commit was not answered: what it leased is claimed by the repeat`, async (t) => {
    const { pool, schema, later } = await groundFor(t);
    const cut = createCutPool(pool);
    const store = postgres({ pool: cut.pool, schema });
    later(() => store.close());
    await store.post([note("1"), note("2")]);
    assert.equal((await store.rows({ state: "dirty", limit: 9 })).length, 2);
    // The lease of another, who still reads.
    await store.update({ refs: [ref("2")] }, lease);
    const [other] = await store.rows({ state: "dirty", limit: 1, after: ref("1") });
    cut.next = true;
    // Of the same group: it saves the row that another has leased.
    const touch = (row: Row) => (row.attempts === 0 ? { row: { ...row, attempts: 1 } } : undefined);
    const [{ rows, tick }] = await Promise.all([
      store.update(select, lease, undefined, { lazy: true }),
      store.update({ refs: [ref("2")] }, touch, undefined, { lazy: true }),
    ]);
    assert.equal(cut.cuts, 1);
    assert.deepEqual(
      rows.map(({ id, lease }) => [id, lease]),
      [["1", tick + LEASE]],
    );
    const saved = await store.rows({ state: "dirty", limit: 9 });
    assert.deepEqual(
      saved.map((row) => row.lease),
      [tick + LEASE, other?.lease],
    );
  });
}
