import type { Mutant } from "./mutant.ts";

/** A wrong engine, or plugin, for the scenarios: one change at a time. */
const of =
  (test: string, env?: Mutant["env"]) =>
  (id: string, file: string, removes: string, find: string, replace: string): Mutant => ({
    ...{ id: `scenario-${id}`, file, removes, find, replace, tests: [`test/${test}.test.ts`] },
    ...(env && { env }),
  });
const ordering = of("scenarios/ordering");
const deletion = of("scenarios/deletion");
const paging = of("scenarios/paging");
const crash = of("scenarios/crash", { PENDING: "3000" });
const provider = of("scenarios/provider");
const security = of("scenarios/security");

const row = "src/row.ts";
const placed = [row, `return certainlyAfter(o, row.first) ? "newer" : "unordered";`, `return "newer";`] as const;
const lagging = "const base = { start, from: start - lag, to, certain };";

export const scenarios: readonly Mutant[] = [
  ordering("late", placed[0], "what cannot be placed is not recorded", placed[1], placed[2]),
  ordering(
    "below",
    row,
    "a read below the hinted version is repeated",
    "if (certainlyAfter(o, row.hinted) && !(below && patient)) return true;",
    "if (certainlyAfter(o, row.hinted)) return true;",
  ),
  ordering(
    "patience",
    row,
    "a version that nobody serves is given up",
    "if (certainlyAfter(o, row.hinted) && !(below && patient)) return true;",
    "if (certainlyAfter(o, row.hinted) && !below) return true;",
  ),
  ordering(
    "lag",
    "src/work/observe.ts",
    "a read may be as far behind as was declared",
    lagging,
    "const base = { start, from: start, to, certain };",
  ),
  ordering(
    "regressed",
    row,
    "one read alone does not show that a version fell",
    "return [{ ...row, regressions, regressedAt }, regressions >= 3 && o.to - regressedAt >= PATIENCE];",
    "return [{ ...row, regressions, regressedAt }, true];",
  ),
  ordering(
    "epoch",
    row,
    "a page from before a provider went back has no version",
    "const beforeEpoch = row.epoch !== null && o.from <= row.epoch;",
    "const beforeEpoch = false;",
  ),
  ordering(
    "tied",
    row,
    "equal versions are not equal states",
    'if (row.present === o.present && row.print === o.print && (!o.present || otherIncarnation === null)) return "same";',
    'if (row.present === o.present && (row.print === o.print || (o.version !== null && o.version === row.version))) return "same";',
  ),
  ordering(
    "equal",
    row,
    "the version rises with equal content",
    "version: counts ? later(row.version, o.version) : row.version,",
    "version: row.version,",
  ),
  deletion(
    "tombstone",
    row,
    "a version says nothing across a deletion",
    "const order = row.present ? compareVersions(o.version, row.version, rules) : 0;",
    "const order = row.present || row.version === null ? compareVersions(o.version, row.version, rules) : 1;",
  ),
  deletion(
    "behind",
    "src/work/observe.ts",
    "a list may be as far behind as was declared",
    lagging,
    "const base = { start, from: start, to, certain };",
  ),
  deletion(
    "incarnation",
    row,
    "another incarnation is a deletion and a creation",
    "const changes = replaced ? [{ present: false }, { present: o.present }] : [{ present: o.present }];",
    "const changes = [{ present: o.present }];",
  ),
  deletion(
    "probes",
    "src/work/read.ts",
    "not found is believed between two good probes only",
    "if (missing.length > 0) {",
    "if (missing.length > 99) {",
  ),
  deletion(
    "mass",
    "src/sweep/guard.ts",
    "many deletions at once wait for another sweep",
    "if (tooMany) return { state: { ...state, tripped: now, held: absent }, hold: true };",
    "if (tooMany) return { state: { ...state, tripped: now, held: absent }, hold: false };",
  ),
  deletion(
    "forgotten",
    row,
    "a read as old as a tombstone that may be forgotten is not placed",
    `if (o.from <= o.to - FORGET) return "unordered";`,
    "",
  ),
  deletion(
    "suspects",
    "src/sweep.ts",
    "what a sweep did not see is asked for",
    "const { rows } = await engine.store.update(select, step);",
    "const { rows } = await engine.store.update(select, () => undefined);",
  ),
  deletion(
    "soft",
    "providers/stripe/read.ts",
    "what says that it is deleted is gone",
    "if (isDeleted(answer)) return gone;",
    "",
  ),
  paging(
    "failed-page",
    "src/sweep.ts",
    "a page that failed is not the last one",
    "const page = await call(engine, spot, ask, { fresh: true, permit });",
    "const page = await call(engine, spot, ask, { fresh: true, permit }).catch(() => ({ items: [], next: null }));",
  ),
  paging(
    "expired",
    "src/reconcile/plan.ts",
    "a sweep that is stuck begins anew",
    `phase !== "done" && now - moved > ticks(sweepEvery);`,
    "phase === undefined && now - moved > ticks(sweepEvery);",
  ),
  paging(
    "end",
    "src/sweep.ts",
    "a page without items is not the end",
    "after = countPage(afterPage(sweepOf(at), page.next), page, tick - at.at);",
    "after = countPage(afterPage(sweepOf(at), page.items?.length ? page.next : null), page, tick - at.at);",
  ),
  paging(
    "github-ahead",
    "providers/github/feed.ts",
    "our clock may be ahead of GitHub's",
    "stamp(context.now() - AHEAD)",
    "stamp(context.now())",
  ),
  paging(
    "gitlab-ahead",
    "providers/gitlab/feed.ts",
    "our clock may be ahead of GitLab's",
    "stamp(context.now() - AHEAD)",
    "stamp(context.now())",
  ),
  of("providers/gitlab.feed")(
    "gitlab-pushes-ahead",
    "providers/gitlab/pushes.ts",
    "our clock may be ahead of GitLab's, in the feed of pushes, too",
    "stamp(context.now() - AHEAD)",
    "stamp(context.now())",
  ),
  crash(
    "unsaved",
    "src/receive.ts",
    "a webhook is saved before it is answered",
    `await saveHints(engine, ours, { class: "live", via: "webhook" });`,
    `void saveHints(engine, ours, { class: "live", via: "webhook" }).catch(() => {});`,
  ),
  crash(
    "live",
    "src/receive.ts",
    "what a webhook names comes first",
    `await saveHints(engine, ours, { class: "live", via: "webhook" });`,
    `await saveHints(engine, ours, { class: "sweep", via: "webhook" });`,
  ),
  crash(
    "repeat",
    row,
    "a webhook that comes again is known",
    'return known !== undefined && (via !== "webhook" || tick - known.tick < REPEAT);',
    'return known !== undefined && via !== "webhook";',
  ),
  crash(
    "during",
    row,
    "a hint is met by a read that began after it",
    "if (certainlyAfter(o, row.hinted) && !(below && patient)) return true;",
    "if (!(below && patient)) return true;",
  ),
  crash(
    "overtaken",
    "src/hold.ts",
    "who lost the sweep saves nothing of it",
    "if (!moved) throw",
    "if (!moved) return { ...at, value: change(at, tick) };\n        if (!moved) throw",
  ),
  crash(
    "consumer",
    "src/deliver/push.ts",
    "a change is handled before it is saved that it was",
    "if (!transaction) await work();",
    "if (!transaction) await save(after).then(() => work());",
  ),
  crash(
    "rolled-back",
    "src/change.ts",
    "a cursor names a change, and not a position alone",
    "const there = entry?.position === position ? entry.tick === tick : position === head.compacted;",
    "const there = entry?.position === position || position === head.compacted;",
  ),
  provider(
    "hour",
    "src/errors.ts",
    "nobody is waited for longer than an hour",
    "const wait = ms >= 0 ? Math.min(ms, HOUR) : MINUTE;",
    "const wait = ms >= 0 ? ms : MINUTE;",
  ),
  provider(
    "failed",
    "src/work/read.ts",
    "a read that failed is no absence",
    "return Promise.all(ids.map((id) => resource.fetch(id, context)));",
    "return Promise.all(ids.map((id) => Promise.resolve(resource.fetch(id, context)).catch(() => gone)));",
  ),
  provider("validator", placed[0], "a 304 is a read like any other", placed[1], placed[2]),
  provider(
    "delivery",
    "providers/github/webhook.ts",
    "a delivery is known by its id",
    "return { id: delivery, name:",
    "return { id: delivery + Math.random(), name:",
  ),
  provider(
    "digits",
    "src/json.ts",
    "an id keeps its last digit",
    "return LONG.test(source) ? JSON.parse(source, exact) : JSON.parse(source);",
    "return JSON.parse(source);",
  ),
  provider(
    "keys",
    "src/canonical.ts",
    "the order of keys says nothing",
    "Object.keys(from).sort()",
    "Object.keys(from)",
  ),
  security(
    "other-scope",
    "src/receive.ts",
    "what is signed for one scope touches no other",
    "if (scope !== undefined && hints.some((hint) => hint.scope !== scope)) {",
    "if (scope === null) {",
  ),
  security(
    "empty",
    "src/verify/secrets.ts",
    "an empty secret is refused",
    `if (!good || list.some((secret) => secret.trim() === "" || secret === "whsec_")) {`,
    "if (!good) {",
  ),
  security(
    "rotated",
    "src/verify/secrets.ts",
    "a function is asked for its secrets each time",
    "return async (scope) => {\n    try {\n      return checked(await secrets(scope));",
    "let kept: ReturnType<typeof secrets> | undefined;\n  return async (scope) => {\n    try {\n      kept ??= secrets(scope);\n      return checked(await kept);",
  ),
];
