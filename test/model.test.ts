/**
 * Agreement with the reference model: an independent statement of the same algorithm, kept outside of this repository.
 * Skipped where it is absent.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { createRandom } from "tidemark/testing";
import {
  accept,
  BACKOFF,
  blank,
  FORGET,
  hint,
  type Observation,
  PATIENCE,
  type Row,
  type Rules,
  relate,
  settle,
} from "../src/row.ts";
import { figure } from "./figure.ts";

const place = new URL("../../shared/reference/model.mjs", import.meta.url);
const skip = existsSync(place) ? false : "the reference model is not here";
const PAIRS = 120_000;

/** The model's names for the same things. */
function toModel({ position, regressedAt, ...row }: Row) {
  const { present, print, version, incarnation, first, last, epoch, regressions } = row;
  const { hinted, floor, unversioned, confirm, attempts, due } = row;
  const recorded = position !== null;
  return {
    recorded,
    present,
    print,
    state: print,
    version,
    incarnation,
    first,
    last,
    epoch,
    regressions,
    regressedAt,
    hinted,
    floor,
    unversioned,
    confirm,
    attempts,
    due,
  };
}

test(`row.ts agrees with the reference model on ${PAIRS} random pairs`, { skip }, async (t) => {
  const model = await import(place.href);
  const { int, pick, chance, next } = createRandom(7);
  const T = 1_000 * PATIENCE;
  const maybe = (value: () => number) => (chance(0.4) ? null : value());
  // Few values, close together, so that every tie and overlap happens; now and then far apart.
  const tick = () =>
    T + (chance(0.1) ? int(-2 * PATIENCE, 2 * PATIENCE) : int(0, 8) * (chance(0.5) ? 1 : PATIENCE / 4));
  const relations: Record<string, number> = {};

  for (let n = 0; n < PAIRS; n++) {
    const rules: Rules = {
      versions: pick(["strict", "coarse", "none"]),
      grain: int(1, 3),
      lag: pick([0, 2, PATIENCE]),
    };
    const recorded = chance(0.8);
    const present = recorded && chance(0.7);
    const dirty = chance(0.6);
    const row: Row = {
      ...blank({ type: "a.b", scope: "", id: "x" }),
      ...{
        position: recorded ? 1 : null,
        present,
        print: present ? pick(["p", "q"]) : null,
        version: maybe(() => int(0, 6)),
      },
      ...{
        incarnation: maybe(() => int(0, 2)),
        first: recorded ? tick() : maybe(tick),
        last: recorded ? tick() : maybe(tick),
      },
      ...{ epoch: chance(0.2) ? tick() : null, regressions: chance(0.7) ? 0 : int(1, 4), regressedAt: null },
      ...(dirty && {
        class: "live" as const,
        due: tick(),
        hinted: maybe(tick),
        floor: maybe(() => int(0, 6)),
        unversioned: chance(0.3),
      }),
      ...(dirty && { confirm: maybe(tick), attempts: int(0, 14), lease: maybe(tick) }),
    };
    if (row.regressions > 0) row.regressedAt = tick();
    const to = T + int(0, 9) * (chance(0.5) ? 1 : PATIENCE / 4) + (chance(0.1) ? PATIENCE * 3 : 0);
    const from = chance(0.02) ? to - FORGET - int(-1, 1) : Math.min(to, tick());
    const shown = chance(0.7);
    const o: Observation = {
      ...{
        present: shown,
        print: shown ? pick(["p", "q"]) : null,
        raw: null,
        start: from,
        from,
        to,
        certain: chance(0.6),
      },
      ...{ version: shown ? maybe(() => int(0, 6)) : null, incarnation: shown ? maybe(() => int(0, 2)) : null },
    };
    const draw = next();
    const options = { ...rules, forget: FORGET, patience: PATIENCE, backoff: BACKOFF, unit: 1, random: () => draw };
    const theirs = { ...o, state: o.print };

    const relation = relate(row, o, rules);
    relations[relation] = (relations[relation] ?? 0) + 1;
    assert.equal(relation, model.relate(toModel(row), theirs, options), JSON.stringify({ row, o, rules }));

    const mine = accept(row, o, rules);
    const other = model.accept(toModel(row), theirs, options);
    assert.equal(mine.relation, other.relation);
    assert.deepEqual(
      mine.changes.map(({ present }) => present),
      other.changes.map((change: { present: boolean }) => change.present),
    );
    const after = { ...mine.row, position: mine.changes.length > 0 ? 2 : mine.row.position };
    assert.deepEqual(toModel(after), { ...other.row, state: other.row.print }, JSON.stringify({ row, o, rules }));

    const settled = settle(after, chance(0.2) ? { failed: "x", at: to } : { o, relation: mine.relation }, rules, draw);
    const wasFailure = settled.error === "x";
    const expected = model.settle(
      other.row,
      wasFailure ? { to } : theirs,
      wasFailure ? "failed" : other.relation,
      options,
    );
    const round = (due: number | null) => (due === null || !Number.isFinite(due) ? due : Math.round(due));
    assert.deepEqual(
      { ...toModel(settled), due: round(settled.due) },
      { ...expected, state: expected.print, due: round(expected.due) },
      JSON.stringify({ after, o, rules }),
    );

    const version = chance(0.5) ? int(0, 6) : undefined;
    const hinted = hint(row, version === undefined ? {} : { version }, {
      tick: to,
      class: "live",
      via: "webhook",
      due: to,
    });
    assert.deepEqual(toModel(hinted), model.hint(toModel(row), { version }, to, options));
  }
  t.diagnostic(JSON.stringify(relations));
  for (const relation of ["same", "newer", "older", "regressed", "unordered"])
    assert.ok((relations[relation] ?? 0) > 1_000, relation);
  figure(t, "F2", `${PAIRS} random pairs of row and observation: 0 differences`);
});
